import type { SoundLevel } from './levels.js';

/** Silence before a beep, ms: less, and it still is the beep before. */
const REST_MS = 50;
/** Of the loudest. */
const ONSET = 0.5;
/** A beep's level is about 0.35, the tone's between them 0.03. */
const LEAST = 0.1;
const SILENCE = 0.003;

/** When the beeps begin, ms. */
export function beepTimes(levels: readonly SoundLevel[]): number[] {
  const loudest = levels.reduce((most, { level }) => Math.max(most, level), 0);
  if (loudest < LEAST) return [];
  const times: number[] = [];
  let quietMs = 0;
  for (const { ptsMs, level } of levels) {
    if (level < loudest * ONSET) {
      quietMs += 1;
      continue;
    }
    if (quietMs >= REST_MS) times.push(ptsMs);
    quietMs = 0;
  }
  return times;
}

/** Longest silence between the first sound and the last, ms. */
export function longestSilence(levels: readonly SoundLevel[]): number {
  let longest = 0;
  let lastSound: number | undefined;
  for (const { ptsMs, level } of levels) {
    if (level < SILENCE) continue;
    if (lastSound !== undefined) longest = Math.max(longest, ptsMs - lastSound - 1);
    lastSound = ptsMs;
  }
  return longest;
}
