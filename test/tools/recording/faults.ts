import type { RecordingCheck } from './check-recording.js';

/** How far sound and frames may be apart, ms. */
export const MOST_OFFSET_MS = 40;
/** Timestamps are whole milliseconds, and an AAC frame has its own grid. */
const ROUNDING_MS = 2;

/** What is wrong with a recording, one line each; none if it is clean. */
export function faultsOf({ decodeErrors, video, audio, av }: RecordingCheck): string[] {
  const faults: string[] = [];
  const count = (value: number | undefined, what: string) => {
    if (value !== undefined && value > 0) faults.push(`${value} ${what}`);
  };
  count(decodeErrors.length, `decode errors, the first: ${decodeErrors[0]}`);
  if (video === undefined) faults.push('no video');
  else {
    const { order, frameMs } = video;
    count(video.stepsBack, 'timestamps of frames that do not rise');
    count(video.missingSlots, 'frames missing by their timestamps');
    count(order?.unreadable, 'frames without a number');
    count(order?.missing, 'frames missing');
    count(order?.repeated, 'frames repeated');
    count(order?.outOfOrder, 'frames out of order');
    const stillMs = order?.longestFreezeMs ?? video.longestStillMs;
    // Of numbered frames, repeated ones have been counted.
    if (order === undefined && stillMs > 3 * frameMs)
      faults.push(`${Math.round(stillMs)} ms without a change, at ${at(longest(video.stills))}`);
  }
  if (audio === undefined) faults.push('no sound');
  else {
    count(audio.stepsBack, 'timestamps of sound that do not rise');
    if (audio.longestGapMs > 50) faults.push(`a gap of ${Math.round(audio.longestGapMs)} ms in the sound`);
    if (audio.longestSilenceMs > 50)
      faults.push(`${Math.round(audio.longestSilenceMs)} ms of silence in the sound`);
  }
  if (av !== undefined && video !== undefined) {
    const { worstMs } = av;
    if (Math.abs(worstMs) > MOST_OFFSET_MS)
      faults.push(`sound ${Math.round(worstMs)} ms late at worst (${Math.round(av.medianMs)} ms median)`);
    if (Math.abs(av.endMs) > video.frameMs + ROUNDING_MS)
      faults.push(`the sound ends ${Math.round(av.endMs)} ms after the frames`);
  }
  return faults;
}

function longest<T extends { readonly lengthMs: number }>(stills: readonly T[]): T | undefined {
  return [...stills].sort((a, b) => b.lengthMs - a.lengthMs)[0];
}

function at(still: { readonly ptsMs: number } | undefined): string {
  return `${((still?.ptsMs ?? 0) / 1000).toFixed(2)} s`;
}
