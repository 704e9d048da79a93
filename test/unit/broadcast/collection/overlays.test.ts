import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { StageConfig } from '../../../../src/config/encode-settings.js';
import { BroadcastStage, configOf } from '../broadcast-stage.js';

const SHOW = '/show.jsonc';
const CONTENT = {
  sources: [{ id: 'a', type: 'colour' }],
  scenes: [{ id: 'one', layers: [] }],
  overlays: [
    { id: 'title', x: 10, elements: [{ id: 'text', type: 'text', text: 'Hello' }] },
    { id: 'logo', visible: false },
  ],
};

describe('overlays of a broadcast', () => {
  let stage: BroadcastStage;
  let clock: sinon.SinonFakeTimers;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: 1_000_000, toFake: ['Date'] });
    stage = new BroadcastStage();
  });
  afterEach(async () => {
    await stage.end();
    clock.restore();
  });

  const goLive = (change: object = {}) => stage.start(configOf(['main'], { ...CONTENT, ...change }), SHOW);
  const staged = (): StageConfig => stage.encoder.setStage.lastCall.args[0];
  const started = () => stage.encoder.start.lastCall.args[0].stage;
  const overlay = (id: string, of: StageConfig | undefined = staged()) =>
    of?.overlays.find((one) => one.id === id) ?? assert.fail(id);
  const textOf = (id: string, of?: StageConfig) => Object(overlay(id, of).elements[0]).text;

  it('are drawn from the start, and changed, added, moved and removed one by one', async () => {
    await goLive();
    assert.deepEqual([textOf('title', started()), overlay('title', started()).sinceMs], ['Hello', 1_000_000]);
    await stage.overlays.set({ id: 'title', change: { x: 20, opacity: 0.5 } });
    assert.deepEqual([overlay('title').x, overlay('title').opacity, textOf('title')], [20, 0.5, 'Hello']);
    await stage.overlays.set({ id: 'title', change: { opacity: null }, at: 1 });
    assert.deepEqual(
      staged().overlays.map(({ id, opacity }) => [id, opacity]),
      [
        ['logo', 1],
        ['title', 1],
      ],
    );
    await stage.overlays.add({ overlay: { id: 'bar' } as never, at: 0 });
    assert.deepEqual(
      staged().overlays.map(({ id }) => id),
      ['bar', 'logo', 'title'],
    );
    const { overlays } = await stage.overlays.remove({ id: 'logo' });
    assert.deepEqual(
      overlays.map(({ id }) => id),
      ['bar', 'title'],
    );
    assert.ok(!('sinceMs' in (overlays[0] ?? {})));
  });

  it('have elements that are changed alone', async () => {
    await goLive();
    await stage.overlays.setElement({ overlay: 'title', id: 'text', change: { text: 'Bye', size: 50 } });
    assert.deepEqual([textOf('title'), Object(overlay('title').elements[0]).size], ['Bye', 50]);
    const box = { id: 'box', type: 'box' } as never;
    await stage.overlays.addElement({ overlay: 'title', element: box, at: 0 });
    assert.deepEqual(
      overlay('title').elements.map(({ id }) => id),
      ['box', 'text'],
    );
    await stage.overlays.setElement({ overlay: 'title', id: 'box', change: {}, at: 1 });
    assert.deepEqual(
      overlay('title').elements.map(({ id }) => id),
      ['text', 'box'],
    );
    await stage.overlays.removeElement({ overlay: 'title', id: 'text' });
    const { undo } = await stage.scenes.undo();
    assert.equal(undo, 'element "box" of overlay "title" changed');
    assert.deepEqual(
      overlay('title').elements.map(({ id }) => id),
      ['text', 'box'],
    );
  });

  const wrong: readonly [what: string, change: () => Promise<unknown>, error: object][] = [
    [
      'an overlay that is not there',
      () => stage.overlays.set({ id: 'titel', change: {} }),
      { code: 'overlay.notFound', message: /there is no overlay "titel"; did you mean "title"\?/ },
    ],
    [
      'an element that is not there',
      () => stage.overlays.setElement({ overlay: 'title', id: 'txt', change: {} }),
      { code: 'overlay.notFound', message: /no element "txt" in the overlay "title"; did you mean "text"\?/ },
    ],
    [
      'an id that is taken',
      () => stage.overlays.add({ overlay: { id: 'logo' } as never }),
      { code: 'config.invalid', message: /there is an overlay "logo" already/ },
    ],
    [
      'an element without a type',
      () => stage.overlays.addElement({ overlay: 'title', element: { id: 'x' } as never }),
      { code: 'config.invalid' },
    ],
    [
      'another id',
      () => stage.overlays.set({ id: 'logo', change: { id: 'other' } }),
      { code: 'config.invalid', message: /an id cannot be changed/ },
    ],
    [
      'an opacity above 1',
      () => stage.overlays.set({ id: 'logo', change: { opacity: 2 } }),
      { code: 'config.invalid', message: /opacity/ },
    ],
    [
      'a width that is no number',
      () => stage.overlays.set({ id: 'logo', change: { width: Number.NaN } }),
      { code: 'config.invalid', message: /width/ },
    ],
  ];
  for (const [what, change, error] of wrong) {
    it(`refuse ${what}, and stay as they are`, async () => {
      await goLive();
      await assert.rejects(change, error);
      assert.equal(stage.encoder.setStage.callCount, 0);
    });
  }

  it('are as many as there may be', async () => {
    await goLive({ overlays: Array.from({ length: 50 }, (_, index) => ({ id: `o${index}` })) });
    await assert.rejects(stage.overlays.add({ overlay: { id: 'more' } as never }), {
      message: /has 50 overlays already/,
    });
  });

  it('count their times from when they are shown, and anew with another animation', async () => {
    await goLive();
    clock.tick(1000);
    await stage.overlays.set({ id: 'title', change: { x: 20 } });
    assert.equal(overlay('title').sinceMs, 1_000_000, 'moved, it goes on');
    await stage.overlays.set({ id: 'logo', change: { visible: true } });
    assert.equal(overlay('logo').sinceMs, 1_001_000);
    clock.tick(1000);
    await stage.overlays.set({ id: 'logo', change: { visible: false } });
    await stage.overlays.set({ id: 'logo', change: { visible: true } });
    assert.equal(overlay('logo').sinceMs, 1_002_000);
    clock.tick(1000);
    const animation = { x: [{ atMs: 0, value: 5 }] };
    await stage.overlays.set({ id: 'title', change: { animation } });
    assert.equal(overlay('title').sinceMs, 1_003_000);
  });

  it('are kept for the show, restored, and as configured after a reset', async () => {
    await goLive();
    await stage.overlays.setElement({ overlay: 'title', id: 'text', change: { text: 'Kept' } });
    await stage.overlays.remove({ id: 'logo' });
    await stage.broadcast.stop();
    await goLive();
    assert.deepEqual([textOf('title', started()), started()?.overlays.length], ['Kept', 1]);
    await stage.scenes.reset();
    assert.deepEqual([textOf('title'), staged().overlays.map(({ id }) => id)], ['Hello', ['title', 'logo']]);
  });
});
