import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import sinon from 'sinon';
import { NotificationType } from 'vscode-jsonrpc/node';
import { MainThreadScenes } from '../../../src/core/main-thread/main-thread-scenes.js';
import { SceneFeed } from '../../../src/core/main-thread/scene-feed.js';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';
import { ScenesChangedNotification } from '../../../src/protocol/plugin-scenes.js';
import type { SceneStatus } from '../../../src/protocol/scenes.js';
import { eventually } from '../../support/wait.js';
import { BroadcastStage, configOf } from '../broadcast/broadcast-stage.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

const MAY = {
  permissions: ['scenes'],
  granted: ['scenes'],
} as const;
const CONTENT = {
  sources: [{ id: 'cam', type: 'colour' }],
  scenes: [{ id: 'one', layers: [{ id: 'cam', source: 'cam' }] }, { id: 'two' }],
};
const CALLS: readonly [method: string, params: object][] = [
  ['scenes/list', {}],
  ['scenes/switch', { id: 'two' }],
  ['scenes/preview', { id: 'two' }],
  ['scenes/take', {}],
  ['scenes/add', { scene: { id: 'three' } }],
  ['scenes/set', { scene: { id: 'two' } }],
  ['scenes/remove', { id: 'two' }],
  ['scenes/addLayer', { scene: 'two', layer: { id: 'cam', source: 'cam' } }],
  ['scenes/setLayer', { scene: 'one', id: 'cam', change: {} }],
  ['scenes/moveLayers', { scene: 'one', changes: { cam: { x: 2 } }, durationMs: 300, easing: 'linear' }],
  ['scenes/removeLayer', { scene: 'one', id: 'cam' }],
  ['scenes/follow', {}],
];

describe('scenes, as plugins see and change them', () => {
  let stage: BroadcastStage;
  let feed: SceneFeed;
  let plugins: InstalledPlugin[];
  let host: FakeHost;
  let told: unknown[];

  beforeEach(async () => {
    stage = new BroadcastStage();
    feed = new SceneFeed(stage.collection);
    plugins = [installedPlugin('may', MAY), installedPlugin('revoked', { ...MAY, granted: [] })];
    told = [];
    host = new FakeHost(new MainThreadScenes(stage.scenes, feed), plugins, (connection) => {
      const type = new NotificationType<unknown>(ScenesChangedNotification.method);
      connection.onNotification(type, (scenes) => void told.push(scenes));
    });
    await stage.start(configOf(['main'], CONTENT));
  });
  afterEach(async () => {
    host.dispose();
    await stage.end();
    feed.dispose();
  });

  const ask = (method: string, params: object = {}, plugin = 'may') =>
    host.request(`scenes/${method}`, { plugin, ...params });
  const list = async () => (await ask('list')) as readonly SceneStatus[];
  const ids = async () => (await list()).map(({ id }) => id);

  it('are listed, switched, previewed and taken', async () => {
    await ask('switch', { id: 'two', transition: { type: 'fade', durationMs: 40 } });
    const [, transition] = stage.encoder.setStage.lastCall.args;
    assert.deepEqual(transition, { type: 'fade', durationMs: 40, direction: 'left' });
    await ask('preview', { id: 'one' });
    assert.deepEqual(
      (await list()).map(({ id, isOnAir, isPreviewed }) => [id, isOnAir, isPreviewed]),
      [
        ['one', false, true],
        ['two', true, false],
      ],
    );
    await ask('take');
    await ask('preview', { id: null });
    const [one, two] = await list();
    assert.deepEqual([one?.isOnAir, two?.isPreviewed], [true, false]);
    await assert.rejects(ask('take'), { code: 'broadcast.state', message: /no scene is previewed/ });
  });

  it('are added, changed and removed, with their layers, and the streamer can undo it', async () => {
    await ask('add', { scene: { id: 'three' } });
    await ask('addLayer', { scene: 'three', layer: { id: 'cam', source: 'cam' } });
    await ask('addLayer', { scene: 'three', layer: { id: 'low', source: 'cam' }, at: 0 });
    await ask('setLayer', { scene: 'three', id: 'cam', change: { x: 50 } });
    const layers = async () => (await list())[2]?.layers.map(({ id, x }) => [id, x]);
    assert.deepEqual(await layers(), [
      ['low', 0],
      ['cam', 50],
    ]);
    await ask('removeLayer', { scene: 'three', id: 'low' });
    await ask('set', { scene: { id: 'two', layers: [{ id: 'x', source: 'cam' }] } });
    await ask('remove', { id: 'three' });
    assert.deepEqual(await ids(), ['one', 'two']);
    await stage.scenes.undo();
    assert.deepEqual(await layers(), [['cam', 50]]);
  });

  it('have layers that are moved, at most as long as a transition', async () => {
    const move = { scene: 'one', changes: { cam: { x: 40 } }, durationMs: 300, easing: 'linear' };
    await ask('moveLayers', move);
    const [, , glide] = stage.encoder.setStage.lastCall.args;
    assert.deepEqual(glide, { durationMs: 300, easing: 'linear' });
    assert.equal((await list())[0]?.layers[0]?.x, 40);
    for (const wrong of [{ durationMs: 10_001 }, { easing: 'bouncy' }, { changes: { cam: 5 } }])
      await assert.rejects(ask('moveLayers', { ...move, ...wrong }), { code: 'plugin.failed' });
    await assert.rejects(ask('moveLayers', { ...move, changes: { can: {} } }), /did you mean "cam"/);
  });

  for (const [method, params] of CALLS) {
    it(`need the permission for ${method}`, async () => {
      const ask = (plugin: string) => host.request(method, { plugin, ...params });
      await assert.rejects(ask('revoked'), {
        code: 'permission.denied',
        message: 'the plugin "revoked" may not see, change and switch scenes',
      });
      assert.deepEqual(await ids(), ['one', 'two']);
    });
  }

  const wrong: readonly [method: string, params: object, error: object][] = [
    ['switch', { id: 'tow' }, { code: 'scene.notFound', message: /"tow"; did you mean "two"\?/ }],
    [
      'switch',
      { id: 'two', transition: { type: 'wipe' } },
      { code: 'config.invalid', message: /^transition: type: expected .*"fade".*got "wipe"/ },
    ],
    [
      'switch',
      { id: 'two', transition: { duration: 5 } },
      { code: 'config.invalid', message: /unknown key "duration"; did you mean "durationMs"\?/ },
    ],
    ['switch', { id: 'two', transition: 'fade' }, { code: 'config.invalid' }],
    ['remove', { id: 'one' }, { code: 'config.invalid', remedy: 'Switch to another one first.' }],
    ['add', { scene: { id: 'one' } }, { code: 'config.invalid', message: /there is a scene "one" already/ }],
    ['setLayer', { scene: 'one', id: 'cam', change: { opacity: 2 } }, { code: 'config.invalid' }],
    ['setLayer', { scene: 'one', id: 'can', change: {} }, { code: 'scene.notFound', message: /"cam"\?/ }],
    [
      'set',
      { scene: { id: 'one', layers: Array.from({ length: 1000 }, () => ({ id: 'x' })) } },
      { code: 'plugin.failed', message: /at most 1000 values in all/ },
    ],
    ['preview', {}, { code: 'plugin.failed' }],
  ];
  for (const [method, params, error] of wrong) {
    it(`refuse ${method} ${JSON.stringify(params).slice(0, 60)}`, async () => {
      await assert.rejects(ask(method, params), error);
      assert.equal(stage.encoder.setStage.callCount, 0);
    });
  }

  it('tell those who follow, and may, of another scene at once, and of other changes combined', async () => {
    await ask('switch', { id: 'two' });
    assert.deepEqual(await ask('follow'), { onAir: 'two' });
    assert.deepEqual(told, []);
    await stage.scenes.switchTo({ id: 'one' });
    await list();
    assert.deepEqual(told.splice(0), [{ onAir: 'one' }]);
    for (let x = 0; x < 50; x += 1) await ask('setLayer', { scene: 'one', id: 'cam', change: { x } });
    await stage.scenes.preview({ id: 'two' });
    await eventually(
      'the preview to be told',
      () => isDeepStrictEqual(told.at(-1), { onAir: 'one', previewed: 'two' }) || undefined,
    );
    assert.ok(told.length < 50, `${told.length} times`);
    await stage.scenes.preview({ id: null });
    await eventually(
      'no preview to be told',
      () => isDeepStrictEqual(told.at(-1), { onAir: 'one' }) || undefined,
    );
    for (const plugin of plugins) plugin.granted = [];
    told.length = 0;
    await stage.scenes.switchTo({ id: 'two' });
    await assert.rejects(list());
    assert.deepEqual(told, []);
  });

  it('are changed a limited number of times, and read and switched less often', async () => {
    const settled = async (method: string, params: object = {}) => {
      const calls = Array.from({ length: 300 }, () => ask(method, params));
      const results = await Promise.allSettled(calls);
      return results.filter(({ status }) => status === 'rejected').length;
    };
    const clock = sinon.useFakeTimers({ toFake: ['performance'] });
    try {
      host.dispose();
      host = new FakeHost(new MainThreadScenes(stage.scenes, feed), plugins);
      assert.equal(await settled('setLayer', { scene: 'one', id: 'cam', change: { x: 1 } }), 200);
      assert.equal(await settled('switch', { id: 'two' }), 280);
      await assert.rejects(list(), { code: 'rpc.busy', where: 'may', remedy: 'Call less often.' });
      clock.tick(1000);
      assert.equal(await settled('list'), 290);
      assert.equal(await settled('setLayer', { scene: 'one', id: 'cam', change: { x: 1 } }), 270);
    } finally {
      clock.restore();
    }
  });
});
