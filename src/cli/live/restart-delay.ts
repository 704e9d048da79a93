const FIRST_MS = 500;
const MAX_MS = 10_000;

/** A core that was on air for so long did not die of how it was started, ms. */
export const STABLE_MS = 60_000;

/** How long to wait before a core is started again after so many deaths in a row, ms: not at all after the first. */
export function restartDelay(crashes: number): number {
  return crashes <= 1 ? 0 : Math.min(MAX_MS, FIRST_MS * 2 ** (crashes - 2));
}
