import { lengthOf, type MediaKind } from '../../test/support/media-kinds.js';
import type { RecordingCheck } from '../../test/tools/recording/check-recording.js';
import { FPS, type Play, type PlayMode, SEAMS } from './play.js';

const MOST_OFFSET_MS = 40;
const FRAME_MS = 1000 / FPS;
/** FLV's timestamps are whole milliseconds. */
const ROUNDING_MS = 2;

/** One line of the table. */
export interface Verdict {
  readonly kind: string;
  readonly mode: PlayMode;
  readonly restarts: number;
  /** Sound − frames at the end, ms. */
  readonly endMs?: number;
  /** Offset of sound and frames, ms. */
  readonly medianMs?: number;
  readonly worstMs?: number;
  /** Recorded length − the file's, ms; played once. */
  readonly lengthMs?: number;
  /** Reported alone. */
  readonly longestSilenceMs?: number;
  readonly longestStillMs?: number;
  /** Which targets it misses; none if it passes. */
  readonly misses: readonly string[];
}

/**
 * @param own what the tool measures in the file itself
 * @param recorded undefined if nothing was recorded
 */
export function judge(
  kind: MediaKind,
  mode: PlayMode,
  { recordings, restarts, problem }: Play,
  own: RecordingCheck,
  recorded: RecordingCheck | undefined,
): Verdict {
  const misses: string[] = [];
  const expect = (isMet: boolean, what: string) => {
    if (!isMet) misses.push(what);
  };
  if (problem !== undefined) misses.push(problem);
  expect(restarts === 0, 'restarts');
  expect(recordings.length === 1, `${recordings.length} sessions`);
  const verdict = { kind: kind.name, mode, restarts };
  if (recorded === undefined) return { ...verdict, misses: [...misses, 'nothing recorded'] };
  const { video, audio, av } = recorded;
  if (video === undefined || audio === undefined || av === undefined) {
    return { ...verdict, misses: [...misses, 'a track is absent'] };
  }
  expect(recorded.decodeErrors.length === 0, 'decode errors');
  expect(video.stepsBack + audio.stepsBack === 0, 'timestamps back');
  expect(Math.abs(av.endMs) <= FRAME_MS + ROUNDING_MS, 'sound − frames');
  // A file whose own sound is late is to be shown as it is.
  const ownMs = Number.isNaN(own.av?.medianMs ?? Number.NaN) ? 0 : (own.av?.medianMs ?? 0);
  const offsets = av.readings.map(({ offsetMs }) => offsetMs - ownMs);
  const [medianMs, worstMs] = [av.medianMs - ownMs, av.worstMs - ownMs];
  if (kind.isMarked) {
    const least = mode === 'loop' ? SEAMS : 1;
    expect(offsets.length >= least, `${offsets.length} readings of the offset`);
    // Where a flash is damaged, there is none to read.
    const judged = kind.isDamaged ? [medianMs] : offsets;
    expect(
      judged.every((offset) => Math.abs(offset) <= MOST_OFFSET_MS),
      'offset',
    );
  }
  const lengthMs = video.endMs - video.firstMs - lengthOf(kind) * 1000;
  if (mode === 'once' && !kind.isDamaged) {
    expect(Math.abs(lengthMs) <= FRAME_MS + ROUNDING_MS, 'length');
    // At a lower rate, the last one may be left out.
    const mostLost = Math.max(1, Math.ceil(kind.rate / FPS));
    const { lastNumber = -1 } = video;
    expect(
      Math.abs(lastNumber - kind.lastNumber) <= (kind.frames === 0 ? 0 : mostLost),
      `last frame ${lastNumber}, not ${kind.lastNumber}`,
    );
    expect(kind.frames === 0 || (video.firstNumber ?? 99) <= mostLost, `first frame ${video.firstNumber}`);
  }
  return {
    ...verdict,
    endMs: av.endMs,
    ...(kind.isMarked && offsets.length > 0 ? { medianMs, worstMs } : {}),
    ...(mode === 'once' ? { lengthMs } : {}),
    longestSilenceMs: audio.longestSilenceMs,
    longestStillMs: video.order?.longestFreezeMs ?? video.longestStillMs,
    misses,
  };
}
