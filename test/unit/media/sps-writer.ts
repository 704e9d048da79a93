import fc from 'fast-check';
import type { SpsInfo } from '../../../src/media/sps.js';

/** Writes bits, the highest first, as H.264 does (9.1). */
class BitWriter {
  private readonly bits: number[] = [];

  u(count: number, value: number): this {
    for (let left = count - 1; left >= 0; left--) this.bits.push(Math.floor(value / 2 ** left) % 2);
    return this;
  }

  ue(value: number): this {
    const length = Math.floor(Math.log2(value + 1));
    return this.u(length, 0).u(length + 1, value + 1);
  }

  se(value: number): this {
    return this.ue(value > 0 ? 2 * value - 1 : -2 * value);
  }

  flag(value: boolean): this {
    return this.u(1, value ? 1 : 0);
  }

  /** A NAL unit: with its stop bit, and the bytes 0 0 followed by 0 to 3 kept apart (7.4.1). */
  toNal(header: number): Buffer {
    const bits = [...this.bits, 1];
    while (bits.length % 8 !== 0) bits.push(0);
    const bytes: number[] = [header];
    let zeros = 0;
    for (let at = 0; at < bits.length; at += 8) {
      const byte = Number.parseInt(bits.slice(at, at + 8).join(''), 2);
      if (zeros === 2 && byte <= 3) bytes.push(3);
      zeros = byte === 0 ? (zeros === 2 ? 1 : zeros + 1) : 0;
      bytes.push(byte);
    }
    return Buffer.from(bytes);
  }
}

/** Whatever a field may hold that is not looked at. */
const any = fc.nat({ max: 70_000 });
const signed = fc.integer({ min: -3000, max: 3000 });
const flag = fc.boolean();
const margin = fc.nat({ max: 3 });

const fields = fc.record({
  profile: fc.constantFrom(66, 77, 88, 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135),
  level: fc.integer({ min: 10, max: 62 }),
  id: fc.nat({ max: 31 }),
  chromaFormat: fc.nat({ max: 3 }),
  separatePlanes: flag,
  depths: fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 6 })),
  bypass: flag,
  /** Of each scaling list, how its entries differ; none where the list is not there. */
  scaling: fc.option(
    fc.array(fc.option(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 64, maxLength: 64 })), {
      minLength: 12,
      maxLength: 12,
    }),
  ),
  order: fc.record({
    type: fc.nat({ max: 2 }),
    first: any,
    offsets: fc.tuple(signed, signed),
    cycle: fc.array(signed, { maxLength: 5 }),
  }),
  references: fc.nat({ max: 16 }),
  gaps: flag,
  widthInMacroblocks: fc.integer({ min: 1, max: 1030 }),
  heightInMapUnits: fc.integer({ min: 1, max: 1030 }),
  framesOnly: flag,
  adaptive: flag,
  direct: flag,
  crop: fc.option(fc.tuple(margin, margin, margin, margin)),
  vui: fc.option(
    fc.record({
      aspect: fc.option(fc.oneof(fc.nat({ max: 16 }), fc.constant(255))),
      overscan: fc.option(flag),
      signal: fc.option(fc.record({ colours: fc.option(fc.nat({ max: 0xffffff })) })),
      chromaLocation: fc.option(fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 5 }))),
      timing: fc.option(
        fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 2 ** 32 - 1 })),
      ),
    }),
  ),
});
type Fields = typeof fields extends fc.Arbitrary<infer Value> ? Value : never;

const HIGH = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** H.264 7.3.2.1.1. */
function write(sps: Fields): Buffer {
  const bits = new BitWriter().u(8, sps.profile).u(8, 0).u(8, sps.level).ue(sps.id);
  if (HIGH.has(sps.profile)) writeHighProfile(bits, sps);
  bits.ue(4).ue(sps.order.type);
  if (sps.order.type === 0) bits.ue(sps.order.first);
  if (sps.order.type === 1) {
    bits.flag(sps.gaps).se(sps.order.offsets[0]).se(sps.order.offsets[1]).ue(sps.order.cycle.length);
    for (const offset of sps.order.cycle) bits.se(offset);
  }
  bits.ue(sps.references).flag(sps.gaps);
  bits
    .ue(sps.widthInMacroblocks - 1)
    .ue(sps.heightInMapUnits - 1)
    .flag(sps.framesOnly);
  if (!sps.framesOnly) bits.flag(sps.adaptive);
  bits.flag(sps.direct).flag(sps.crop !== null);
  for (const value of sps.crop ?? []) bits.ue(value);
  bits.flag(sps.vui !== null);
  if (sps.vui !== null) writeVui(bits, sps.vui);
  return bits.toNal(0x67);
}

function writeHighProfile(
  bits: BitWriter,
  { chromaFormat, separatePlanes, depths, bypass, scaling }: Fields,
) {
  bits.ue(chromaFormat);
  if (chromaFormat === 3) bits.flag(separatePlanes);
  bits
    .ue(depths[0])
    .ue(depths[1])
    .flag(bypass)
    .flag(scaling !== null);
  if (scaling === null) return;
  scaling.slice(0, chromaFormat === 3 ? 12 : 8).forEach((deltas, list) => {
    bits.flag(deltas !== null);
    let last = 8;
    for (const delta of deltas?.slice(0, list < 6 ? 16 : 64) ?? []) {
      bits.se(delta);
      const next = (last + delta + 256) % 256;
      // The rest of the list repeats the last entry, and is not written.
      if (next === 0) break;
      last = next;
    }
  });
}

/** H.264 E.1.1. */
function writeVui(
  bits: BitWriter,
  { aspect, overscan, signal, chromaLocation, timing }: NonNullable<Fields['vui']>,
) {
  bits.flag(aspect !== null);
  if (aspect !== null) bits.u(8, aspect);
  if (aspect === 255) bits.u(32, 0xfff00fff);
  bits.flag(overscan !== null);
  if (overscan !== null) bits.flag(overscan);
  bits.flag(signal !== null);
  if (signal !== null) {
    bits.u(4, 0b1101).flag(signal.colours !== null);
    if (signal.colours !== null) bits.u(24, signal.colours);
  }
  bits.flag(chromaLocation !== null);
  for (const location of chromaLocation ?? []) bits.ue(location);
  bits.flag(timing !== null);
  if (timing !== null) bits.u(32, timing[0]).u(32, timing[1]).flag(true);
}

/** H.264 7.4.2.1.1 and E.2.1. */
function meaning(sps: Fields): SpsInfo {
  const high = HIGH.has(sps.profile);
  const format = high ? sps.chromaFormat : 1;
  const separate = high && format === 3 && sps.separatePlanes;
  const [unitX, unitY] = separate
    ? [1, 1]
    : (
        [
          [1, 1],
          [2, 2],
          [2, 1],
          [1, 1],
        ] as const
      )[format]!;
  const fieldFactor = sps.framesOnly ? 1 : 2;
  const [left = 0, right = 0, top = 0, bottom = 0] = sps.crop ?? [];
  const timing = sps.vui?.timing;
  const fps = timing ? timing[1] / (2 * timing[0]) : undefined;
  return {
    profile: sps.profile,
    level: sps.level,
    width: 16 * sps.widthInMacroblocks - unitX * (left + right),
    height: fieldFactor * (16 * sps.heightInMapUnits - unitY * (top + bottom)),
    fps: fps !== undefined && fps >= 1 && fps <= 1000 ? fps : undefined,
  };
}

/** Sequence parameter sets of every kind, with what they say. */
export const sequenceParameterSets: fc.Arbitrary<{ readonly nal: Buffer; readonly info: SpsInfo }> =
  fields.map((sps) => ({ nal: write(sps), info: meaning(sps) }));
