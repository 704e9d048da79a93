/** Amplitude of a level. */
export function amplitude(db: number): number {
  return 10 ** (db / 20);
}

/** Level of an amplitude; minus infinity for 0. */
export function decibels(amplitude: number): number {
  return 20 * Math.log10(amplitude);
}
