import { Timeline } from '../../src/core/timeline/timeline.js';
import { isVideoFrame } from '../../src/media/stream-tag.js';
import { BulkheadError } from '../../src/protocol/errors.js';
import type { Target } from '../target.js';
import { FLV_SEED } from './media.js';

const PREAMBLE_BYTES = 13;
/** Of a tag's header and of the size after it. */
const TAG_BYTES = 15;
/** Between two pieces of input, ms; what passes before others shows as a lost encoder. */
const STEP_MS = 40;

/**
 * Two encoder runs, one of which joins while the other goes on, whatever their media says: what goes to the outputs has finite
 * timestamps that rise on each track.
 */
export const timelineTarget: Target = {
  name: 'timeline',
  seeds: [
    FLV_SEED,
    Buffer.concat([FLV_SEED, FLV_SEED.subarray(PREAMBLE_BYTES), FLV_SEED.subarray(PREAMBLE_BYTES)]),
    Buffer.concat([FLV_SEED, ofRendition(FLV_SEED.subarray(PREAMBLE_BYTES))]),
  ],
  maxBytes: 16 * 1024,
  run: (input) => {
    let nowMs = 1000;
    const last = { frame: -1, audio: -1 };
    let lastOfRendition = -1;
    const timeline = new Timeline({ now: () => nowMs });
    timeline.onTag((tag) => {
      const track = isVideoFrame(tag) ? 'frame' : tag.kind === 'audio' ? 'audio' : undefined;
      if (track === undefined) return;
      // NaN is not above anything.
      if (!(tag.timestampMs > last[track]))
        problem ??= `${track}: ${tag.timestampMs} comes after ${last[track]}`;
      last[track] = tag.timestampMs;
    });
    timeline.setRenditions([1]);
    timeline.onRenditionTag(({ tag }) => {
      if (!isVideoFrame(tag)) return;
      if (!(tag.timestampMs > lastOfRendition))
        problem ??= `rendition: ${tag.timestampMs} comes after ${lastOfRendition}`;
      lastOfRendition = tag.timestampMs;
    });
    let problem: string | undefined;
    const quarter = Math.ceil(input.length / 4);
    const epochs = [timeline.beginEpoch({ hasRenditions: true }), timeline.beginEpoch()] as const;
    try {
      for (let piece = 0; piece < 4; piece += 1) {
        const bytes = input.subarray(piece * quarter, (piece + 1) * quarter);
        nowMs += STEP_MS * ((input[piece] ?? 0) % 32);
        epochs[0].write(Buffer.from(bytes), nowMs);
        if (piece === 1) epochs[1].write(input.subarray(0, PREAMBLE_BYTES), nowMs);
        if (piece > 1) epochs[1].write(Buffer.from(input.subarray(PREAMBLE_BYTES)), nowMs);
      }
    } catch (error) {
      if (!(error instanceof BulkheadError)) throw error;
    } finally {
      timeline.dispose();
    }
    if (problem !== undefined) throw new Error(problem);
  },
};

/** The same tags with the stream id 1. */
function ofRendition(tags: Buffer): Buffer {
  const copy = Buffer.from(tags);
  for (let at = 0; at + TAG_BYTES <= copy.length; at += TAG_BYTES + copy.readUIntBE(at + 1, 3))
    copy[at + 10] = 1;
  return copy;
}
