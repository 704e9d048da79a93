import { crc32 } from 'node:zlib';
import type { Sample } from '../chunked-writer.js';
import { numberOf } from '../tracks.js';
import { box, fullBox, u32, u64 } from './boxes.js';
import { SampleFlags } from './movie.js';
import type { TimedSample } from './sample-table.js';

const TFHD_DEFAULT_BASE_IS_MOOF = 0x020000;
export const TRUN = {
  dataOffset: 0x1,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  composition: 0x800,
} as const;
/** What a run of samples in files of this program says of each. */
export const TRUN_FLAGS = TRUN.dataOffset | TRUN.duration | TRUN.size | TRUN.flags | TRUN.composition;
export const TRUN_ENTRY_BYTES = 16;
/** Of a `trun` box's contents: before its entries. */
export const TRUN_HEADER_BYTES = 12;
const MAX_DURATION = 0xffffffff;
const DATA_OFFSET_AT = 16;
const BOX_HEADER_BYTES = 8;
/** Contents of the `free` box after a fragment: its checksum. */
export const SUM_BYTES = 4;

/** A track's part of a fragment. */
export interface TrackRun {
  readonly number: number;
  readonly samples: readonly (TimedSample & { readonly sample: Sample })[];
  /** Of the last sample, ticks. */
  readonly lastTicks: number;
}

/** Where a track's samples lie in a fragment. */
export interface Fragment {
  readonly bytes: Buffer;
  /** Of each run, from the fragment's beginning. */
  readonly dataAt: readonly number[];
}

/** `moof`, `mdat`, and a `free` box with their checksum. */
export function fragment(sequence: number, runs: readonly TrackRun[]): Fragment {
  const truns = runs.map(sampleRun);
  const trafs = runs.map((run, n) => trackFragment(run, truns[n] ?? Buffer.alloc(0)));
  const moofHead = fullBox('mfhd', 0, 0, u32(sequence));
  const moofBytes = trafs.reduce((sum, { length }) => sum + length, BOX_HEADER_BYTES + moofHead.length);
  let at = moofBytes + BOX_HEADER_BYTES;
  const dataAt = runs.map(({ samples }) => {
    const from = at;
    for (const { size } of samples) at += size;
    return from;
  });
  const finished = trafs.map((traf, n) => {
    traf.writeInt32BE(dataAt[n] ?? 0, traf.length - (truns[n]?.length ?? 0) + DATA_OFFSET_AT);
    return traf;
  });
  const moof = box('moof', moofHead, ...finished);
  const datas = runs.flatMap(({ samples }) => samples.map(({ sample }) => sample.data));
  const mdatHeader = Buffer.concat([u32(at - moofBytes), Buffer.from('mdat')]);
  const sumHeader = Buffer.concat([u32(BOX_HEADER_BYTES + SUM_BYTES), Buffer.from('free'), u32(0)]);
  const bytes = Buffer.concat([moof, mdatHeader, ...datas, sumHeader]);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, at)), bytes.length - SUM_BYTES);
  return { bytes, dataAt };
}

function trackFragment({ number, samples }: TrackRun, trun: Buffer): Buffer {
  const header = fullBox('tfhd', 0, TFHD_DEFAULT_BASE_IS_MOOF, u32(number));
  const time = fullBox('tfdt', 1, 0, u64([samples[0]?.dts ?? 0]));
  return box('traf', header, time, trun);
}

function sampleRun({ samples, lastTicks }: TrackRun): Buffer {
  const entries = Buffer.allocUnsafe(TRUN_ENTRY_BYTES * samples.length);
  samples.forEach(({ dts, composition, size, sample }, n) => {
    const next = samples[n + 1];
    const at = TRUN_ENTRY_BYTES * n;
    entries.writeUInt32BE(Math.min(next === undefined ? lastTicks : next.dts - dts, MAX_DURATION), at);
    entries.writeUInt32BE(size, at + 4);
    entries.writeUInt32BE(flagsOf(sample), at + 8);
    entries.writeInt32BE(composition, at + 12);
  });
  return fullBox('trun', 1, TRUN_FLAGS, u32(samples.length, 0), entries);
}

function flagsOf({ isKeyframe, isDisposable }: Sample): number {
  if (isKeyframe) return SampleFlags.keyframe;
  return isDisposable ? SampleFlags.disposable : SampleFlags.interframe;
}

/** The samples of a fragment by their tracks. */
export function samplesByTrack(samples: readonly Sample[]): Map<number, Sample[]> {
  const byTrack = new Map<number, Sample[]>();
  for (const sample of samples) {
    const number = numberOf(sample.format);
    const ofTrack = byTrack.get(number);
    if (ofTrack === undefined) byTrack.set(number, [sample]);
    else ofTrack.push(sample);
  }
  return byTrack;
}
