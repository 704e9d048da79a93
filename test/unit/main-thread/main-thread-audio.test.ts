import assert from 'node:assert/strict';
import sinon from 'sinon';
import { NotificationType } from 'vscode-jsonrpc/node';
import { MainThreadAudio } from '../../../src/core/main-thread/main-thread-audio.js';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';
import { PluginLevelsNotification } from '../../../src/protocol/plugin-audio.js';
import { BroadcastStage, configOf } from '../broadcast/broadcast-stage.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

const MAY = {
  permissions: ['audio'],
  granted: ['audio'],
} as const;
const CONTENT = { sources: [{ id: 'mic', type: 'colour' }], scenes: [{ id: 'one' }] };
const LEVELS = { peakDbfs: -6, rmsDbfs: -12, shortTermLufs: null };

describe('sound, as plugins hear and change it', () => {
  let clock: sinon.SinonFakeTimers;
  let stage: BroadcastStage;
  let plugins: InstalledPlugin[];
  let host: FakeHost;
  let told: unknown[];

  beforeEach(async () => {
    clock = sinon.useFakeTimers({ now: 1_000_000, toFake: ['performance'] });
    stage = new BroadcastStage();
    plugins = [
      installedPlugin('may', MAY),
      installedPlugin('other', MAY),
      installedPlugin('revoked', { ...MAY, granted: [] }),
    ];
    told = [];
    host = new FakeHost(new MainThreadAudio(stage.audio, stage.broadcast), plugins, (connection) => {
      const type = new NotificationType<unknown>(PluginLevelsNotification.method);
      connection.onNotification(type, (levels) => void told.push(levels));
    });
    await stage.start(configOf(['main'], CONTENT));
  });
  afterEach(async () => {
    host.dispose();
    clock.restore();
    await stage.end();
    stage.encoder.measure.dispose();
  });

  const ask = (method: string, params: object = {}, plugin = 'may') =>
    host.request(`audio/${method}`, { plugin, ...params });
  /** So many levels, every 50 ms. */
  const measure = async (count: number) => {
    told.length = 0;
    for (let index = 0; index < count; index += 1) {
      stage.encoder.measure.fire({ mix: LEVELS, sources: { mic: LEVELS } });
      clock.tick(50);
    }
    await ask('follow', { intervalMs: null }, 'other');
    return told.length;
  };

  it('is listed and changed, and the streamer can undo it', async () => {
    await ask('set', { id: 'mic', change: { gainDb: -6, muted: true } });
    const list = async () => (await ask('list')) as readonly { id: string; gainDb: number; pan: number }[];
    const [mic] = await list();
    assert.deepEqual([mic?.id, mic?.gainDb, mic?.pan], ['mic', -6, 0]);
    await stage.scenes.undo();
    assert.equal((await list())[0]?.gainDb, 0);
  });

  for (const [method, params] of [
    ['list', {}],
    ['set', { id: 'mic', change: {} }],
    ['follow', { intervalMs: 50 }],
  ] as const) {
    it(`needs the permission for ${method}`, async () => {
      await assert.rejects(ask(method, params, 'revoked'), {
        code: 'permission.denied',
        message: /^the plugin "revoked" may not see and change how sources are mixed/,
      });
      assert.equal(await measure(1), 0);
    });
  }

  it('refuses mistakes, and stays as it is', async () => {
    await assert.rejects(ask('set', { id: 'mik', change: {} }), {
      code: 'source.notFound',
      message: /did you mean "mic"\?/,
    });
    await assert.rejects(ask('set', { id: 'mic', change: { gainDb: 500 } }), { code: 'config.invalid' });
    for (const intervalMs of [49, 10_001, 'often'])
      await assert.rejects(ask('follow', { intervalMs }), { code: 'plugin.failed' });
    assert.equal(stage.encoder.setStage.callCount, 0);
    assert.equal(await measure(1), 0);
  });

  it('has levels at the shortest interval that is asked for, while somebody listens', async () => {
    assert.equal(await measure(20), 0);
    await ask('follow', { intervalMs: 500 });
    assert.equal(await measure(20), 2);
    assert.deepEqual(told[0], { mix: LEVELS, sources: { mic: LEVELS } });
    await ask('follow', { intervalMs: 50 }, 'other');
    assert.equal(await measure(20), 20);
    await ask('follow', { intervalMs: null }, 'other');
    assert.equal(await measure(20), 2);
    const [may] = plugins;
    if (may !== undefined) may.granted = [];
    assert.equal(await measure(20), 0, 'revoked');
    if (may !== undefined) may.granted = ['audio'];
    await ask('follow', { intervalMs: null });
    assert.equal(await measure(20), 0);
  });

  it('is changed and listed a limited number of times', async () => {
    const refused = async (method: string, params: object = {}) => {
      const results = await Promise.allSettled(Array.from({ length: 150 }, () => ask(method, params)));
      return results.filter(({ status }) => status === 'rejected').length;
    };
    assert.deepEqual([await refused('set', { id: 'mic', change: {} }), await refused('list')], [50, 130]);
  });
});
