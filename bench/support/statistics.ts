/** Value below which `fraction` of the sorted values lie (nearest rank). */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (
    sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(fraction * sorted.length) - 1))] ?? Number.NaN
  );
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** `median (min–max)`, rounded to `digits`. */
export function summary(values: readonly number[], digits = 0): string {
  const show = (value: number) => value.toFixed(digits);
  return `${show(median(values))} (${show(Math.min(...values))}–${show(Math.max(...values))})`;
}

/** Slope of the line that fits the values best, in their unit per step from one to the next (least squares). */
export function slope(values: readonly number[]): number {
  const meanStep = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let covariance = 0;
  let variance = 0;
  for (const [step, value] of values.entries()) {
    covariance += (step - meanStep) * (value - mean);
    variance += (step - meanStep) ** 2;
  }
  return variance === 0 ? 0 : covariance / variance;
}
