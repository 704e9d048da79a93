import type { CompressorSettings, GateSettings } from '../../config/mixer-schema.js';
import { amplitude, decibels } from './decibels.js';

/** Samples for which one gain is computed; in between it changes evenly. A third of a millisecond. */
const STEP = 16;
/** How fast the level that is followed falls, ms: between two swings of the lowest voice it must not. */
const FOLLOW_MS = 15;
/** What a closed gate leaves. */
const CLOSED = amplitude(-80);

/** A gain that follows how loud the sound is; the same for all channels, so that nothing moves from side to side. */
abstract class Dynamics {
  private level = 0;
  private gain = 1;
  private readonly falls: number;

  /** @param sampleRate Hz */
  constructor(
    protected readonly sampleRate: number,
    private readonly channels: number,
  ) {
    this.falls = approach(FOLLOW_MS, sampleRate);
  }

  /** In place. */
  process(samples: Float32Array): void {
    const { channels, falls } = this;
    const step = STEP * channels;
    for (let begin = 0; begin < samples.length; begin += step) {
      const end = Math.min(begin + step, samples.length);
      let peak = 0;
      for (let at = begin; at < end; at++) {
        const value = Math.abs(samples[at] as number);
        if (value > peak) peak = value;
      }
      const count = (end - begin) / channels;
      this.level = Math.max(peak, this.level * falls ** count);
      const from = this.gain;
      const to = this.next(this.level, from, count);
      this.gain = to;
      if (from === 1 && to === 1) continue;
      const slope = (to - from) / count;
      for (let at = begin, n = 0; at < end; n += 1) {
        const gain = from + slope * n;
        for (let channel = 0; channel < channels; channel++, at++)
          samples[at] = (samples[at] as number) * gain;
      }
    }
  }

  /**
   * The gain after some more samples.
   *
   * @param level amplitude
   */
  protected abstract next(level: number, gain: number, samples: number): number;
}

/** Silences what is quiet. */
export class Gate extends Dynamics {
  private openFor = 0;
  private readonly threshold: number;

  constructor(
    private readonly settings: GateSettings,
    sampleRate: number,
    channels: number,
  ) {
    super(sampleRate, channels);
    this.threshold = amplitude(settings.thresholdDb);
  }

  protected next(level: number, gain: number, samples: number): number {
    const { attackMs, holdMs, releaseMs } = this.settings;
    if (level >= this.threshold) this.openFor = (holdMs * this.sampleRate) / 1000;
    else this.openFor -= samples;
    const isOpen = this.openFor > 0;
    return towards(gain, isOpen ? 1 : CLOSED, isOpen ? attackMs : releaseMs, samples, this.sampleRate);
  }
}

/** Makes loud parts quieter. */
export class Compressor extends Dynamics {
  constructor(
    private readonly settings: CompressorSettings,
    sampleRate: number,
    channels: number,
  ) {
    super(sampleRate, channels);
  }

  protected next(level: number, gain: number, samples: number): number {
    const { thresholdDb, ratio, attackMs, releaseMs, makeupDb } = this.settings;
    const above = Math.max(0, decibels(level) - thresholdDb);
    const wanted = amplitude(makeupDb - above * (1 - 1 / ratio));
    return towards(gain, wanted, wanted < gain ? attackMs : releaseMs, samples, this.sampleRate);
  }
}

/** A value on its way to another one, of which a third is left after `ms`. */
export function towards(from: number, to: number, ms: number, samples: number, sampleRate: number): number {
  const next = to + (from - to) * approach(ms, sampleRate) ** samples;
  // It would come ever nearer.
  return Math.abs(next - to) < 1e-4 ? to : next;
}

/** What is left of a difference after one sample. */
function approach(ms: number, sampleRate: number): number {
  return ms <= 0 ? 0 : Math.exp(-1000 / (ms * sampleRate));
}
