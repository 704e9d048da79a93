import type { AudioLevels } from '@bulkhead/extension-api';

/** The lower end of the scale, dBFS. */
export const FLOOR_DB = -60;
/** Of a type I peak programme meter (IEC 60268-10): a bar that fell with the sound could not be read. */
const DECAY_DB_PER_SECOND = 20 / 1.7;
const PEAK_HOLD_MS = 1500;

/** The meter of one source, dBFS. */
export class LevelMeter {
  level = FLOOR_DB;
  peak = FLOOR_DB;
  private updatedMs = 0;
  private peakMs = 0;

  update(peakDbfs: number | null, nowMs: number): void {
    const decayed = this.level - (DECAY_DB_PER_SECOND * (nowMs - this.updatedMs)) / 1000;
    this.level = Math.max(FLOOR_DB, decayed, Math.min(0, peakDbfs ?? FLOOR_DB));
    this.updatedMs = nowMs;
    if (this.level < this.peak && nowMs - this.peakMs < PEAK_HOLD_MS) return;
    this.peak = this.level;
    this.peakMs = nowMs;
  }
}

/** Sources without sound, such as images, have levels too: one has a meter from its first sound on. */
export function updateMeters(meters: Map<string, LevelMeter>, { sources }: AudioLevels, nowMs: number): void {
  for (const id of meters.keys()) if (!Object.hasOwn(sources, id)) meters.delete(id);
  for (const [id, { peakDbfs }] of Object.entries(sources)) {
    if (peakDbfs !== null && !meters.has(id)) meters.set(id, new LevelMeter());
    meters.get(id)?.update(peakDbfs, nowMs);
  }
}
