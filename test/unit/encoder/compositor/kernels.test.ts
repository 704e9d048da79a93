import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FrameMemory } from '../../../../src/encoder/canvas/frame-memory.js';
import { type Kernels, loadKernels } from '../../../../src/encoder/compositor/kernels.js';
import { ScaleTables } from '../../../../src/encoder/compositor/scale-tables.js';
import { referenceKernels } from './reference-kernels.js';

const MEMORY_BYTES = 65_536;
/** Two of them hold what a kernel reads, one what it writes, and one tables. */
const QUARTER = MEMORY_BYTES / 4;

/** Bytes of one kind: any, the two extremes, or runs of these, as in alpha. */
interface Contents {
  readonly seed: number;
  readonly kind: 'any' | 'extremes' | 'runs' | 'most';
}

const contents: fc.Arbitrary<Contents> = fc.record({
  seed: fc.nat(),
  kind: fc.constantFrom('any', 'extremes', 'runs', 'most'),
});
/** Where a plane begins, which no vector is aligned to, and how much longer its rows are than they need to be. */
const place = fc.record({ offset: fc.nat(17), more: fc.nat(20) });
const size = fc.record({ width: fc.integer({ min: 1, max: 83 }), height: fc.integer({ min: 1, max: 6 }) });
/** The alpha of each eight columns of pixels: clear, opaque, or as it is. */
const alphas = fc.array(fc.constantFrom(0, 255, undefined), { minLength: 1, maxLength: 5 });
const weight = fc.oneof(fc.constantFrom(0, 1, 128, 255, 256), fc.nat(256));

describe('the kernels', () => {
  let memory: FrameMemory;
  let bytes: Uint8Array;
  let kernels: Kernels;

  before(async () => {
    memory = new FrameMemory(MEMORY_BYTES);
    bytes = new Uint8Array(memory.buffer);
    kernels = await loadKernels(memory);
  });

  function fill({ seed, kind }: Contents): void {
    let state = seed | 1;
    const next = () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state >>> 24;
    };
    let run = 0;
    let value = 0;
    for (let index = 0; index < MEMORY_BYTES; index++) {
      if (kind === 'runs' && run-- === 0) {
        run = next() % 40;
        value = [0, 255, next()][next() % 3] ?? 0;
      }
      if (kind === 'any') value = next();
      if (kind === 'extremes') value = next() < 128 ? 0 : 255;
      if (kind === 'most') value = 255;
      bytes[index] = value;
    }
  }

  /** Both do the same, and the kernel writes nowhere else, except perhaps from `room` on, so many bytes. */
  function compare(run: (kernels: Kernels) => void, { tolerance = 0, room = 0, roomBytes = 0 } = {}): void {
    const expected = bytes.slice();
    run(referenceKernels(expected));
    run(kernels);
    expected.set(bytes.subarray(room, room + roomBytes), room);
    const wrong = expected.findIndex((byte, index) => Math.abs(byte - (bytes[index] ?? 0)) > tolerance);
    if (wrong >= 0) assert.fail(`byte ${wrong}: expected ${expected[wrong]}, got ${bytes[wrong]}`);
  }

  it('turn a plane by quarters', () => {
    const large = fc.record({
      width: fc.integer({ min: 1, max: 60 }),
      height: fc.integer({ min: 1, max: 60 }),
    });
    const quarters = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(contents, large, place, place, quarters, (data, { width, height }, to, from, turns) => {
        fill(data);
        const columns = turns === 2 ? width : height;
        compare(({ turnPlane }) =>
          turnPlane(
            ...([to.offset, columns + to.more, QUARTER + from.offset, width + from.more] as const),
            ...([width, height, turns] as const),
          ),
        );
      }),
    );
  });

  it('fill a rectangle', () => {
    fc.assert(
      fc.property(contents, size, place, fc.nat(255), (data, { width, height }, to, sample) => {
        fill(data);
        compare(({ fillPlane }) => fillPlane(to.offset, width + to.more, width, height, sample));
      }),
    );
  });

  it('copy a rectangle', () => {
    fc.assert(
      fc.property(contents, size, place, place, (data, { width, height }, to, from) => {
        fill(data);
        compare(({ copyPlane }) =>
          copyPlane(to.offset, width + to.more, QUARTER + from.offset, width + from.more, width, height),
        );
      }),
    );
  });

  it('multiply alpha by a mask', () => {
    const flag = fc.constantFrom(0, 1);
    fc.assert(
      fc.property(
        contents,
        size,
        place,
        place,
        flag,
        flag,
        (data, { width, height }, to, from, luma, inverted) => {
          fill(data);
          compare(({ maskPlane }) =>
            maskPlane(
              ...([to.offset, width + to.more, QUARTER + from.offset, width + from.more] as const),
              ...([width, height, luma, inverted] as const),
            ),
          );
        },
      ),
    );
  });

  it('mix two rectangles', () => {
    fc.assert(
      fc.property(contents, size, weight, place, place, place, (data, { width, height }, part, to, a, b) => {
        fill(data);
        compare(({ mixPlane }) =>
          mixPlane(
            ...[to.offset, width + to.more, QUARTER + a.offset, width + a.more],
            ...[2 * QUARTER + b.offset, width + b.more, width, height, part],
          ),
        );
      }),
    );
  });

  it('mix a rectangle into another one in place', () => {
    fc.assert(
      fc.property(contents, size, weight, place, place, (data, { width, height }, part, to, from) => {
        fill(data);
        const target = [to.offset, width + to.more] as const;
        compare(({ mixPlane }) =>
          mixPlane(...target, ...target, QUARTER + from.offset, width + from.more, width, height, part),
        );
      }),
    );
  });

  it('blend a rectangle by its alpha and an opacity', () => {
    fc.assert(
      fc.property(
        ...[contents, size, weight, place, place, place],
        (data, { width, height }, opacity, to, from, alpha) => {
          fill(data);
          compare(({ blendPlane }) =>
            blendPlane(
              ...[to.offset, width + to.more, QUARTER + from.offset, width + from.more],
              ...[2 * QUARTER + alpha.offset, width + alpha.more, width, height, opacity],
            ),
          );
        },
      ),
    );
  });

  it('blend chroma by the alpha of four pixels', () => {
    fc.assert(
      fc.property(
        ...[contents, size, weight, place, place, place],
        (data, { width, height }, opacity, to, from, alpha) => {
          fill(data);
          const [target, source] = [to.offset, QUARTER + from.offset];
          const half = QUARTER / 2;
          compare(({ blendChroma }) =>
            blendChroma(
              ...[target, target + half, width + to.more, source, source + half, width + from.more],
              ...[2 * QUARTER + alpha.offset, 2 * width + alpha.more, width, height, opacity],
            ),
          );
        },
      ),
    );
  });

  it('blend to the nearest number at every alpha, opacity and value', () => {
    for (const under of [0, 1, 127, 254, 255]) {
      for (const opacity of [256, 255, 128, 1]) {
        for (let source = 0; source < 256; source++) {
          bytes.fill(under, 0, 256);
          bytes.fill(source, QUARTER, QUARTER + 256);
          for (let alpha = 0; alpha < 256; alpha++) bytes[2 * QUARTER + alpha] = alpha;
          kernels.blendPlane(0, 256, QUARTER, 256, 2 * QUARTER, 256, 256, 1, opacity);
          for (let alpha = 0; alpha < 256; alpha++) {
            const seen = Math.floor((alpha * opacity + 128) / 256);
            const expected = under + ((source - under) * seen) / 255;
            if (!(Math.abs((bytes[alpha] ?? -1) - expected) < 0.51)) {
              assert.fail(`${source} over ${under} at ${alpha} and ${opacity}: ${bytes[alpha]}`);
            }
          }
        }
      }
    }
  });

  it('scale a plane, whole or in part', () => {
    const axis = fc
      .record({ from: fc.integer({ min: 1, max: 90 }), to: fc.integer({ min: 1, max: 60 }) })
      .chain(({ from, to }) =>
        fc.record({
          from: fc.constant(from),
          to: fc.constant(to),
          first: fc.nat(to - 1),
          count: fc.nat(to - 1),
          phase: fc.constantFrom(0.5, 0.25),
        }),
      )
      .map(({ count, ...rest }) => ({ ...rest, count: 1 + Math.min(count, rest.to - rest.first - 1) }));
    fc.assert(
      fc.property(contents, axis, axis, place, place, (data, across, down, to, from) => {
        fill(data);
        const tables = new ScaleTables(across, down);
        assert.ok(tables.bytes <= QUARTER, `${tables.bytes} bytes of tables`);
        const args = tables.write(memory.buffer, 3 * QUARTER);
        const { width, height, firstColumn } = tables;
        const source = QUARTER + from.offset;
        const [line] = args.slice(-1);
        compare(
          ({ scalePlane }) =>
            scalePlane(
              ...[to.offset, width + to.more, width, height],
              ...[source + firstColumn, across.from + from.more, ...args],
            ),
          { room: line, roomBytes: 3 * QUARTER + tables.bytes - (line ?? 0) },
        );
      }),
    );
  });

  it('convert RGBA, the colour of a pixel as much as it is seen', () => {
    fc.assert(
      fc.property(contents, size, place, place, alphas, (data, { width, height }, to, from, seen) => {
        fill(data);
        const [w, h] = [2 * Math.ceil(width / 2), 2 * Math.ceil(height / 2)];
        const [stride, half] = [w + 2 * to.more, w / 2 + to.more];
        const y = to.offset;
        const alpha = y + h * stride;
        const [u, v] = [alpha + h * stride, alpha + h * (stride + half)];
        const rgbaStride = 4 * (w + from.more);
        for (let at = 0; at < h * rgbaStride; at += 4) {
          const alpha = seen[((at % rgbaStride) >> 5) % seen.length];
          if (typeof alpha === 'number') bytes[2 * QUARTER + from.offset + at + 3] = alpha;
        }
        compare(
          ({ rgbaToYuva }) =>
            rgbaToYuva(...[2 * QUARTER + from.offset, rgbaStride], ...[y, u, v, alpha, stride, half, w, h]),
          { tolerance: 1 },
        );
      }),
    );
  });

  it('convert greys without colour, primaries, and what is not seen', () => {
    const columns = 10;
    /** Two rows, which are wide enough for a vector and some more; what comes out has to be the same all over. */
    const convert = (...pixel: number[]) => {
      bytes.set(
        Array<number[]>(2 * columns)
          .fill(pixel)
          .flat(),
        QUARTER,
      );
      kernels.rgbaToYuva(QUARTER, 4 * columns, 0, 100, 200, 300, columns, columns / 2, columns, 2);
      const planes = [
        bytes.slice(0, 20),
        bytes.slice(100, 105),
        bytes.slice(200, 205),
        bytes.slice(300, 320),
      ];
      return planes.map((plane) => {
        assert.ok(
          plane.every((sample) => sample === plane[0]),
          plane.join(),
        );
        return plane[0];
      });
    };
    for (let grey = 0; grey < 256; grey++) {
      assert.deepEqual(convert(grey, grey, grey, 255), [Math.round(16 + (219 * grey) / 255), 128, 128, 255]);
    }
    assert.deepEqual(convert(255, 0, 0, 255), [63, 102, 240, 255]);
    assert.deepEqual(convert(0, 255, 0, 200), [173, 42, 26, 200]);
    assert.deepEqual(convert(0, 0, 255, 255), [32, 240, 118, 255]);
    assert.deepEqual(convert(0, 0, 255, 1), [32, 240, 118, 1]);
    assert.deepEqual(convert(0, 0, 255, 0), [32, 128, 128, 0]);

    const [clear, red] = [
      [0, 255, 0, 0],
      [255, 0, 0, 128],
    ] as const;
    bytes.set([...clear, ...red, ...clear, ...clear], QUARTER);
    kernels.rgbaToYuva(QUARTER, 8, 0, 100, 200, 300, 2, 1, 2, 2);
    assert.deepEqual([bytes[100], bytes[200]], [102, 240]);
    assert.deepEqual([...bytes.slice(300, 304)], [0, 128, 0, 0]);
  });
});
