import fc from 'fast-check';
import {
  AAC_HEADER,
  aacFrame,
  avcFrame,
  avcHeader,
  cut,
  FLV_PREAMBLE,
  type FlvInput,
  flvTag,
  metadata,
} from '../../support/flv.js';

/** An encoder run as ffmpeg would write it. */
export interface EncoderModel {
  /** The encoder's time of its first keyframe, ms: any 32 bits. */
  readonly startMs: number;
  readonly fps: number;
  readonly gop: number;
  readonly bFrames: boolean;
  /** Number of frames before it crashes. */
  readonly frames: number;
  /** Interframes before the first keyframe, as from an encoder that is joined midway. */
  readonly leadIn: number;
  readonly headerId: number;
  readonly metadataId: number;
  /** Bytes of one more, incomplete tag written before the crash. */
  readonly tornBytes: number;
  /** Wall clock from the previous encoder's crash to its first keyframe, ms. */
  readonly restartMs: number;
  /** How its bytes are cut. */
  readonly cuts: readonly number[];
}

export const encoderModel: fc.Arbitrary<EncoderModel> = fc.record({
  startMs: fc.oneof(
    fc.constantFrom(0, 2 ** 24 - 500, 2 ** 31 - 500, 2 ** 32 - 500),
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  ),
  fps: fc.constantFrom(1, 10, 24, 29.97, 30, 60, 120),
  gop: fc.integer({ min: 1, max: 60 }),
  bFrames: fc.boolean(),
  frames: fc.integer({ min: 1, max: 120 }),
  leadIn: fc.integer({ min: 0, max: 3 }),
  headerId: fc.integer({ min: 1, max: 2 }),
  metadataId: fc.integer({ min: 1, max: 2 }),
  tornBytes: fc.integer({ min: 0, max: 20 }),
  restartMs: fc.integer({ min: 1, max: 1500 }),
  cuts: fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 5 }),
});

export interface TimedTag extends FlvInput {
  /** Wall clock since the run's first tag, ms. */
  readonly atMs: number;
}

/** The run's tags ordered by DTS. Frames and sounds contain `idBase` plus their number. */
export function tagsOf(model: EncoderModel, idBase: number): TimedTag[] {
  const frameMs = 1000 / model.fps;
  const firstMs = model.startMs - model.leadIn * frameMs;
  const at = (atMs: number) => ({ atMs, ms: Math.round(firstMs + atMs) });
  const tags: TimedTag[] = [
    { kind: 'script', atMs: 0, ms: 0, payload: metadata(model.metadataId) },
    { kind: 'video', ...at(0), payload: avcHeader(model.headerId) },
    { kind: 'audio', ...at(0), payload: AAC_HEADER },
  ];
  let sounds = 0;
  for (let n = 0; n < model.frames + model.leadIn; n++) {
    for (; (sounds * 1024) / 48 < n * frameMs; sounds++)
      tags.push({ kind: 'audio', ...at((sounds * 1024) / 48), payload: aacFrame(idBase + sounds) });
    tags.push({ kind: 'video', ...at(n * frameMs), payload: frameOf(model, n, idBase) });
  }
  return tags;
}

function frameOf({ leadIn, gop, bFrames, fps }: EncoderModel, n: number, idBase: number): Buffer {
  const inGop = (n - leadIn) % gop;
  if (n >= leadIn && inGop === 0)
    return avcFrame('keyframe', idBase + n, bFrames ? Math.round(1000 / fps) : 0);
  if (!bFrames) return avcFrame('interframe', idBase + n);
  return inGop % 2 === 1
    ? avcFrame('interframe', idBase + n, Math.round(2000 / fps))
    : avcFrame('disposable', idBase + n);
}

/** The bytes of a run in pieces, each with the wall clock at which it is read. */
export function* chunksOf(model: EncoderModel, tags: readonly TimedTag[]): Iterable<[Buffer, number]> {
  yield [FLV_PREAMBLE, 0];
  let atMs = 0;
  for (const tag of tags) {
    atMs = tag.atMs;
    for (const piece of cut(flvTag(tag), model.cuts)) yield [piece, atMs];
  }
  const torn = flvTag({ kind: 'video', ms: model.startMs, payload: avcFrame('keyframe', 0xdead) });
  if (model.tornBytes > 0) yield [torn.subarray(0, model.tornBytes), atMs];
}
