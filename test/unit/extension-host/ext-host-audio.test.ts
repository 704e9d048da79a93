import assert from 'node:assert/strict';
import sinon from 'sinon';
import { RequestType } from 'vscode-jsonrpc/node';
import { PluginFollowsAudioRequest, PluginLevelsNotification } from '../../../src/protocol/plugin-audio.js';
import { HostPair } from './host-pair.js';

const SILENCE = { peakDbfs: null, rmsDbfs: null, shortTermLufs: null };
const LEVELS = { mix: SILENCE, sources: { mic: SILENCE } };

describe('the sound of a plugin', () => {
  let clock: sinon.SinonFakeTimers;
  let pair: HostPair;
  /** What the core was sent. */
  let sent: unknown[];
  let intervals: (number | null)[];

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: 1_000_000, toFake: ['performance'] });
    pair = new HostPair();
    sent = [];
    intervals = [];
    for (const method of ['list', 'set']) {
      pair.core.onRequest(new RequestType<unknown, unknown, void>(`audio/${method}`), (params) => {
        sent.push([method, params]);
        return method === 'list' ? [{ id: 'mic' }] : null;
      });
    }
    pair.core.onRequest(PluginFollowsAudioRequest.type, ({ intervalMs }) => {
      intervals.push(intervalMs);
      return null;
    });
    pair.listen();
  });
  afterEach(() => {
    pair.dispose();
    clock.restore();
  });

  const plugin = () => pair.plugin('mine');
  /** So many levels, every 50 ms. */
  const measure = async (count: number) => {
    for (let index = 0; index < count; index += 1) {
      pair.core.sendNotification(PluginLevelsNotification.type, LEVELS);
      await pair.settled();
      clock.tick(50);
    }
  };

  it('is asked of the core', async () => {
    const { audio } = plugin().api;
    assert.deepEqual(await audio.list(), [{ id: 'mic' }]);
    await audio.set('mic', { gainDb: null });
    assert.deepEqual(sent, [
      ['list', { plugin: 'mine' }],
      ['set', { id: 'mic', change: { gainDb: null }, plugin: 'mine' }],
    ]);
  });

  it('has levels for each listener at its own interval, until it is disposed of', async () => {
    const { api, scope } = plugin();
    const heard = { often: 0, seldom: 0 };
    const seldom = api.audio.followLevels(500, (levels) => {
      assert.deepEqual(levels, LEVELS);
      heard.seldom += 1;
    });
    const often = api.audio.followLevels(50, () => {
      heard.often += 1;
    });
    await measure(20);
    assert.deepEqual(heard, { often: 20, seldom: 2 });
    often.dispose();
    await measure(20);
    assert.deepEqual(heard, { often: 20, seldom: 4 });
    assert.deepEqual(scope.left(), ['a listener of audio.followLevels']);
    seldom.dispose();
    await pair.settled();
    assert.deepEqual(intervals, [500, 50, 500, null]);
    await measure(20);
    assert.deepEqual(heard, { often: 20, seldom: 4 });
  });

  it('reports a listener that fails, and goes with the plugin and the host', async () => {
    const { api, scope } = plugin();
    let heard = 0;
    api.audio.followLevels(50, () => {
      throw new Error('no luck');
    });
    await measure(1);
    assert.deepEqual(pair.reported, ['the plugin "mine" failed: a listener of audio.followLevels: no luck']);
    scope.dispose();
    await pair.settled();
    assert.deepEqual(intervals.at(-1), null);
    plugin().api.audio.followLevels(50, () => {
      heard += 1;
    });
    pair.services.dispose();
    await measure(1);
    assert.equal(heard, 0);
  });

  it('needs an active plugin, and an interval that can be', async () => {
    const { api, scope } = plugin();
    for (const intervalMs of [49, 10_001, Number.NaN])
      assert.throws(() => api.audio.followLevels(intervalMs, () => {}), { code: 'config.invalid' });
    scope.dispose();
    assert.throws(() => api.audio.followLevels(50, () => {}), /no longer active/);
    assert.deepEqual(intervals, []);
  });
});
