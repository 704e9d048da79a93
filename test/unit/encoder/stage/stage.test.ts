import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { StageConfig } from '../../../../src/config/encode-settings.js';
import { MixerSchema } from '../../../../src/config/mixer-schema.js';
import { ScenesSchema } from '../../../../src/config/scene-schema.js';
import { type Frame, FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import type { Layer } from '../../../../src/encoder/compositor/layer.js';
import type { Source } from '../../../../src/encoder/sources/source.js';
import { FrameDelay } from '../../../../src/encoder/stage/frame-delay.js';
import { Stage } from '../../../../src/encoder/stage/stage.js';
import { StageSource } from '../../../../src/encoder/stage/stage-source.js';
import type { SourceState } from '../../../../src/protocol/encoder.js';
import type { SourceUse } from '../../../../src/scenes/scene-layers.js';

const FPS = 10;
const SAMPLES = 4;
const SIZE = { width: 64, height: 36 };
const BYTES = 6;
const NO_FILTERS = {
  brightness: 0,
  contrast: 1,
  saturation: 1,
  gamma: 1,
  hueDegrees: 0,
  blur: 0,
  sharpen: 0,
  noiseReductionDb: 0,
};
const CUT = { type: 'cut', durationMs: 0, direction: 'left' } as const;
const fadeOf = (slots: number) =>
  ({ type: 'fade', durationMs: (slots * 1000) / FPS, direction: 'left' }) as const;

/** Frames and sounds are what the test says; a sound is one sample, repeated. */
class FakeSource implements Source {
  state: SourceState = 'live';
  isReady = true;
  readonly pid = 1;
  taken = 0;
  disposed = false;
  fresh = true;
  /** Of the last frame, which holds it instead of the sound, as the sound does. */
  number: number | undefined;

  constructor(
    private readonly pool: FramePool,
    readonly id: string,
    readonly sound: number,
  ) {}

  get position() {
    return { item: 0, positionMs: this.taken * 100 };
  }

  take(samples: number) {
    const delivers = this.isReady && this.state === 'live';
    if (delivers) this.taken += 1;
    if (this.number !== undefined) this.number += 1;
    const shade = this.number ?? this.sound;
    const pcm = Buffer.from(Int16Array.from({ length: samples }, () => shade).buffer);
    const frame = delivers && this.fresh ? this.pool.acquire() : undefined;
    frame?.bytes.fill(shade);
    return { frame, sound: delivers ? pcm : Buffer.alloc(0) };
  }

  dispose(): void {
    this.disposed = true;
  }
}

describe('Stage', () => {
  let clock: sinon.SinonFakeTimers;
  let pool: FramePool;
  let sources: Map<string, FakeSource>;
  let composed: (readonly Layer[])[];
  let fades: number[];
  let levels: string[];
  let stage: Stage;
  let startedAt: Map<string, number>;
  let uses: Map<string, SourceUse>;

  const CONFIG: StageConfig = {
    sources: [
      { id: 'a', input: { type: 'file', path: 'a', loop: true }, warm: false },
      { id: 'b', input: { type: 'url', url: 'rtmp://b/x' }, warm: false, fallback: 'c' },
      { id: 'c', input: { type: 'image', path: 'c' }, warm: false },
    ],
    scenes: ScenesSchema.parse([
      { id: 'one', layers: [{ id: '1', source: 'a' }] },
      {
        id: 'two',
        layers: [
          { id: '1', source: 'a' },
          { id: '2', source: 'b', x: 10, y: 10, width: 20, height: 10, opacity: 0.5 },
        ],
      },
      { id: 'three', layers: [{ id: '1', source: 'b' }] },
      {
        id: 'four',
        layers: [
          { id: '1', source: 'b' },
          { id: '2', source: 'c' },
        ],
      },
    ]),
    mixer: MixerSchema.parse({}),
    overlays: [],
    programme: 'one',
  };
  const SOUNDS: Record<string, number> = { a: 100, b: 1000, c: 7 };

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['performance', 'setTimeout', 'Date'] });
    pool = new FramePool(BYTES, 30);
    [sources, startedAt, uses, composed, fades, levels] = [new Map(), new Map(), new Map(), [], [], []];
    stage = newStage(CONFIG);
  });

  function newStage(config: StageConfig): Stage {
    const layoutOf = () => ({ ...SIZE, hasAlpha: false });
    const delayed = { acquire: () => pool.acquire(), dispose: () => {} };
    return new Stage({
      ...{ config, size: SIZE, fps: FPS, format: { sampleRate: SAMPLES * FPS, channels: 1 } },
      compositor: {
        compose: (layers) => {
          composed.push(layers);
          return pool.acquire();
        },
        fade: (_from, _to, progress) => {
          fades.push(progress);
          return pool.acquire();
        },
      },
      open: ({ id, input }, use, start) => {
        uses.set(id, use);
        startedAt.set(id, start.positionMs);
        const source = new FakeSource(pool, id, SOUNDS[id] ?? 0);
        sources.set(id, source);
        return new StageSource(id, input, source, { dispose: () => {} }, new FrameDelay(delayed, layoutOf));
      },
      onLevels: ({ sources: of }) => levels.push(Object.keys(of).join()),
      layoutOf,
      drawer: { open: () => undefined, set: () => {} },
    });
  }
  afterEach(() => {
    stage.dispose();
    clock.restore();
    assert.equal(pool.inUse, 0, 'a frame has no owner any more and is not released');
  });

  function slot(): { readonly composedNow: boolean; readonly sound: number[] } {
    clock.tick(1000 / FPS);
    const { frame, sound } = stage.take(SAMPLES);
    frame?.release();
    const samples = Array.from({ length: sound.length / 2 }, (_, at) => sound.readInt16LE(at * 2));
    return { composedNow: frame !== undefined, sound: samples };
  }
  const source = (id: string) => sources.get(id) ?? assert.fail(`${id} is not open`);
  const show = (programme: string, transition: Parameters<Stage['set']>[1] = CUT) =>
    stage.set({ ...CONFIG, programme }, transition);
  const layersNow = () => composed.at(-1)?.map(({ frame }) => frame.bytes[0]);
  const idOf = (frame: Frame) => frame.bytes[0];

  it('composes what its scene has, and opens nothing else', () => {
    slot();
    assert.deepEqual([[...sources.keys()], layersNow()], [['a'], [100]]);
    assert.equal(stage.isReady, true);
  });

  it('composes nothing anew while nothing has changed', () => {
    assert.equal(slot().composedNow, true);
    source('a').fresh = false;
    assert.equal(slot().composedNow, false);
    source('a').fresh = true;
    assert.equal(slot().composedNow, true);
  });

  it('composes nothing anew for a source that is open and not on air', async () => {
    const [a, b, c] = CONFIG.sources;
    assert.ok(a && b && c);
    await stage.set({ ...CONFIG, sources: [a, { ...b, warm: true }, c] }, CUT);
    slot();
    source('a').fresh = false;
    const { taken } = source('b');
    assert.deepEqual([slot().composedNow, slot().composedNow], [false, false]);
    assert.equal(source('b').taken, taken + 2, 'it goes on');
  });

  it('places layers, lowest first, and mixes their sounds', async () => {
    slot();
    const shown = show('two');
    slot();
    // What comes with a cut fades in.
    assert.deepEqual(slot().sound, [100, 350, 600, 850]);
    const { sound } = slot();
    await shown;
    assert.equal(stage.programme, 'two');
    const layers = composed.at(-1) ?? [];
    assert.deepEqual(
      layers.map(({ frame, area, opacity }) => [idOf(frame), Math.round(area.x), opacity]),
      [
        [100, 0, 1],
        [1000 & 0xff, 11, 0.5],
      ],
    );
    assert.deepEqual(sound, [1100, 1100, 1100, 1100]);
  });

  it('keeps the scene on air until the next one can be shown, for 3 s at most', async () => {
    slot();
    const shown = show('three');
    Object.assign(source('b'), { isReady: false, state: 'starting' });
    slot();
    assert.deepEqual([stage.programme, layersNow()], ['one', [100]]);
    for (let n = 0; n < 2.5 * FPS; n++) slot();
    assert.equal(stage.programme, 'one');
    for (let n = 0; n < FPS; n++) slot();
    assert.equal(stage.programme, 'three');
    await shown;
  });

  it('waits for no source that has failed and never delivered', async () => {
    slot();
    const shown = show('four');
    Object.assign(source('b'), { isReady: false, state: 'retrying' });
    Object.assign(source('c'), { isReady: false, state: 'starting' });
    slot();
    assert.equal(stage.programme, 'one', 'it waits for the other one');
    // It is being tried again.
    Object.assign(source('b'), { state: 'starting' });
    Object.assign(source('c'), { isReady: true, state: 'live' });
    slot();
    slot();
    await shown;
    // The fallback of the one is the other.
    assert.deepEqual([stage.programme, layersNow()], ['four', [7, 7]]);
  });

  it('fades over as many slots as that takes, frames and sound evenly, and resolves then', async () => {
    slot();
    let over = false;
    const shown = show('three', fadeOf(4)).then(() => {
      over = true;
    });
    slot();
    const sounds: number[][] = [];
    for (let n = 0; n < 4; n++) {
      assert.equal(over, false);
      sounds.push(slot().sound);
    }
    await shown;
    assert.deepEqual(fades, [0.2, 0.4, 0.6, 0.8]);
    assert.deepEqual(
      sounds.map(([first]) => first),
      [100, 325, 550, 775],
    );
    assert.deepEqual(slot().sound, [1000, 1000, 1000, 1000]);
    assert.equal(fades.length, 4);
  });

  it('plays a stinger above both scenes once it is ready, from its beginning each time, and cuts behind it', async () => {
    const sting = { id: 'sting', input: { type: 'file', path: 's', loop: false }, warm: false } as const;
    const config = { ...CONFIG, sources: [...CONFIG.sources, sting] };
    const transition = {
      type: 'stinger',
      durationMs: 400,
      cutMs: 100,
      direction: 'left',
      source: 'sting',
    } as const;
    SOUNDS['sting'] = 7;
    slot();
    let over = false;
    const shown = stage.set({ ...config, programme: 'three' }, transition).then(() => {
      over = true;
    });
    source('sting').isReady = false;
    slot();
    assert.deepEqual([layersNow(), stage.programme], [[100], 'one']);
    source('sting').isReady = true;
    slot();
    const slots = Array.from({ length: 4 }, () => {
      const { sound } = slot();
      return [...(layersNow() ?? []), sound[3]];
    });
    assert.deepEqual(slots, [
      // Its sound fades in within the slot, as that of the next scene does.
      [100, 7, 105],
      [1000 % 256, 7, 782],
      [1000 % 256, 7, 1007],
      [1000 % 256, 7, 1007],
    ]);
    await shown;
    assert.ok(over);
    slot();
    assert.deepEqual([layersNow(), source('sting').disposed], [[1000 % 256], true]);
    const again = stage.set({ ...config, programme: 'one' }, transition);
    assert.equal(startedAt.get('sting'), 0);
    for (let n = 0; n < 6; n++) slot();
    await again;
    assert.equal(stage.programme, 'one');
  });

  it('waits for no stinger that cannot be played', async () => {
    const sting = { id: 'sting', input: { type: 'file', path: 's', loop: false }, warm: false } as const;
    const config = { ...CONFIG, sources: [...CONFIG.sources, sting], programme: 'three' };
    slot();
    const transition = { type: 'stinger', durationMs: 200, direction: 'left', source: 'sting' } as const;
    const shown = stage.set(config, transition);
    Object.assign(source('sting'), { isReady: false, state: 'failed' });
    for (let n = 0; n < 4; n++) slot();
    await shown;
    assert.deepEqual([stage.programme, layersNow()], ['three', [1000 % 256]]);
  });

  for (const [direction, from, to] of [
    ['left', [-16, 0], [48, 0]],
    ['right', [16, 0], [-48, 0]],
    ['up', [0, -9], [0, 27]],
    ['down', [0, 9], [0, -27]],
  ] as const) {
    it(`slides one scene out and the other in, to the ${direction}, each within its own frame`, async () => {
      slot();
      const shown = show('three', { type: 'slide', durationMs: 300, direction });
      slot();
      slot();
      const corners = composed.at(-1)?.map(({ frame, area, clip }) => [idOf(frame), area.x, area.y, clip]);
      assert.deepEqual(corners, [
        [100, ...from, { x: from[0], y: from[1], ...SIZE }],
        [1000 & 0xff, ...to, { x: to[0], y: to[1], ...SIZE }],
      ]);
      for (let n = 0; n < 3; n++) slot();
      await shown;
      assert.deepEqual([fades.length, layersNow()], [0, [1000 & 0xff]]);
    });
  }

  it('has a file stand still while it is not on air, and close later, where it was', async () => {
    slot();
    await Promise.all([show('three'), Promise.resolve().then(() => [slot(), slot()])]);
    const { taken } = source('a');
    for (let n = 0; n < 5; n++) slot();
    assert.deepEqual([source('a').taken, source('a').disposed], [taken, false]);
    for (let n = 0; n < 10 * FPS; n++) slot();
    assert.equal(source('a').disposed, true);
    void show('one');
    assert.deepEqual([source('a').disposed, startedAt.get('a')], [false, taken * 100]);
    stage.restart('a');
    assert.equal(startedAt.get('a'), 0, 'it begins anew');
  });

  it("shows a source's fallback a second after it was lost, and the source again when it is back", async () => {
    slot();
    await Promise.all([show('three'), Promise.resolve().then(() => [slot(), slot()])]);
    source('b').state = 'stalled';
    for (let n = 0; n < 8; n++) slot();
    assert.deepEqual(layersNow(), [1000 & 0xff], 'its last frame at first');
    assert.equal(sources.has('c'), true, 'it is open by then');
    for (let n = 0; n < 5; n++) slot();
    assert.deepEqual(layersNow(), [7]);
    source('b').state = 'live';
    slot();
    assert.deepEqual(layersNow(), [1000 & 0xff]);
  });

  it('has changed layers at once, opens changed sources again, and takes another scene where the one on air is removed', async () => {
    slot();
    const [one, two, three] = CONFIG.scenes;
    assert.ok(one && two && three);
    const hidden = { ...one, layers: one.layers.map((layer) => ({ ...layer, visible: false })) };
    await stage.set({ ...CONFIG, scenes: [hidden, two, three] }, CUT);
    slot();
    assert.deepEqual(layersNow(), []);
    await stage.set(CONFIG, CUT);
    slot();
    const before = source('a');
    const [a, ...others] = CONFIG.sources;
    assert.ok(a);
    const changed = { ...a, input: { type: 'file', path: 'other', loop: true } } as const;
    await stage.set({ ...CONFIG, sources: [changed, ...others] }, CUT);
    assert.deepEqual([before.disposed, source('a') === before, startedAt.get('a')], [false, false, 0]);
    Object.assign(source('a'), { isReady: false, state: 'starting' });
    const { taken } = before;
    slot();
    assert.deepEqual(
      [layersNow(), before.taken],
      [[100], taken + 1],
      'it goes on until there is the other one',
    );
    Object.assign(source('a'), { isReady: true, state: 'live' });
    slot();
    assert.equal(before.disposed, true);
    for (let n = 0; n < 3; n++) slot();
    const filters = { ...NO_FILTERS, saturation: 0 };
    const grey = { ...changed, input: { ...changed.input, filters } };
    await stage.set({ ...CONFIG, sources: [grey, ...others] });
    assert.equal(startedAt.get('a'), 300, 'with other filters it goes on where it is');
    const removed = stage.set({ ...CONFIG, scenes: [three], programme: 'three' }, CUT);
    slot();
    slot();
    await removed;
    assert.deepEqual([stage.programme, layersNow()], ['three', [1000 & 0xff]]);
  });

  it('shows the last frame of a source that can be open once only, until it is open again', async () => {
    slot();
    const [a, b, c] = CONFIG.sources;
    assert.ok(a && b && c);
    await Promise.all([show('three'), Promise.resolve().then(() => [slot(), slot()])]);
    const before = source('b');
    const other = { ...b, input: { type: 'url', url: 'rtmp://b/y' } } as const;
    await stage.set({ ...CONFIG, sources: [a, other, c], programme: 'three' });
    assert.deepEqual([before.disposed, source('b') === before], [true, false]);
    Object.assign(source('b'), { isReady: false, state: 'starting' });
    slot();
    assert.deepEqual(layersNow(), [1000 & 0xff]);
  });

  it('opens a source anew that is shown larger, once, which goes on from where the one before is', async () => {
    const sized = (width: number, height: number) => ({
      ...CONFIG,
      scenes: ScenesSchema.parse([{ id: 'one', layers: [{ id: '1', source: 'a', width, height }] }]),
    });
    stage.dispose();
    stage = newStage(sized(20, 10));
    for (let n = 0; n < 5; n++) slot();
    const before = source('a');
    await stage.set(sized(22, 12));
    assert.equal(source('a'), before, 'it is hardly larger');
    await stage.set(sized(40, 20));
    const after = source('a');
    assert.notEqual(after, before);
    assert.deepEqual([uses.get('a')?.width, uses.get('a')?.height], [64, 36], 'as large as it can get');
    assert.equal(startedAt.get('a'), 500);
    Object.assign(after, { isReady: false, state: 'starting' });
    for (let n = 0; n < 4; n++) slot();
    assert.deepEqual([before.taken, before.disposed], [9, false]);
    Object.assign(after, { isReady: true, state: 'live' });
    after.taken = 5;
    slot();
    assert.deepEqual([before.disposed, after.taken], [true, 10], 'what was shown meanwhile is passed over');
    slot();
    assert.equal(after.taken, 11);
    await stage.set(sized(64, 36));
    assert.equal(source('a'), after);
  });

  it('moves layers to their places in as many slots as that takes, and is there at once without a time', async () => {
    const at = (x: number, opacity = 1) => ({
      ...CONFIG,
      scenes: ScenesSchema.parse([
        { id: 'one', layers: [{ id: '1', source: 'a', x, width: 16, height: 9, opacity }] },
      ]),
    });
    const places = (slots: number) =>
      Array.from({ length: slots }, () => {
        slot();
        const [layer] = composed.at(-1) ?? [];
        return [layer?.area.x, layer?.opacity];
      });
    await stage.set(at(0));
    slot();
    let isThere = false;
    const moved = stage.set(at(40, 0.5), undefined, { durationMs: 400, easing: 'linear' }).then(() => {
      isThere = true;
    });
    assert.deepEqual(places(2), [
      [10, 0.875],
      [20, 0.75],
    ]);
    // Something else changes meanwhile.
    await stage.set({ ...at(40, 0.5), mixer: MixerSchema.parse({ sources: { a: { gainDb: 0 } } }) });
    assert.equal(isThere, false);
    assert.deepEqual(places(3), [
      [30, 0.625],
      [40, 0.5],
      [40, 0.5],
    ]);
    await moved;
    const back = stage.set(at(0), undefined, { durationMs: 400, easing: 'linear' });
    assert.deepEqual(places(1), [[30, 0.625]]);
    await stage.set(at(8));
    await back;
    assert.deepEqual(places(1), [[8, 1]]);
  });

  it('moves what two scenes show from one place to the other, and fades the rest', async () => {
    slot();
    const shown = show('two', { type: 'move', durationMs: 300, direction: 'left' });
    slot();
    const seen = Array.from({ length: 4 }, () => {
      slot();
      return composed.at(-1)?.map(({ frame, opacity }) => [idOf(frame), opacity]);
    });
    await shown;
    const b = 1000 & 0xff;
    assert.deepEqual(seen, [
      [
        [100, 1],
        [b, 0.25],
      ],
      [
        [100, 1],
        [b, 0.5],
      ],
      [
        [100, 1],
        [b, 0.5],
      ],
      [
        [100, 1],
        [b, 0.5],
      ],
    ]);
  });

  it('plays a source once whatever is on air, and again from its beginning', async () => {
    slot();
    stage.play('c');
    assert.equal(startedAt.get('c'), 0);
    slot();
    assert.deepEqual([slot().sound, layersNow()], [[107, 107, 107, 107], [100]], 'it is heard, not seen');
    for (let n = 0; n < 3; n++) slot();
    startedAt.delete('c');
    const first = source('c');
    stage.play('c');
    assert.deepEqual([startedAt.get('c'), first.disposed], [0, false]);
    first.state = 'ended';
    slot();
    slot();
    assert.deepEqual([first.disposed, slot().sound[0]], [true, 107]);
    source('c').state = 'ended';
    slot();
    slot();
    assert.equal(slot().sound[3], 100);
    source('c').state = 'live';
    slot();
    assert.equal(slot().sound[3], 100, 'it is over');
    for (let n = 0; n < 11 * FPS; n++) slot();
    assert.equal(source('c').disposed, true);
  });

  it('has the first frame of what is previewed before it is on air, where a file begins with that and its sound', async () => {
    await stage.set({ ...CONFIG, preview: 'four' });
    for (let n = 0; n < 3; n++) slot();
    assert.deepEqual([source('c').taken, stage.copyOf('c')?.bytes[0]], [1, 7]);
    assert.equal(slot().sound[0], 100, 'it is not heard');
    const shown = show('four');
    slot();
    await shown;
    const { sound } = slot();
    assert.deepEqual([source('c').taken, sound[3]], [1, 750 + 5]);
    slot();
    assert.equal(source('c').taken, 2);
  });

  it('opens what the previewed scene has, and cuts to it at once', async () => {
    slot();
    await stage.set({ ...CONFIG, preview: 'three' });
    assert.equal(sources.has('b'), true);
    slot();
    assert.deepEqual([stage.programme, layersNow()], ['one', [100]]);
    const shown = stage.set({ ...CONFIG, programme: 'three', preview: 'one' }, CUT);
    slot();
    slot();
    await shown;
    assert.deepEqual(layersNow(), [1000 & 0xff]);
  });

  it('has layers changed while another scene is waited for, or is being faded in', async () => {
    slot();
    const shown = show('three', fadeOf(2));
    Object.assign(source('b'), { isReady: false, state: 'starting' });
    slot();
    const moved = CONFIG.scenes.map((scene) => ({
      ...scene,
      layers: scene.layers.map((layer) => ({ ...layer, x: 3 })),
    }));
    await stage.set({ ...CONFIG, scenes: moved, programme: 'three' });
    slot();
    assert.deepEqual([stage.programme, composed.at(-1)?.[0]?.area.x], ['one', 3]);
    Object.assign(source('b'), { isReady: true, state: 'live' });
    slot();
    slot();
    assert.deepEqual(
      composed.slice(-2).map(([layer]) => layer && [idOf(layer.frame), layer.area.x]),
      [
        [1000 & 0xff, 3],
        [100, 3],
      ],
      'both scenes as they were changed',
    );
    await stage.set({ ...CONFIG, programme: 'three' });
    slot();
    await shown;
    assert.deepEqual([fades.length, composed.map((layers) => layers[0]?.area.x).slice(-2)], [2, [0, 0]]);
  });

  it('takes one scene after the other where they are asked for during a fade', async () => {
    slot();
    const three = show('three', fadeOf(3));
    slot();
    slot();
    const four = show('four', CUT);
    const order: string[] = [];
    void three.then(() => order.push('three'));
    void four.then(() => order.push('four'));
    slot();
    assert.equal(stage.programme, 'three');
    slot();
    slot();
    await Promise.all([three, four]);
    slot();
    assert.deepEqual([stage.programme, fades.length, order], ['four', 3, ['three', 'four']]);
  });

  it('shows frames later whose sound is to be earlier, also of a source that is opened then', async () => {
    const numbers = (id: string) => {
      source(id).number = 0;
      return Array.from({ length: 6 }, () => {
        const { sound } = slot();
        return [layersNow()?.[0], sound[0], sound.at(-1)];
      });
    };
    slot();
    slot();
    // Two slots and a half: three, beside which the sound is half a slot later.
    const sources = { a: { delayMs: -250 }, b: { delayMs: -200 } };
    const mixer = MixerSchema.parse({ sources });
    await stage.set({ ...CONFIG, mixer });
    assert.deepEqual(numbers('a'), [
      // It goes over within the first slot.
      [100, 1, 1],
      [100, 1, 2],
      [100, 2, 3],
      [1, 3, 4],
      [2, 4, 5],
      [3, 5, 6],
    ]);
    const shown = stage.set({ ...CONFIG, mixer, programme: 'three' }, CUT);
    for (let n = 0; n < 5; n++) slot();
    await shown;
    assert.deepEqual(
      numbers('b').map(([frame, sound]) => [frame, sound]),
      [
        [1000 % 256, 1],
        [1000 % 256, 2],
        [1, 3],
        [2, 4],
        [3, 5],
        [4, 6],
      ],
    );
  });

  it('says how loud its sources are, as often as that is measured', () => {
    // 50 ms are two samples here, and a slot is four.
    for (let n = 0; n < 3; n++) slot();
    assert.deepEqual(levels, ['a', 'a', 'a']);
  });

  it('forgets a change that another one replaces', async () => {
    slot();
    const first = show('three');
    Object.assign(source('b'), { isReady: false, state: 'starting' });
    slot();
    await Promise.all([first, show('one')]);
    for (let n = 0; n < 4 * FPS; n++) slot();
    assert.equal(stage.programme, 'one');
  });
});
