import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Rectangle, type Size, turned } from '../../../../src/base/geometry.js';
import { FrameMemory } from '../../../../src/encoder/canvas/frame-memory.js';
import {
  alphaFrameBytes,
  type Frame,
  FramePool,
  frameBytes,
  paint,
} from '../../../../src/encoder/canvas/frame-pool.js';
import { Compositor } from '../../../../src/encoder/compositor/compositor.js';
import { convertRgba } from '../../../../src/encoder/compositor/convert-rgba.js';
import { type Kernels, loadKernels } from '../../../../src/encoder/compositor/kernels.js';
import type { Layer, LayerMask } from '../../../../src/encoder/compositor/layer.js';
import { planesOf } from '../../../../src/encoder/compositor/planes.js';
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

  describe('shows of a layer what its masks let through', () => {
    const HALF = { width: CANVAS.width / 2, height: CANVAS.height / 2 };

    /** A frame whose left half lets through. */
    function mask(options: Partial<LayerMask> = {}, size: Size = CANVAS): LayerMask {
      const { by = 'alpha', hasAlpha = true } = options;
      const { frame } = layer({}, { hasAlpha }, size);
      const begin = by === 'luma' ? 0 : frameBytes(size);
      const [clear, through] = by === 'luma' ? [16, 235] : [0, 255];
      for (let index = 0; index < size.width * size.height && begin < frame.bytes.length; index++)
        frame.bytes[begin + index] = index % size.width < size.width / 2 ? through : clear;
      return { frame, size, hasAlpha, by, inverted: false, area: WHOLE, turns: 0, ...options };
    }

    /** Which of the four corners show the layer, and which what is below: top left, top right, bottom left, bottom right. */
    function corners(...masks: LayerMask[]): string {
      const frame = compose(layer({}, { masks }));
      const [right, bottom] = [CANVAS.width - 2, CANVAS.height - 2];
      const seen = [
        ...[at(frame, 1, 1), at(frame, right, 1), at(frame, 1, bottom), at(frame, right, bottom)],
      ].map((samples) => {
        assert.ok(samples[0] === RED_YUV[0] || samples[0] === BLACK_YUV[0], String(samples));
        return samples[0] === RED_YUV[0] ? 'R' : '.';
      });
      frame.release();
      return seen.join('');
    }

    it('by alpha or luma, inverted or not', () => {
      for (const by of ['alpha', 'luma'] as const) {
        assert.equal(corners(mask({ by })), 'R.R.');
        assert.equal(corners(mask({ by, inverted: true })), '.R.R');
      }
      assert.equal(corners(mask({ by: 'luma', hasAlpha: false })), 'R.R.');
      assert.equal(corners(mask({ hasAlpha: false })), 'RRRR');
      assert.equal(corners(mask({ hasAlpha: false, inverted: true })), '....');
    });

    it('scaled, turned, in its place and together', () => {
      assert.equal(corners(mask({}, HALF)), 'R.R.');
      assert.equal(corners(mask({ turns: 1 })), 'RR..');
      assert.equal(corners(mask({ turns: 2 }, HALF)), '.R.R');
      assert.equal(corners(mask({ area: { ...WHOLE, width: 2 * CANVAS.width } })), 'RRRR');
      assert.equal(corners(mask({ area: { x: 22, y: 0, ...HALF } })), '....');
      assert.equal(corners(mask({ area: { x: 0, y: 12, ...HALF } })), '..R.');
      assert.equal(corners(mask(), mask({ turns: 1 })), 'R...');
    });

    it('as a whole, also where a turned mask is of another shape than the canvas', () => {
      const frame = compose(layer({}, { masks: [mask({ turns: 1 })] }));
      const shown = (y: number) =>
        new Set(Array.from({ length: CANVAS.width }, (_, x) => at(frame, x, y)[0]));
      // Where the two halves meet, the mask is scaled.
      for (let y = 0; y < CANVAS.height; y++)
        if (Math.abs(y - (CANVAS.height - 1) / 2) > 2)
          assert.deepEqual([...shown(y)], [y < CANVAS.height / 2 ? RED_YUV[0] : BLACK_YUV[0]], `row ${y}`);
      frame.release();
    });

    it('as its alpha, its opacity and its corners do', () => {
      const half = mask();
      half.frame.bytes.fill(128, frameBytes(CANVAS));
      const seen = layer({ width: 20, height: 20 }, { masks: [half], radius: 4, hasAlpha: true }, HALF);
      seen.frame.bytes.fill(128, frameBytes(HALF));
      seen.frame.bytes.fill(235, 0, HALF.width * HALF.height);
      const over = compose(seen);
      assert.deepEqual(
        [at(over, 0, 0)[0], at(over, 10, 10)[0], at(over, 30, 10)[0]],
        [16, 16 + Math.round((219 * 64) / 255), 16],
      );
      over.release();
    });

    it('but no mask that the kernels must not touch, or that is too large to be turned', () => {
      const foreign = {
        ...mask(),
        frame: { ...mask().frame, bytes: new Uint8Array(10_000) } as unknown as Frame,
      };
      assert.throws(() => compositor.compose([layer({}, { masks: [foreign] })]), TypeError);
      const large = mask({ turns: 1 }, { width: 2 * CANVAS.width, height: CANVAS.height });
      assert.throws(() => compositor.compose([layer({}, { masks: [large] })]), RangeError);
    });
  });

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

    it('none where all are to be copied', () => {
      const copying = new Compositor({ size: CANVAS, pool, kernels, copies: true });
      const only = layer();
      const frame = copying.compose([only]);
      copying.dispose();
      assert.ok(frame !== undefined && frame !== only.frame);
      assert.deepEqual(frame.bytes, only.frame.bytes);
      frame.release();
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
        layer({}, { clip: { x: 4, y: 4, width: -2, height: 8 } }),
        layer({}, { clip: { x: 4, y: 4, width: 8, height: 0 } }),
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
        layer({}, { masks: [{ ...layer(), by: 'luma', inverted: false, turns: 0, area: WHOLE }] }),
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

  for (const [what, options, size] of [
    ['in its size', {}, { width: 24, height: 24 }],
    ['scaled', {}, { width: 48, height: 48 }],
    ['with alpha', { hasAlpha: true }, { width: 24, height: 24 }],
    ['with alpha, scaled', { hasAlpha: true }, { width: 12, height: 12 }],
  ] as const) {
    it(`rounds the corners of what is shown of a layer, ${what}`, () => {
      const area = { x: 4, y: 2, width: 24, height: 24 };
      const clip = { ...area, height: 18 };
      const frame = compose(layer(area, { radius: 7, clip, ...options }, size));
      const luma = (x: number, y: number) => frame.bytes[y * CANVAS.width + x] ?? 0;
      const [left, right, top, bottom] = [4, 27, 2, 19];
      const red = luma(16, 11);
      assert.ok(red > 50);
      for (const x of [left, right]) {
        for (const y of [top, bottom]) assert.ok(luma(x, y) <= 17, `${x}, ${y}: ${luma(x, y)}`);
        assert.ok(Math.abs(luma(x, 11) - red) <= 1, `the middle of a side: ${luma(x, 11)}`);
      }
      for (const y of [top, bottom]) assert.ok(Math.abs(luma(16, y) - red) <= 1, `${luma(16, y)}`);
      const edge = [4, 5, 6, 7, 8, 9].map((x) => luma(x, top + 1));
      assert.ok(
        edge.some((value) => value > 20 && value < red - 3),
        `a smooth edge: ${edge}`,
      );
      assert.equal(luma(16, bottom + 1), 16, 'below the clip');
      frame.release();
    });
  }

  it('draws of a layer what its clip shows, scaled or not, and nothing outside of the canvas', () => {
    const cases: [area: Partial<Rectangle>, clip: Rectangle, size: Size, seen: Rectangle][] = [
      [{}, { x: 4, y: 2, width: 6, height: 4 }, CANVAS, { x: 4, y: 2, width: 6, height: 4 }],
      [
        { x: -10, width: 60, height: 40 },
        { x: -4, y: 6, width: 10, height: 4 },
        { width: 20, height: 10 },
        { x: 0, y: 6, width: 6, height: 4 },
      ],
      [
        { x: 3.2, y: 0.9, width: 8, height: 8 },
        { x: 5.1, y: 2.9, width: 3.1, height: 2 },
        { width: 8, height: 8 },
        { x: 6, y: 2, width: 4, height: 2 },
      ],
    ];
    for (const [area, clip, size, seen] of cases) {
      const frame = compose(layer(area, { clip }, size));
      const { luma } = planesOf(0, CANVAS);
      for (let y = 0; y < CANVAS.height; y++) {
        for (let x = 0; x < CANVAS.width; x++) {
          const isSeen = x >= seen.x && x < seen.x + seen.width && y >= seen.y && y < seen.y + seen.height;
          assert.equal(
            frame.bytes[y * luma.stride + x] !== 16,
            isSeen,
            `${x}, ${y} of ${JSON.stringify(clip)}`,
          );
        }
      }
      frame.release();
    }
    const outside = layer({}, { clip: { x: CANVAS.width, y: 0, width: 10, height: 10 } });
    const frame = compose(layer(), outside);
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

  it('turns frames clockwise, as a frame that is turned already looks', () => {
    const size = { width: 24, height: 16 };
    for (const hasAlpha of [false, true])
      for (const turns of [1, 2, 3]) {
        const source = layer({}, { hasAlpha }, size);
        fillNoise(source.frame, 7);
        const other = turned(size, turns);
        const ready = layer({}, { hasAlpha }, other);
        const [from, to] = [
          planesOf(source.frame.bytes.byteOffset, size),
          planesOf(ready.frame.bytes.byteOffset, other),
        ];
        const bytes = new Uint8Array(memory.buffer);
        const planes = [
          ...[[from.luma, to.luma] as const, [from.chroma[0], to.chroma[0]] as const],
          ...[[from.chroma[1], to.chroma[1]] as const, [from.alpha, to.alpha] as const],
        ];
        for (const [{ address, width, height }, target] of planes.slice(0, hasAlpha ? 4 : 3))
          for (let y = 0; y < height; y++)
            for (let x = 0; x < width; x++) {
              const column = [0, height - 1 - y, width - 1 - x, y][turns] ?? 0;
              const row = [0, x, height - 1 - y, width - 1 - x][turns] ?? 0;
              bytes[target.address + row * target.stride + column] = bytes[address + y * width + x] ?? 0;
            }
        // As it is, and scaled with rounded corners.
        for (const area of [
          { x: 2, y: 4, ...other },
          { x: -2, y: 2, width: 20, height: 14 },
        ]) {
          const radius = area.x < 0 ? 6 : 0;
          const common = { hasAlpha, area, opacity: 0.7, radius };
          const frame = compose({ ...source, ...common, turns });
          const expected = compose({ ...ready, ...common });
          assert.ok(frame.bytes.equals(expected.bytes), `${turns} quarters at ${area.x}`);
          frame.release();
          expected.release();
        }
        for (const { frame } of layers.splice(0)) frame.release();
      }
  });

  it('does not pass on a frame that has to be turned, and turns none that is larger than the canvas', () => {
    const whole = compose(layer({}, { turns: 2 }));
    assert.notEqual(whole, layers[0]?.frame);
    whole.release();
    const large = layer({}, { turns: 1 }, { width: 64, height: 48 });
    assert.throws(() => compositor.compose([large]), RangeError);
  });

  it('converts an image into a part of a frame, and nothing beside it', () => {
    const part = { x: 6, y: 4, width: 10, height: 2 };
    const room = memory.reserve(4 * CANVAS.width * CANVAS.height);
    const { address } = room;
    const image = Buffer.from(memory.buffer, address, 4 * CANVAS.width * CANVAS.height);
    // Of another colour than what follows it.
    for (let pixel = 0; pixel < image.length; pixel += 4)
      image.writeUInt32LE(pixel < 4 * part.width * part.height ? 0x80_00_00_00 : 0xff_00_00_ff, pixel);
    const target = layer({}, { hasAlpha: true });
    const planes = planesOf(target.frame.bytes.byteOffset, CANVAS);
    target.frame.bytes.fill(7);
    convertRgba(kernels, planes, address, part);
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
