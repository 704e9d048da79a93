import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { Size } from '../../../../src/base/geometry.js';
import { OverlaySchema } from '../../../../src/config/drawing-schema.js';
import type { StageOverlay } from '../../../../src/config/encode-settings.js';
import { FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import { DrawnSource } from '../../../../src/encoder/overlay/drawn-source.js';
import { StageOverlays } from '../../../../src/encoder/stage/stage-overlays.js';

const SIZE = { width: 640, height: 360 };
const FPS = 10;
const SLOT_MS = 1000 / FPS;
const INK = { x: 2, y: 4, width: 10, height: 20 };
const START = Date.parse('2026-11-30T12:00:00Z');

const overlay = (id: string, settings: object = {}, sinceMs = START): StageOverlay => ({
  ...OverlaySchema.parse({ id, width: 100, height: 50, ...settings }),
  sinceMs,
});

describe('overlays above scenes', () => {
  let clock: sinon.SinonFakeTimers;
  let pool: FramePool;
  let drawn: Map<string, DrawnSource>;
  let events: string[];
  let hasRoom: boolean;
  let overlays: StageOverlays;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: START, toFake: ['Date'] });
    pool = new FramePool(64, 20);
    [drawn, events, hasRoom] = [new Map(), [], true];
    overlays = new StageOverlays({
      size: SIZE,
      fps: FPS,
      drawer: {
        open: ({ id }, size: Size) => {
          if (!hasRoom) return undefined;
          events.push(`open ${id} ${size.width}x${size.height}`);
          const source = new DrawnSource({
            layout: { ...size, hasAlpha: true },
            pool,
            pid: () => 1,
            tick: () => events.push(`tick ${id}`),
            onDispose: () => events.push(`close ${id}`),
          });
          drawn.set(id, source);
          return source;
        },
        set: (_source, { id }) => events.push(`set ${id}`),
      },
    });
  });
  afterEach(() => {
    overlays.dispose();
    assert.equal(pool.inUse, 0, 'every frame is given back');
    clock.restore();
  });

  const draw = (id: string, isMoving = false) => {
    const source = drawn.get(id) ?? assert.fail(id);
    source.show(source.acquire(), INK, isMoving);
  };
  const take = (slots = 1) => {
    for (let slot = 0; slot < slots; slot++) {
      overlays.take();
      clock.tick(SLOT_MS);
    }
  };
  const opacities = () => overlays.layers.map(({ opacity }) => Number(opacity.toFixed(2)));
  const places = () => overlays.layers.map(({ area: { x, y } }) => [x, y]);

  it('are shown from their first frame on, in their order, with what is drawn of them', () => {
    overlays.set([
      overlay('a', { x: 10, y: 20, opacity: 0.5 }),
      overlay('b', { width: undefined, x: 601, height: 3 }),
    ]);
    take();
    assert.deepEqual([events, overlays.layers], [['open a 100x50', 'open b 40x4'], []]);
    draw('b');
    draw('a');
    take();
    assert.deepEqual(places(), [
      [10, 20],
      [601, 0],
    ]);
    assert.deepEqual(opacities(), [0.5, 1]);
    const [first] = overlays.layers;
    assert.deepEqual(first?.area, { x: 10, y: 20, width: 100, height: 50 });
    assert.deepEqual(first?.clip, { x: 12, y: 24, width: 10, height: 20 });
  });

  it('look the same until something of them changes', () => {
    overlays.set([overlay('a')]);
    draw('a');
    take();
    const { key } = overlays;
    take(5);
    assert.equal(overlays.key, key);
    draw('a');
    take();
    assert.notEqual(overlays.key, key);
  });

  it('that are hidden are not drawn, and are opened when they are shown', () => {
    overlays.set([overlay('a', { visible: false })]);
    take();
    assert.deepEqual(events, []);
    overlays.set([overlay('a')]);
    draw('a');
    take();
    assert.deepEqual(opacities(), [1]);
    overlays.set([overlay('a', { visible: false })]);
    take();
    assert.deepEqual([events, overlays.layers], [['open a 100x50', 'close a'], []]);
  });

  it('fade in from their first frame, and out when they are hidden or removed', () => {
    const fades = overlay('a', { fadeMs: 400 });
    overlays.set([fades]);
    take(3);
    draw('a');
    const levels = (slots: number) =>
      Array.from({ length: slots }, () => {
        take();
        return opacities()[0];
      });
    assert.deepEqual(levels(5), [0.25, 0.5, 0.75, 1, 1]);
    overlays.set([]);
    assert.deepEqual(levels(2), [0.75, 0.5]);
    overlays.set([{ ...fades, visible: false }]);
    assert.deepEqual(levels(2), [0.25, undefined]);
    assert.deepEqual(events, ['open a 100x50', 'close a']);
  });

  it('appear again while they disappear, without being opened anew', () => {
    const fades = overlay('a', { fadeMs: 1000 });
    overlays.set([fades]);
    draw('a');
    take(10);
    overlays.set([{ ...fades, visible: false }]);
    take(5);
    overlays.set([fades]);
    take(2);
    assert.deepEqual([opacities(), events], [[0.7], ['open a 100x50']]);
  });

  it('are drawn anew where something else is to be seen, and only moved where that is all', () => {
    overlays.set([overlay('a')]);
    draw('a');
    take();
    overlays.set([overlay('a', { x: 30 })]);
    take();
    assert.deepEqual([events.length, places()], [1, [[30, 0]]]);
    overlays.set([overlay('a', { x: 30, elements: [{ id: 't', type: 'text', text: 'x' }] })]);
    overlays.set([overlay('a', { x: 30, elements: [{ id: 't', type: 'text', text: 'x' }] }, START + 1)]);
    assert.deepEqual(events, ['open a 100x50', 'set a', 'set a']);
  });

  it('keep what they show in its size until they are drawn in another one', () => {
    overlays.set([overlay('a')]);
    draw('a');
    take();
    overlays.set([overlay('a', { width: 200 })]);
    take();
    assert.deepEqual(
      [events, overlays.layers[0]?.area.width],
      [['open a 100x50', 'open a 200x50', 'close a'], 100],
    );
    draw('a');
    take();
    assert.equal(overlays.layers[0]?.area.width, 200);
  });

  it('move by the slots, from when they were shown, and by the clock again when slots were left out', () => {
    const x = [
      { atMs: 0, value: 0 },
      { atMs: 1000, value: 100, easing: 'linear' },
    ];
    overlays.set([overlay('a', { animation: { x } }, START - 200)]);
    draw('a');
    take();
    assert.deepEqual(places(), [[30, 0]]);
    // A slot that is late by less than another one: the steps stay even.
    clock.tick(60);
    take();
    assert.deepEqual(places(), [[40, 0]]);
    clock.tick(400);
    take();
    assert.deepEqual(places(), [[86, 0]]);
    take(5);
    assert.deepEqual(places(), [[100, 0]]);
  });

  it('ask for what moves within them once for each slot, as soon as it is there', () => {
    overlays.set([overlay('a')]);
    draw('a', true);
    take(3);
    assert.deepEqual(events.slice(1), ['tick a'], 'not before the last one is answered');
    draw('a', true);
    take();
    assert.deepEqual(events.slice(1), ['tick a', 'tick a']);
    draw('a', false);
    take(3);
    assert.equal(events.length, 3);
  });

  it('without memory are left out, and tried again with the next change', () => {
    hasRoom = false;
    overlays.set([overlay('a')]);
    take();
    assert.deepEqual(overlays.layers, []);
    hasRoom = true;
    overlays.set([overlay('a')]);
    draw('a');
    take();
    assert.equal(overlays.layers.length, 1);
  });
});
