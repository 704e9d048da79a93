import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { StageConfig } from '../../../../src/config/encode-settings.js';
import type { PluginOverlays } from '../../../../src/core/broadcast/collection/plugin-overlays.js';
import { ErrorCodes } from '../../../../src/protocol/error-codes.js';
import { BulkheadError } from '../../../../src/protocol/errors.js';
import { BroadcastStage, configOf } from '../broadcast-stage.js';

const SHOW = '/show.jsonc';
const CONTENT = {
  sources: [{ id: 'a', type: 'colour' }],
  scenes: [{ id: 'one', layers: [] }],
  overlays: [{ id: 'title' }],
};
const TEXT = { id: 'text', type: 'text', text: 'Hello' };

describe('overlays of plugins', () => {
  let stage: BroadcastStage;
  let overlays: PluginOverlays;
  let clock: sinon.SinonFakeTimers;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: 1_000_000, toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    stage = new BroadcastStage();
    overlays = stage.pluginOverlays;
  });
  afterEach(async () => {
    await stage.end();
    clock.restore();
  });

  const goLive = (change: object = {}) => stage.start(configOf(['main'], { ...CONTENT, ...change }), SHOW);
  const staged = (): StageConfig => stage.encoder.setStage.lastCall.args[0];
  const names = ({ overlays }: { overlays: readonly { id: string }[] } = staged()) =>
    overlays.map(({ id }) => id);
  const held = () => overlays.staged.map(({ id }) => id);

  it('lie above the streamer’s, in the order in which their plugins were activated', async () => {
    await goLive();
    overlays.willActivate('first');
    overlays.willActivate('second');
    await overlays.create('second', { id: 'a' });
    await overlays.create('first', { id: 'a' });
    await overlays.create('first', { id: 'b', elements: [TEXT] });
    assert.deepEqual(names(), ['title', 'first/a', 'first/b', 'second/a']);
    await stage.overlays.add({ overlay: { id: 'more' } as never });
    assert.deepEqual(names(), ['title', 'more', 'first/a', 'first/b', 'second/a']);
  });

  it('are drawn from the start of a broadcast, whose times begin then', async () => {
    await overlays.create('p', { id: 'a' });
    clock.tick(5000);
    await goLive();
    const started = stage.encoder.start.lastCall.args[0].stage;
    assert.deepEqual(names(started), ['title', 'p/a']);
    assert.equal(started?.overlays[1]?.sinceMs, 1_005_000);
    clock.tick(1000);
    await overlays.set('p', 'a', { x: 5 });
    assert.equal(staged().overlays[1]?.sinceMs, 1_005_000);
  });

  it('are changed with their elements, with defaults filled in', async () => {
    await goLive();
    await overlays.create('p', { id: 'a', elements: [TEXT] });
    await overlays.set('p', 'a', { x: 20, opacity: 0.5 });
    await overlays.set('p', 'a', { opacity: null });
    await overlays.setElement('p', 'a', 'text', { text: 'Bye' });
    const { x, opacity, elements } = staged().overlays[1] ?? assert.fail();
    assert.deepEqual([x, opacity, Object(elements[0]).text, Object(elements[0]).size], [20, 1, 'Bye', 32]);
    await overlays.remove('p', 'a');
    assert.deepEqual(names(), ['title']);
    await overlays.remove('p', 'a');
  });

  it('are neither undone, nor reset, nor kept for the show', async () => {
    await goLive();
    await overlays.create('p', { id: 'a' });
    await assert.rejects(stage.scenes.undo(), { code: 'broadcast.state' });
    await stage.overlays.set({ id: 'title', change: { x: 1 } });
    await stage.scenes.reset();
    assert.deepEqual(names(), ['title', 'p/a']);
    const { changes } = await stage.state.read(SHOW);
    assert.ok(!JSON.stringify(changes).includes('p/a'));
    assert.deepEqual(
      (await stage.overlays.list()).overlays.map(({ id }) => id),
      ['title'],
    );
  });

  const wrong: readonly [what: string, change: () => Promise<unknown>, error: object][] = [
    [
      'an id that is taken',
      () => overlays.create('p', { id: 'a' }),
      { code: 'config.invalid', where: 'overlays.p/a', message: /there is an overlay "p\/a" already/ },
    ],
    ['an id with a slash', () => overlays.create('p', { id: 'q/a' }), { code: 'config.invalid' }],
    [
      'a setting that there is not',
      () => overlays.set('p', 'a', { widht: 5 }),
      { code: 'config.invalid', message: /^overlays\.p\/a: .*widht/ },
    ],
    ['another id', () => overlays.set('p', 'a', { id: 'b' }), { message: /an id cannot be changed/ }],
    [
      'an element that is not there',
      () => overlays.setElement('p', 'a', 'txt', {}),
      { code: 'overlay.notFound', message: /no element "txt" in the overlay "p\/a"; did you mean "text"\?/ },
    ],
    [
      'an overlay of another plugin',
      () => overlays.set('q', 'a', { x: 1 }),
      { code: 'overlay.notFound', message: /no overlay "q\/a"/ },
    ],
    [
      'a policy that there is not',
      () => overlays.create('p', { id: 'b' }, { removeAfterMs: 1e9 }),
      { code: 'config.invalid', message: /whenPluginFails: expected "keep", "remove"/ },
    ],
    [
      'more than 128 KiB',
      () =>
        overlays.create('p', {
          id: 'b',
          elements: Array.from({ length: 50 }, (_, index) => ({
            ...{ type: 'image', path: 'x'.repeat(3000), id: `e${index}` },
          })),
        }),
      { code: 'config.invalid', message: /are \d+ KiB in all, more than 128/ },
    ],
  ];
  for (const [what, change, error] of wrong) {
    it(`refuse ${what}, and stay as they are`, async () => {
      await goLive();
      await overlays.create('p', { id: 'a', elements: [TEXT] });
      const before = stage.encoder.setStage.callCount;
      await assert.rejects(change, error);
      assert.equal(stage.encoder.setStage.callCount, before);
      assert.deepEqual(held(), ['p/a']);
    });
  }

  it('are twenty at most of each plugin', async () => {
    for (let index = 0; index < 20; index += 1) await overlays.create('p', { id: `o${index}` });
    await assert.rejects(overlays.create('p', { id: 'more' }), {
      code: 'config.invalid',
      message: 'the plugin "p" has 20 overlays already',
    });
    await overlays.create('q', { id: 'more' });
    overlays.pluginFailed('p');
    await overlays.create('p', { id: 'more' });
    assert.equal(overlays.staged.length, 21, 'one that was left made room');
  });

  it('stay as long as the plugin has said when it fails', async () => {
    await goLive();
    await overlays.create('p', { id: 'kept' }, 'keep');
    await overlays.create('p', { id: 'removed' }, 'remove');
    await overlays.create('p', { id: 'short' }, { removeAfterMs: 3000 });
    await overlays.create('p', { id: 'usual' });
    overlays.pluginFailed('p');
    assert.deepEqual(names(), ['title', 'p/kept', 'p/short', 'p/usual']);
    clock.tick(3000);
    assert.deepEqual(names(), ['title', 'p/kept', 'p/usual']);
    clock.tick(7000);
    assert.deepEqual(names(), ['title', 'p/kept']);
    clock.tick(3_600_000);
    assert.deepEqual(names(), ['title', 'p/kept']);
  });

  it('take the place of those that the plugin has left, without a gap', async () => {
    await goLive();
    overlays.willActivate('p');
    await overlays.create('p', { id: 'a', elements: [TEXT] });
    await overlays.create('p', { id: 'b' });
    overlays.willActivate('q');
    await overlays.create('q', { id: 'a' });
    const { sinceMs } = staged().overlays[1] ?? assert.fail();
    overlays.pluginFailed('p');
    clock.tick(5000);
    const before = stage.encoder.setStage.callCount;
    overlays.willActivate('p');
    await assert.rejects(overlays.set('p', 'a', { x: 1 }), { code: 'overlay.notFound' });
    await overlays.create('p', { id: 'a', elements: [{ ...TEXT, text: 'Again' }] });
    assert.deepEqual(names(), ['title', 'p/a', 'p/b', 'q/a']);
    for (const { args } of stage.encoder.setStage.getCalls().slice(before))
      assert.ok(names(args[0]).includes('p/a'));
    assert.equal(staged().overlays[1]?.sinceMs, sinceMs, 'it was not shown anew');
    clock.tick(5000);
    assert.deepEqual(names(), ['title', 'p/a', 'q/a'], 'what was not created again has gone');
  });

  it('go with a plugin that ends in order', async () => {
    await goLive();
    await overlays.create('p', { id: 'a' }, 'keep');
    await overlays.create('q', { id: 'a' }, 'keep');
    overlays.pluginFailed('p');
    overlays.removeAll('p');
    assert.deepEqual(names(), ['title', 'q/a']);
    overlays.removeAll('q');
    assert.deepEqual(names(), ['title']);
  });

  it('are created without a broadcast, and where nothing is encoded', async () => {
    await overlays.create('p', { id: 'a' });
    assert.equal(stage.encoder.setStage.callCount, 0);
    await goLive();
    stage.encoder.setStage.rejects(new BulkheadError(ErrorCodes.broadcastState, 'nothing is encoded'));
    await overlays.create('p', { id: 'b' });
    stage.encoder.setStage.rejects(new BulkheadError(ErrorCodes.internal, 'no luck'));
    await assert.rejects(overlays.create('p', { id: 'c' }), /no luck/);
  });
});
