import type { StreamTag } from '../../../src/media/stream-tag.js';
import { AAC_HEADER, aacFrame, avcFrame, avcHeader, metadata } from '../../support/flv.js';

export interface DelayStreamModel {
  readonly fps: number;
  /** Lengths of GOPs, in frames, repeated. */
  readonly gops: readonly number[];
  /** B-frames between two others: 0 or 2. */
  readonly bFrames: 0 | 2;
  readonly seconds: number;
  /** How much later than its timestamp a tag arrives, ms; repeated. */
  readonly lateMs: readonly number[];
  /** How much later than video sound arrives, ms; negative: earlier. */
  readonly soundLateMs: number;
}

export const SOUND_MS = 1024 / 48;

/** PTS − DTS of the frames of a GOP, in frames: I, then P B B. */
const WITH_B_FRAMES = [3, 0, 0] as const;

/** A stream on a timeline, in the order of its arrival. Frames and sounds are numbered in their payloads. */
export function streamOf(model: DelayStreamModel): StreamTag[] {
  const { fps, gops, bFrames, seconds, lateMs, soundLateMs } = model;
  const frameMs = 1000 / fps;
  const tags: { tag: StreamTag; order: number }[] = [];
  let [left, gop, inGop] = [0, 0, 0];
  for (let n = 0; n < seconds * fps; n++) {
    if (left === 0) {
      const length = gops[gop++ % gops.length] ?? 1;
      left = bFrames === 0 ? length : 1 + 3 * length;
      inGop = 0;
    }
    const frames = inGop === 0 ? 1 : (WITH_B_FRAMES[(inGop - 1) % 3] ?? 0);
    const timestampMs = Math.round(n * frameMs);
    const shownMs = Math.round((n + (bFrames === 0 ? 0 : frames)) * frameMs);
    const kind = inGop === 0 ? 'keyframe' : 'interframe';
    const readAtMs = n * frameMs + (n === 0 ? 0 : (lateMs[n % lateMs.length] ?? 0));
    const payload = avcFrame(kind, n, shownMs - timestampMs);
    tags.push({ tag: { kind, timestampMs, payload, readAtMs }, order: readAtMs });
    left--;
    inGop++;
  }
  for (let n = 0; n * SOUND_MS < seconds * 1000; n++) {
    const timestampMs = Math.round(n * SOUND_MS);
    const readAtMs = Math.max(1, n * SOUND_MS + soundLateMs + (lateMs[n % lateMs.length] ?? 0));
    tags.push({
      tag: { kind: 'audio', timestampMs, payload: aacFrame(n), readAtMs },
      order: readAtMs,
    });
  }
  // Each track stays in its own order.
  const inOrder = tags.sort((one, other) => one.order - other.order).map(({ tag }) => tag);
  return [
    { kind: 'metadata', timestampMs: 0, payload: metadata(1), readAtMs: 0 },
    { kind: 'video-header', timestampMs: 0, payload: avcHeader(1), readAtMs: 0 },
    { kind: 'audio-header', timestampMs: 0, payload: AAC_HEADER, readAtMs: 0 },
    ...inTracks(inOrder),
  ];
}

/** The same arrivals, with the tags of each track in the order of their timestamps. */
function inTracks(arrivals: readonly StreamTag[]): StreamTag[] {
  const tracks = (['audio', 'video'] as const).map((track) =>
    arrivals
      .filter(({ kind }) => (kind === 'audio') === (track === 'audio'))
      .sort((one, other) => one.timestampMs - other.timestampMs),
  );
  return arrivals.map(({ kind, readAtMs }) => {
    const next = tracks[kind === 'audio' ? 0 : 1]?.shift();
    if (next === undefined) throw new Error('a track with too few tags');
    return { ...next, readAtMs };
  });
}

/** The number of a frame or sound. */
export function numberOf({ kind, payload }: StreamTag): number {
  return payload.readUInt32BE(kind === 'audio' ? 2 : 10);
}
