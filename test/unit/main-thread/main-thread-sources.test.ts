import assert from 'node:assert/strict';
import { NotificationType } from 'vscode-jsonrpc/node';
import { PluginFrames } from '../../../src/core/broadcast/collection/plugin-frames.js';
import { MainThreadSources } from '../../../src/core/main-thread/main-thread-sources.js';
import { SourceFeed } from '../../../src/core/main-thread/source-feed.js';
import { SourceListFeed } from '../../../src/core/main-thread/source-list-feed.js';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';
import type { SourceState, SourceStatus } from '../../../src/protocol/encoder.js';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import {
  type PluginFrameHead,
  pluginFrameBytes,
  writePluginFrameHead,
} from '../../../src/protocol/plugin-frames.js';
import {
  SourceListChangedNotification,
  type SourceSnapshot,
  SourcesChangedNotification,
} from '../../../src/protocol/plugin-sources.js';
import { eventually } from '../../support/wait.js';
import { BroadcastStage, configOf } from '../broadcast/broadcast-stage.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

const MAY = {
  permissions: ['sources'],
  granted: ['sources'],
} as const;
const CONTENT = {
  sources: [
    { id: 'cam', type: 'colour', fallback: 'still' },
    { id: 'still', type: 'colour' },
  ],
  scenes: [{ id: 'one', layers: [{ id: 'cam', source: 'cam' }] }],
};
const CALLS: readonly [method: string, params: object][] = [
  ['list', {}],
  ['add', { source: { id: 'new', type: 'colour' } }],
  ['addIfMissing', { source: { id: 'new', type: 'colour' } }],
  ['set', { id: 'cam', change: { warm: true } }],
  ['remove', { id: 'still' }],
  ['restart', { id: 'cam' }],
  ['play', { id: 'cam' }],
  ['follow', {}],
  ['offerFrame', { id: 'cam' }],
];

describe('sources, as plugins see and change them', () => {
  let stage: BroadcastStage;
  let feed: SourceFeed;
  let listFeed: SourceListFeed;
  let frames: PluginFrames;
  /** Sources of which the encoder was sent frames. */
  let shown: string[];
  let plugins: InstalledPlugin[];
  let host: FakeHost;
  let told: unknown[];
  let lists: unknown[];

  beforeEach(async () => {
    stage = new BroadcastStage();
    feed = new SourceFeed(stage.broadcast, stage.collection);
    plugins = [installedPlugin('may', MAY), installedPlugin('revoked', { ...MAY, granted: [] })];
    [told, lists] = [[], []];
    listFeed = new SourceListFeed(stage.collection);
    frames = new PluginFrames(stage.collection, {
      sources: () => stage.encoder.sources(),
      onDidReportSources: stage.encoder.onDidReportSources,
      frames: {
        sendFrame: ({ source }) => void shown.push(source),
        sendPresence: ({ source }, presence) => void shown.push(`${source} ${presence}`),
      },
    });
    shown = [];
    const served = new MainThreadSources(stage.sources, feed, listFeed, frames);
    host = new FakeHost(served, plugins, (connection) => {
      const type = new NotificationType<{ changes: unknown[] }>(SourcesChangedNotification.method);
      connection.onNotification(type, ({ changes }) => void told.push(...changes));
      const list = new NotificationType<unknown>(SourceListChangedNotification.method);
      connection.onNotification(list, (change) => void lists.push(change));
    });
    await stage.start(configOf(['main'], CONTENT), '/show.jsonc');
  });
  afterEach(async () => {
    host.dispose();
    frames.dispose();
    await stage.end();
    feed.dispose();
    listFeed.dispose();
  });

  const ask = (method: string, params: object = {}, plugin = 'may') =>
    host.request(`sources/${method}`, { plugin, ...params });
  const list = async () => (await ask('list')) as readonly SourceSnapshot[];
  const report = async (states: Readonly<Record<string, SourceState>>) => {
    const error = { code: ErrorCodes.inputNotFound, message: 'it is unplugged', remedy: 'Plug it in.' };
    stage.encoder.sources = () =>
      Object.entries(states).map(
        ([id, state]): SourceStatus => ({
          ...{ id, type: 'colour', state, item: 0, positionMs: 0, pid: 0 },
          ...(state === 'retrying' ? { error } : {}),
        }),
      );
    stage.encoder.reportSources.fire();
    await ask('list');
  };

  it('are listed with their states', async () => {
    await report({ cam: 'retrying' });
    assert.deepEqual(await list(), [
      {
        ...{
          id: 'cam',
          type: 'colour',
          name: 'plain colour',
          fallback: 'still',
          warm: false,
          scenes: ['one'],
        },
        ...{ state: 'retrying', error: 'it is unplugged' },
      },
      { id: 'still', type: 'colour', name: 'plain colour', warm: false, scenes: [], state: 'cold' },
    ]);
  });

  it('are added, changed, restarted and removed, and the streamer can undo it', async () => {
    await ask('add', { source: { id: 'clip', type: 'file', path: 'media/clip.mp4' } });
    const paths = () =>
      stage.collection.current.sources.map((source) => ('path' in source ? source.path : undefined));
    assert.deepEqual(paths(), [undefined, undefined, '/plugins/may/media/clip.mp4']);
    await ask('set', { id: 'clip', change: { path: '/media/other.mp4', warm: true } });
    assert.deepEqual(paths()[2], '/media/other.mp4');
    await ask('restart', { id: 'cam' });
    assert.deepEqual(stage.encoder.restartSource.args, [['cam']]);
    await ask('remove', { id: 'clip' });
    assert.deepEqual(
      (await list()).map(({ id }) => id),
      ['cam', 'still'],
    );
    await stage.scenes.undo();
    assert.deepEqual(
      (await list()).map(({ id }) => id),
      ['cam', 'still', 'clip'],
    );
  });

  for (const [method, params] of CALLS) {
    it(`need the permission for ${method}`, async () => {
      await assert.rejects(ask(method, params, 'revoked'), {
        code: 'permission.denied',
        message: /^the plugin "revoked" may not see, add and change sources/,
      });
      assert.equal(stage.encoder.setStage.callCount + stage.encoder.restartSource.callCount, 0);
    });
  }

  const wrong: readonly [method: string, params: object, error: object][] = [
    ['restart', { id: 'can' }, { code: 'source.notFound', message: /"can"; did you mean "cam"\?/ }],
    ['add', { source: { id: 'cam', type: 'colour' } }, { code: 'config.invalid', message: /already/ }],
    ['add', { source: { id: 'new', type: 'colur' } }, { code: 'config.invalid' }],
    ['set', { id: 'cam', change: { colour: 5 } }, { code: 'config.invalid', message: /colour/ }],
    ['remove', { id: 'cam' }, { code: 'config.invalid', remedy: 'Take it out there first.' }],
    [
      'add',
      { source: { id: 'new', type: 'playlist', items: Array.from({ length: 1200 }, () => 'a.mp4') } },
      { code: 'plugin.failed', message: /at most 1100 values in all/ },
    ],
  ];
  for (const [method, params, error] of wrong) {
    it(`refuse ${method} ${JSON.stringify(params).slice(0, 60)}`, async () => {
      await assert.rejects(ask(method, params), error);
      assert.equal(stage.encoder.setStage.callCount, 0);
    });
  }

  it('tell those who follow, and may, when the state of one has changed', async () => {
    await report({ cam: 'starting' });
    await ask('follow');
    await report({ cam: 'live' });
    await report({ cam: 'live' });
    await report({ cam: 'retrying', still: 'live' });
    await report({ cam: 'live' });
    assert.deepEqual(told, [
      { id: 'cam', from: 'starting', to: 'live' },
      { id: 'cam', from: 'live', to: 'retrying', error: 'it is unplugged' },
      { id: 'still', from: 'cold', to: 'live' },
      { id: 'cam', from: 'retrying', to: 'live' },
      { id: 'still', from: 'live', to: 'cold' },
    ]);
    told.length = 0;
    for (const plugin of plugins) plugin.granted = [];
    stage.encoder.sources = () => [];
    stage.encoder.reportSources.fire();
    await assert.rejects(list());
    assert.deepEqual(told, []);
  });

  describe('and make frames of', () => {
    const FRAME = { plugin: 'may', source: 'meters', width: 2, height: 2 };
    const misuses: string[] = [];
    beforeEach(async () => {
      misuses.length = 0;
      host.channel.onDidMisuse(({ message }) => misuses.push(message));
      await ask('add', { source: { id: 'meters', type: 'plugin', plugin: 'may', warm: true } });
    });
    const open = () => {
      stage.encoder.sources = () => [
        { id: 'meters', type: 'plugin', state: 'starting', item: 0, positionMs: 0, pid: 0 },
      ];
      stage.encoder.reportSources.fire();
    };
    const send = async (head: PluginFrameHead) => {
      host.frames.write(Buffer.concat([writePluginFrameHead(head), Buffer.alloc(pluginFrameBytes(head))]));
      for (let turns = 0; turns < 5; turns += 1) await ask('list');
    };

    it('are told whether anybody sees them', async () => {
      assert.deepEqual(await ask('offerFrame', { id: 'meters' }), { isWanted: false });
      open();
      assert.deepEqual(await ask('offerFrame', { id: 'meters' }), { isWanted: true });
      await assert.rejects(ask('offerFrame', { id: 'cam' }), {
        code: 'source.notFound',
        message: /no source "cam" of the plugin "may"/,
      });
    });

    it('are shown, as long as the host runs', async () => {
      open();
      await send(FRAME);
      assert.deepEqual(shown, ['meters']);
      host.served.dispose();
      await send(FRAME);
      assert.deepEqual([shown, misuses], [['meters', 'meters gone'], []]);
    });

    it('may not be in the name of another, nor anything else', async () => {
      open();
      await send({ ...FRAME, plugin: 'elsewhere' });
      await send(FRAME);
      assert.deepEqual(shown, []);
      assert.equal(misuses.length, 1);
      assert.match(
        misuses[0] ?? '',
        /^it sends frames that are not valid: .*"elsewhere", which does not run in it/,
      );
    });
  });

  it('are noted as added by the plugin, whatever it says, and once', async () => {
    const source = { id: 'own', type: 'colour', addedBy: 'other' };
    assert.equal(await ask('addIfMissing', { source }), true);
    assert.equal(await ask('addIfMissing', { source }), false);
    await ask('set', { id: 'own', change: { addedBy: null, warm: true } });
    await ask('set', { id: 'own', change: { type: 'test-pattern' } });
    await ask('set', { id: 'still', change: { addedBy: 'may' } });
    assert.deepEqual(
      (await list()).map(({ id, addedBy, warm }) => [id, addedBy, warm]),
      [
        ['cam', undefined, false],
        ['still', undefined, false],
        ['own', 'may', true],
      ],
    );
  });

  it('tell those who follow, and may, which have come, gone, or changed', async () => {
    const heard = (
      what: string,
      change: Readonly<Record<'added' | 'removed' | 'changed', readonly string[]>>,
    ) =>
      eventually(what, () => {
        try {
          assert.deepEqual(lists, [change]);
          return lists.splice(0);
        } catch {
          return undefined;
        }
      });
    await ask('follow');
    await heard('those of the broadcast', { added: ['cam', 'still'], removed: [], changed: [] });
    await ask('add', { source: { id: 'clip', type: 'file', path: 'a.mp4' } });
    await ask('set', { id: 'cam', change: { warm: true } });
    await ask('remove', { id: 'clip' });
    await ask('add', { source: { id: 'new', type: 'colour' } });
    await heard('changes together', { added: ['new'], removed: [], changed: ['cam'] });
    await stage.broadcast.stop();
    await heard('the end', { added: [], removed: ['cam', 'still', 'new'], changed: [] });
    for (const plugin of plugins) plugin.granted = [];
    const fired = new Promise<void>((resolve) => listFeed.onDidChange(() => resolve()));
    await stage.start(configOf(['main'], CONTENT), '/show.jsonc');
    await fired;
    await assert.rejects(list());
    assert.deepEqual(lists, []);
  });

  it('begin anew with the next broadcast', async () => {
    await ask('follow');
    await report({ cam: 'live' });
    told.length = 0;
    await stage.broadcast.stop();
    await assert.rejects(list(), { code: 'broadcast.state' });
    assert.deepEqual(feed.states(), new Map());
    await stage.start(configOf(['main'], CONTENT), '/show.jsonc');
    await report({ cam: 'live' });
    assert.deepEqual(told, [{ id: 'cam', from: 'cold', to: 'live' }]);
  });
});
