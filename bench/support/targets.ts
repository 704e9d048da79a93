/**
 * Targets of a benchmark. Each function returns what is printed behind a figure, such as `(target ≤ 250)`; where the target is
 * missed, it says so, and the benchmark exits with 1.
 */

export function atMost(value: number, limit: number): string {
  return shown(value <= limit, `≤ ${limit}`);
}

export function atLeast(value: number, limit: number): string {
  return shown(value >= limit, `≥ ${limit}`);
}

export function exactly(value: number | undefined, expected: number): string {
  return shown(value === expected, String(expected));
}

/** @param bound the target in words */
export function shown(isMet: boolean, bound: string): string {
  if (!isMet) process.exitCode = 1;
  return `(target ${bound}${isMet ? '' : ': missed'})`;
}
