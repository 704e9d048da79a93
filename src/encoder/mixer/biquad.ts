/** Coefficients of a second-order filter, with a0 = 1. */
export interface Biquad {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

/** A filter with its state, for interleaved samples (transposed direct form II). */
export class BiquadFilter {
  private readonly z1: Float64Array;
  private readonly z2: Float64Array;

  constructor(
    private coefficients: Biquad,
    private readonly channels: number,
  ) {
    this.z1 = new Float64Array(channels);
    this.z2 = new Float64Array(channels);
  }

  /** Goes on with other coefficients, from the state of those before. */
  set(coefficients: Biquad): void {
    this.coefficients = coefficients;
  }

  /** In place. */
  process(samples: Float32Array): void {
    const { b0, b1, b2, a1, a2 } = this.coefficients;
    const { channels } = this;
    for (let channel = 0; channel < channels; channel++) {
      let z1 = this.z1[channel] ?? 0;
      let z2 = this.z2[channel] ?? 0;
      for (let at = channel; at < samples.length; at += channels) {
        const x = samples[at] as number;
        const y = b0 * x + z1;
        z1 = b1 * x - a1 * y + z2;
        z2 = b2 * x - a2 * y;
        samples[at] = y;
      }
      this.z1[channel] = settled(z1);
      this.z2[channel] = settled(z2);
    }
  }
}

/** Without the tiny numbers that a filter decays to in silence, with which processors are slow. */
export function settled(state: number): number {
  return Math.abs(state) < 1e-20 ? 0 : state;
}

interface Shape {
  /** Hz */
  readonly frequency: number;
  readonly gainDb: number;
  /** Hz */
  readonly sampleRate: number;
}

// Equations of R. Bristow-Johnson's "Cookbook formulae for audio equalizer biquad filter coefficients".

export function lowShelf(shape: Shape): Biquad {
  return shelf(shape, 1);
}

export function highShelf(shape: Shape): Biquad {
  return shelf(shape, -1);
}

export function peaking({ frequency, gainDb, sampleRate }: Shape, q: number): Biquad {
  const a = 10 ** (gainDb / 40);
  const w = (2 * Math.PI * frequency) / sampleRate;
  const alpha = Math.sin(w) / (2 * q);
  const cos = Math.cos(w);
  return normalised(1 + alpha * a, -2 * cos, 1 - alpha * a, 1 + alpha / a, -2 * cos, 1 - alpha / a);
}

/** @param sign 1 for what is below the frequency, -1 for what is above */
function shelf({ frequency, gainDb, sampleRate }: Shape, sign: 1 | -1): Biquad {
  const a = 10 ** (gainDb / 40);
  const w = (2 * Math.PI * frequency) / sampleRate;
  const cos = sign * Math.cos(w);
  const root = Math.sin(w) * Math.SQRT2 * Math.sqrt(a);
  return normalised(
    a * (a + 1 - (a - 1) * cos + root),
    sign * 2 * a * (a - 1 - (a + 1) * cos),
    a * (a + 1 - (a - 1) * cos - root),
    a + 1 + (a - 1) * cos + root,
    sign * -2 * (a - 1 + (a + 1) * cos),
    a + 1 + (a - 1) * cos - root,
  );
}

function normalised(b0: number, b1: number, b2: number, a0: number, a1: number, a2: number): Biquad {
  return { b0: b0 / a0, b1: b1 / a0, b2: b2 / a0, a1: a1 / a0, a2: a2 / a0 };
}
