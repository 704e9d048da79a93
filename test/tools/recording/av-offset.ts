/** How much later than its flash a beep is, ms; negative if it is earlier. */
export interface OffsetReading {
  readonly ptsMs: number;
  readonly offsetMs: number;
}

export interface AvOffset {
  readonly readings: readonly OffsetReading[];
  /** NaN without readings. */
  readonly medianMs: number;
  /** The farthest from 0; NaN without readings. */
  readonly worstMs: number;
  /** Flashes without a beep, and beeps without a flash. */
  readonly unmatched: number;
}

/** Pairs each flash with the beep that is nearest, at most `withinMs` away. */
export function avOffset(flashes: readonly number[], beeps: readonly number[], withinMs = 450): AvOffset {
  const readings: OffsetReading[] = [];
  let beep = 0;
  for (const ptsMs of flashes) {
    const distance = (index: number) => Math.abs((beeps[index] ?? Number.POSITIVE_INFINITY) - ptsMs);
    while (beep + 1 < beeps.length && distance(beep + 1) <= distance(beep)) beep += 1;
    if (distance(beep) <= withinMs) readings.push({ ptsMs, offsetMs: (beeps[beep] ?? 0) - ptsMs });
  }
  const sorted = readings.map(({ offsetMs }) => offsetMs).sort((a, b) => a - b);
  const worst = [...sorted].sort((a, b) => Math.abs(b) - Math.abs(a))[0];
  return {
    readings,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    worstMs: worst ?? Number.NaN,
    unmatched: flashes.length + beeps.length - 2 * readings.length,
  };
}
