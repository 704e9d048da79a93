const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Possible steps of a time axis, ms. */
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map((hours) => hours * HOUR),
];
const MOST_TIMES = 10;
const ABOUT_VALUES = 4;

/** About ten round times in a span, ms. */
export function timeTicks(fromMs: number, toMs: number): number[] {
  const span = toMs - fromMs;
  const step =
    TIME_STEPS.find((step) => span / step < MOST_TIMES) ?? Math.ceil(span / MOST_TIMES / DAY) * DAY;
  const first = Math.ceil(fromMs / step);
  const count = Math.max(0, Math.floor(toMs / step) - first + 1);
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}

/** Round values from 0 to the first one that is not less than `greatest`. */
export function valueTicks(greatest: number): number[] {
  const rough = Math.max(1, greatest) / ABOUT_VALUES;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10));
  const count = Math.max(1, Math.ceil(greatest / step));
  return Array.from({ length: count + 1 }, (_, i) => Math.round(i * step * 10) / 10);
}

/** A time as `1:02:03`. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / SECOND);
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
}
