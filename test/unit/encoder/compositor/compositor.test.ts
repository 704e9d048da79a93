import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FrameMemory } from '../../../../src/encoder/canvas/frame-memory.js';
import { type Frame, FramePool, frameBytes, paint } from '../../../../src/encoder/canvas/frame-pool.js';
import { Compositor } from '../../../../src/encoder/compositor/compositor.js';
import { convertRgba } from '../../../../src/encoder/compositor/convert-rgba.js';
import { type Kernels, loadKernels } from '../../../../src/encoder/compositor/kernels.js';
import type { Layer } from '../../../../src/encoder/compositor/layer.js';
import {
  alphaFrameBytes,
  planesOf,
  type Rectangle,
  type Size,
} from '../../../../src/encoder/compositor/planes.js';
import { triangleFilter } from '../../../../src/encoder/compositor/scale-filter.js';

const CANVAS = { width: 44, height: 24 };
const WHOLE = { x: 0, y: 0, ...CANVAS };
const RED = { red: 255, green: 0, blue: 0 };
const [RED_YUV, BLACK_YUV] = [
  [63, 102, 240],
  [16, 128, 128],
];

/** The samples at a pixel of the canvas. */
function at({ bytes }: Frame, x: number, y: number, { width, height } = CANVAS): number[] {
  const pixels = width * height;
  const chroma = pixels + (y >> 1) * (width / 2) + (x >> 1);
  return [bytes[y * width + x] ?? -1, bytes[chroma] ?? -1, bytes[chroma + pixels / 4] ?? -1];
}

/** Random, but the same each time. */
function fillNoise({ bytes }: Frame, seed: number): void {
  let state = seed | 1;
  for (let index = 0; index < bytes.length; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    bytes[index] = state >>> 23;
  }
}

describe('Compositor', () => {
  let memory: FrameMemory;
  let kernels: Kernels;
  let pool: FramePool;
  let compositor: Compositor;
  const pools: FramePool[] = [];

  before(async () => {
    memory = new FrameMemory(64 * 1024 * 1024);
    kernels = await loadKernels(memory);
  });
  beforeEach(() => {
    pool = new FramePool(frameBytes(CANVAS), 3, memory);
    compositor = new Compositor({ size: CANVAS, pool, kernels });
  });
  afterEach(() => {
    compositor.dispose();
    pool.dispose();
    for (const { frame } of layers.splice(0)) frame.release();
    for (const each of pools.splice(0)) each.dispose();
    memory.reserve(memory.buffer.byteLength).dispose();
  });

  const layers: Layer[] = [];

  /** A layer with a frame of a source's own. */
  function layer(area: Partial<Rectangle> = {}, options: Partial<Layer> = {}, size: Size = CANVAS): Layer {
    const hasAlpha = options.hasAlpha ?? false;
    const own = new FramePool(hasAlpha ? alphaFrameBytes(size) : frameBytes(size), 1, memory);
    const frame = own.acquire();
    assert.ok(frame);
    paint({ bytes: frame.bytes.subarray(0, frameBytes(size)) }, RED);
    if (hasAlpha) frame.bytes.fill(255, frameBytes(size));
    pools.push(own);
    const made = { frame, size, hasAlpha, area: { x: 0, y: 0, ...size, ...area }, opacity: 1, ...options };
    layers.push(made);
    return made;
  }

  function compose(...all: Layer[]): Frame {
    const frame = compositor.compose(all);
    assert.ok(frame);
    return frame;
  }

  describe('passes on', () => {
    it('the frame of one opaque layer that fills the canvas', () => {
      const only = layer();
      const frame = compose(only);
      assert.equal(frame, only.frame);
      assert.equal(pool.inUse, 0);
      frame.release();
      // Its owner still has it.
      only.frame.retain().release();
    });

    it('a frame that hides all below it, and has nothing above it that is seen', () => {
      const hidden = [layer({ x: 2, width: 10 }), layer()];
      const unseen = [
        layer({}, { opacity: 0 }),
        layer({}, { opacity: 0.001 }),
        layer({}, { opacity: Number.NaN }),
        layer({ x: CANVAS.width }),
        layer({ y: -CANVAS.height }),
        layer({ x: Number.NaN }),
        layer({ width: Number.POSITIVE_INFINITY }),
      ];
      const shown = layer();
      const frame = compose(...hidden, shown, ...unseen);
      assert.equal(frame, shown.frame);
      frame.release();
    });

    it('no frame that is translucent, has alpha, is moved, is scaled or is larger than the canvas', () => {
      for (const other of [
        layer({}, { opacity: 0.99 }),
        layer({}, { opacity: 1 / 256 }),
        layer({}, { hasAlpha: true }),
        layer({ x: 2 }),
        layer({ ...WHOLE }, {}, { width: 20, height: 10 }),
        layer({}, {}, { width: CANVAS.width + 2, height: CANVAS.height }),
        layer({}, {}, { width: CANVAS.width, height: CANVAS.height + 2 }),
      ]) {
        const frame = compose(other);
        assert.notEqual(frame, other.frame);
        frame.release();
      }
    });
  });

  it('is black where there is no layer', () => {
    for (const frame of [compose(), compose(layer({ x: 40, width: 44 }))]) {
      assert.deepEqual(at(frame, 0, 0), BLACK_YUV);
      assert.deepEqual(at(frame, 39, 23), BLACK_YUV);
      frame.release();
    }
  });

  it('rounds positions and sizes to even numbers', () => {
    const frame = compose(layer({ x: 4.9, y: 2.9, width: 3.2, height: 0.1 }, {}, { width: 4, height: 2 }));
    for (const [x, y, colour] of [
      [4, 2, RED_YUV],
      [7, 3, RED_YUV],
      [3, 2, BLACK_YUV],
      [8, 3, BLACK_YUV],
      [4, 1, BLACK_YUV],
      [4, 4, BLACK_YUV],
    ] as const) {
      assert.deepEqual(at(frame, x, y), colour, `at ${x},${y}`);
    }
    frame.release();
  });

  it('draws layers over each other as alpha and opacity say, also where they lie partly outside', () => {
    const even = (most: number) => fc.integer({ min: 1, max: most / 2 }).map((half) => 2 * half);
    const anyLayer = fc.record({
      seed: fc.nat(),
      hasAlpha: fc.boolean(),
      opacity: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
      x: fc.integer({ min: -25, max: 22 }),
      y: fc.integer({ min: -13, max: 12 }),
      size: fc.record({ width: even(60), height: even(30) }),
    });
    fc.assert(
      fc.property(fc.array(anyLayer, { minLength: 1, maxLength: 3 }), (specs) => {
        const drawn = specs.map(({ seed, hasAlpha, opacity, x, y, size }) => {
          const made = layer({ x: 2 * x, y: 2 * y }, { hasAlpha, opacity }, size);
          fillNoise(made.frame, seed);
          return made;
        });
        const frame = compose(...drawn);
        for (let y = 0; y < CANVAS.height; y++) {
          for (let x = 0; x < CANVAS.width; x++) {
            const expected = expectedAt(drawn, x, y);
            for (const [plane, sample] of at(frame, x, y).entries()) {
              const off = Math.abs(sample - (expected[plane] ?? 0));
              assert.ok(
                off <= 1.6 * drawn.length,
                `${sample}, not ${expected[plane]}, at ${x},${y} of ${plane}`,
              );
            }
          }
        }
        frame.release();
        for (const { frame } of layers.splice(0)) frame.release();
        for (const each of pools.splice(0)) each.dispose();
      }),
      { numRuns: 50 },
    );
  });

  /** Computed pixel by pixel, without any rounding. */
  function expectedAt(drawn: readonly Layer[], x: number, y: number): number[] {
    let colour = [...BLACK_YUV];
    for (const { frame, size, area, hasAlpha, opacity } of drawn) {
      const [left, top] = [x - area.x, y - area.y];
      if (left < 0 || top < 0 || left >= size.width || top >= size.height) continue;
      const alphaAt = (column: number, row: number) =>
        hasAlpha ? (frame.bytes[frameBytes(size) + row * size.width + column] ?? 0) / 255 : 1;
      const [column, row] = [left & ~1, top & ~1];
      const four = [alphaAt(column, row), alphaAt(column + 1, row), alphaAt(column, row + 1)];
      const mean = (four.reduce((sum, alpha) => sum + alpha, 0) + alphaAt(column + 1, row + 1)) / 4;
      const source = at(frame, left, top, size);
      colour = colour.map((under, plane) => {
        const seen = opacity * (plane === 0 ? alphaAt(left, top) : mean);
        return under + ((source[plane] ?? 0) - under) * seen;
      });
    }
    return colour;
  }

  describe('scales', () => {
    const SOURCE = { width: 96, height: 64 };

    it('a layer to its area, in colours that do not change', () => {
      for (const options of [{}, { hasAlpha: true }]) {
        const frame = compose(layer({ x: 10, y: 4, width: 22, height: 14 }, options, SOURCE));
        for (const [x, y] of [
          [10, 4],
          [31, 17],
          [20, 10],
        ] as const) {
          assert.deepEqual(at(frame, x, y), RED_YUV);
        }
        assert.deepEqual(at(frame, 9, 4), BLACK_YUV);
        assert.deepEqual(at(frame, 32, 17), BLACK_YUV);
        frame.release();
      }
    });

    it('as its filter does in exact arithmetic', () => {
      for (const [width, height] of [
        [44, 24],
        [18, 22],
        [40, 6],
        [4, 2],
      ] as const) {
        const noise = layer({ width, height }, {}, SOURCE);
        fillNoise(noise.frame, width);
        const frame = compose(noise);
        const exact = 2 ** 30;
        const [across, down] = [
          triangleFilter({ from: SOURCE.width, to: width, first: 0, count: width, phase: 0.5 }, exact),
          triangleFilter({ from: SOURCE.height, to: height, first: 0, count: height, phase: 0.5 }, exact),
        ];
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            let sum = 0;
            for (let row = 0; row < down.taps; row++) {
              for (let column = 0; column < across.taps; column++) {
                const from = ((down.starts[y] ?? 0) + row) * SOURCE.width + (across.starts[x] ?? 0) + column;
                const weight =
                  (down.weights[y * down.taps + row] ?? 0) * (across.weights[x * across.taps + column] ?? 0);
                sum += (noise.frame.bytes[from] ?? 0) * weight;
              }
            }
            const [luma = 0] = at(frame, x, y);
            assert.ok(
              Math.abs(luma - sum / exact ** 2) <= 1.5,
              `${luma}, not ${sum / exact ** 2}, at ${x},${y}`,
            );
          }
        }
        frame.release();
      }
    });

    it('a ramp to a ramp, with chroma where it was', () => {
      const ramp = layer({ width: 32, height: 16 }, {}, { width: 96, height: 48 });
      for (let y = 0; y < 48; y++) for (let x = 0; x < 96; x++) ramp.frame.bytes[y * 96 + x] = 2 * x;
      // Chroma's columns lie on the even ones of luma.
      for (let at = 96 * 48; at < ramp.frame.bytes.length; at++) ramp.frame.bytes[at] = 2 * (2 * (at % 48));
      const frame = compose(ramp);
      for (let x = 2; x < 30; x++) {
        const [luma = 0, u = 0] = at(frame, x, 8);
        const place = 3 * x + 1;
        assert.ok(Math.abs(luma - 2 * place) <= 1, `${luma} at ${x}`);
        if (x % 2 === 0) assert.ok(Math.abs(u - 2 * place) <= 1, `${u} at ${x}`);
      }
      frame.release();
    });

    it('into the frame as beside it, and in part as in whole', () => {
      const areas = [WHOLE, { x: 6, y: 2, width: 30, height: 20 }, { x: -10, y: -6, width: 80, height: 50 }];
      for (const area of areas) {
        const opaque = layer(area, {}, SOURCE);
        fillNoise(opaque.frame, 9);
        const alike = layer(area, { hasAlpha: true }, SOURCE);
        opaque.frame.bytes.copy(alike.frame.bytes);
        const [direct, beside] = [compose(opaque), compose(alike)];
        assert.ok(direct.bytes.equals(beside.bytes));
        direct.release();
        beside.release();
      }
      const part = layer({ x: -10, y: -6, width: 40, height: 24 }, {}, SOURCE);
      const all = layer({ x: 0, y: 0, width: 40, height: 24 }, {}, SOURCE);
      fillNoise(part.frame, 5);
      fillNoise(all.frame, 5);
      const [cut, whole] = [compose(part), compose(all)];
      for (let y = 0; y < 18; y++) {
        for (let x = 0; x < 30; x++) assert.deepEqual(at(cut, x, y), at(whole, x + 10, y + 6));
      }
      cut.release();
      whole.release();
    });

    it('more layers than it keeps tables for', () => {
      const wide = { width: 4096, height: 64 };
      const source = layer({}, {}, wide);
      fillNoise(source.frame, 3);
      const sizes = Array.from({ length: 120 }, (_, index) => ({ width: 2000 + 2 * index, height: 20 }));
      const sums = () =>
        sizes.map((size) => {
          const frame = compose({ ...source, area: { x: 0, y: 0, ...size } });
          const sum = frame.bytes.reduce((all, byte, index) => (all + byte * (index % 251)) | 0, 0);
          frame.release();
          return sum;
        });
      const first = sums();
      assert.ok(new Set(first).size > 100);
      assert.deepEqual(sums(), first);
    });
  });

  describe('fades', () => {
    it('between two frames', () => {
      const [from, to] = [layer().frame, layer().frame];
      paint(to, { red: 0, green: 0, blue: 255 });
      const middle = compositor.fade(from, to, 0.5);
      assert.ok(middle);
      assert.deepEqual(at(middle, 20, 20), [48, 171, 179]);
      middle.release();
      for (const [progress, end] of [
        [0, from],
        [-1, from],
        [0.001, from],
        [1, to],
        [2, to],
      ] as const) {
        assert.equal(compositor.fade(from, to, progress), end);
        end.release();
      }
      assert.equal(pool.inUse, 0);
    });

    it('not without a free frame', () => {
      const [from, to] = [layer().frame, layer().frame];
      const frames = [pool.acquire(), pool.acquire(), pool.acquire()];
      assert.equal(compositor.fade(from, to, 0.5), undefined);
      for (const frame of frames) frame?.release();
    });
  });

  it('converts a part of an image, and nothing beside it', () => {
    const room = memory.reserve(4 * CANVAS.width * CANVAS.height);
    const { address } = room;
    const image = Buffer.from(memory.buffer, address, 4 * CANVAS.width * CANVAS.height);
    for (let pixel = 0; pixel < image.length; pixel += 4) image.writeUInt32LE(0xff_00_00_ff, pixel);
    const part = { x: 6, y: 4, width: 10, height: 2 };
    // Of another colour than all around it.
    for (const y of [4, 5])
      for (let x = 6; x < 16; x++) image.writeUInt32LE(0x80_00_00_00, 4 * (y * CANVAS.width + x));
    const target = layer({}, { hasAlpha: true });
    const planes = planesOf(target.frame.bytes.byteOffset, CANVAS);
    target.frame.bytes.fill(7);
    convertRgba(kernels, planes, { address, width: CANVAS.width }, part);
    for (let y = 0; y < CANVAS.height; y++) {
      for (let x = 0; x < CANVAS.width; x++) {
        const inside = x >= 6 && x < 16 && y >= 4 && y < 6;
        assert.deepEqual(at(target.frame, x, y), inside ? BLACK_YUV : [7, 7, 7], `at ${x},${y}`);
        const alpha = target.frame.bytes[frameBytes(CANVAS) + y * CANVAS.width + x];
        assert.equal(alpha, inside ? 0x80 : 7);
      }
    }
    room.dispose();
  });

  it('composes nothing without a free frame', () => {
    const frames = [pool.acquire(), pool.acquire(), pool.acquire()];
    assert.equal(compositor.compose([layer(), layer({ x: 4 })]), undefined);
    for (const frame of frames) frame?.release();
  });

  it('refuses frames that the kernels must not touch', () => {
    const foreign = new FramePool(frameBytes(CANVAS), 1).acquire();
    assert.ok(foreign);
    const base = layer();
    const layerOf = (frame: Frame, options: Partial<Layer> = {}): Layer => ({
      ...base,
      frame,
      opacity: 0.5,
      ...options,
    });
    assert.throws(() => compositor.compose([layerOf(foreign)]), /not in the compositor's memory/);
    assert.throws(() => compositor.fade(base.frame, foreign, 0.5), /not in the compositor's memory/);
    assert.throws(
      () => compositor.compose([layerOf(base.frame, { hasAlpha: true })]),
      /1584 bytes, not 2640/,
    );
    assert.equal(pool.inUse, 0);
  });

  it('takes its memory once, and gives it back', () => {
    const small = new FrameMemory(
      Compositor.memoryBytes(CANVAS) + FramePool.memoryBytes(frameBytes(CANVAS), 1),
    );
    const own = new FramePool(frameBytes(CANVAS), 1, small);
    const one = new Compositor({ size: CANVAS, pool: own, kernels });
    one.dispose();
    new Compositor({ size: CANVAS, pool: own, kernels }).dispose();
    small.reserve(Compositor.memoryBytes(CANVAS));
    assert.throws(() => new Compositor({ size: CANVAS, pool: own, kernels }), /no room/);
  });
});
