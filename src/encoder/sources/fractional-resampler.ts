/** Samples on either side of a position that its value is computed from. */
export const REACH = 16;
/** Positions between two samples for which there are coefficients; in between, these are interpolated. */
const PHASES = 512;
const TAPS = 2 * REACH;
/** Of Kaiser's window: 80 dB below the signal there is nothing that was not in it, and up to 0.4 of the sample rate it is as it was. */
const BETA = 8;
const [LEAST, MOST] = [-32_768, 32_767];

const COEFFICIENTS = coefficients();
const taps = new Float64Array(TAPS);

/**
 * Resamples PCM by a ratio near 1, at any position between its samples, with a windowed sinc.
 *
 * @param pcm 16 bits, the channels in turn, which begins `REACH - 1` samples before the one at or before `position`, and has
 *   `REACH` samples after the last position
 * @param position of the first sample of `target`, from the first sample of `pcm`
 * @param step from one sample of `target` to the next, in samples of `pcm`
 */
export function resample(
  pcm: Int16Array,
  position: number,
  step: number,
  target: Int16Array,
  channels: number,
): void {
  const samples = target.length / channels;
  for (let sample = 0; sample < samples; sample++) {
    const at = position + sample * step;
    const before = Math.floor(at);
    interpolate(at - before);
    const first = (before - REACH + 1) * channels;
    for (let channel = 0; channel < channels; channel++) {
      let value = 0.5;
      for (let tap = 0, from = first + channel; tap < TAPS; tap++, from += channels)
        value += (pcm[from] as number) * (taps[tap] as number);
      target[sample * channels + channel] = value > MOST ? MOST : value < LEAST ? LEAST : Math.floor(value);
    }
  }
}

/** Puts the coefficients for a position between two samples into `taps`. */
function interpolate(position: number): void {
  const phase = position * PHASES;
  const row = Math.floor(phase);
  const share = phase - row;
  const from = row * TAPS;
  for (let tap = 0; tap < TAPS; tap++) {
    const low = COEFFICIENTS[from + tap] as number;
    taps[tap] = low + ((COEFFICIENTS[from + TAPS + tap] as number) - low) * share;
  }
}

/** A row of taps for each phase, and one for the next sample; the sum of each is 1. */
function coefficients(): Float64Array {
  const all = new Float64Array((PHASES + 1) * TAPS);
  for (let phase = 0; phase <= PHASES; phase++) {
    const row = all.subarray(phase * TAPS, (phase + 1) * TAPS);
    for (let tap = 0; tap < TAPS; tap++) {
      const distance = tap - REACH + 1 - phase / PHASES;
      const within = Math.max(0, 1 - (distance / REACH) ** 2);
      row[tap] = (sinc(distance) * bessel(BETA * Math.sqrt(within))) / bessel(BETA);
    }
    const sum = row.reduce((total, value) => total + value, 0);
    for (let tap = 0; tap < TAPS; tap++) row[tap] = (row[tap] as number) / sum;
  }
  return all;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The modified Bessel function of the first kind, of order 0. */
function bessel(x: number): number {
  let [sum, term] = [1, 1];
  for (let n = 1; term > 1e-12 * sum; n++) {
    term *= (x / (2 * n)) ** 2;
    sum += term;
  }
  return sum;
}
