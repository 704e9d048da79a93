import type { MixLevels, SoundLevels } from './audio.js';

/** Levels for somebody who hears them less often than they are measured: what was loud in between is not missed. */
export class HeldPeaks {
  private held: MixLevels | undefined;

  hear(levels: MixLevels): void {
    const { held } = this;
    this.held = held === undefined ? levels : louder(held, levels);
  }

  /** The last levels, with the highest peaks since they were taken before; undefined if there were none. */
  take(): MixLevels | undefined {
    const { held } = this;
    this.held = undefined;
    return held;
  }
}

function louder(before: MixLevels, now: MixLevels): MixLevels {
  const sources = Object.entries(now.sources).map(([id, levels]) => [
    id,
    withPeak(levels, before.sources[id]?.peakDbfs ?? null),
  ]);
  return { mix: withPeak(now.mix, before.mix.peakDbfs), sources: Object.fromEntries(sources) };
}

function withPeak(levels: SoundLevels, peakDbfs: number | null): SoundLevels {
  return peakDbfs === null || peakDbfs <= (levels.peakDbfs ?? Number.NEGATIVE_INFINITY)
    ? levels
    : { ...levels, peakDbfs };
}
