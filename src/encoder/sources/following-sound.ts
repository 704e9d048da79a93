import { type AudioFormat, BYTES_PER_SAMPLE } from '../tracks/audio-encoder.js';
import { REACH, resample } from './fractional-resampler.js';
import type { SoundQueue } from './sound-queue.js';

/** Sound that is this far from its place is put there, s. */
const JUMP_S = 0.04;
/** Sound that is this far from it is played faster or slower, s, by a part of this at most, until it is as near as below. */
const HURRY_S = 0.015;
const HURRY_PACE = 0.005;
/** Sound that is further from it than this is led there, s. */
const NEAR_S = 0.001;
/** By a part of this at most, which is not heard, and so that a third of the way is left after this time, s. */
const PACE = 0.002;
const APPROACH_S = 4;
/** Sound that is this near is there, samples. */
const THERE = 0.5;

/** What is played of a slot may end this much later than where its place is, s, with what the resampler reads beyond it. */
export const SOUND_MARGIN_S = 0.002;

/**
 * The sound of a live source, which follows a clock that is corrected now and then, and drifts. As long as it does neither, each
 * sample is played as it is.
 */
export class FollowingSound {
  /** The sample that is played next; between two while it is led to its place. */
  private next = 0;
  private mode: 'as it is' | 'led' | 'hurried' = 'as it is';

  constructor(private readonly format: AudioFormat) {}

  /** Takes what is due at `dueS` on the source's clock, to fill `target`, which is silent so far. */
  take(sound: SoundQueue, dueS: number, target: Buffer): void {
    const { sampleRate, channels } = this.format;
    const samples = target.length / channels / BYTES_PER_SAMPLE;
    const due = dueS * sampleRate - sound.skew;
    let off = due - this.next;
    // What has not arrived leaves a gap in any case: one, rather than one in each slot until the sound has been led back.
    const isMissing = off < -NEAR_S * sampleRate && this.next + samples + REACH > sound.end;
    if (Math.abs(off) > JUMP_S * sampleRate || isMissing) {
      this.next = Math.round(due);
      this.mode = 'as it is';
      off = 0;
    }
    const from = this.next;
    this.next = this.endOf(off, samples);
    if (Number.isInteger(from) && this.next === from + samples) sound.read(from, target);
    else this.resample(sound, from, (this.next - from) / samples, target);
    sound.drop(Math.floor(this.next) - REACH);
  }

  /** Where a slot of `samples` ends, of sound that is `off` from its place. */
  private endOf(off: number, samples: number): number {
    const { sampleRate } = this.format;
    const end = this.next + samples;
    const distance = Math.abs(off);
    if (distance > HURRY_S * sampleRate) this.mode = 'hurried';
    else if (distance <= NEAR_S * sampleRate && this.mode === 'hurried') this.mode = 'led';
    else if (distance > NEAR_S * sampleRate && this.mode === 'as it is') this.mode = 'led';
    if (this.mode === 'hurried') return end + within(off, Math.max(1, Math.floor(samples * HURRY_PACE)));
    if (this.mode === 'as it is') return end;
    const slotS = samples / sampleRate;
    if (distance > THERE) return end + within(off * (slotS / APPROACH_S), samples * PACE);
    this.mode = 'as it is';
    // From a whole sample on, nothing has to be computed.
    return Math.round(end);
  }

  private resample(sound: SoundQueue, from: number, step: number, target: Buffer): void {
    const { channels } = this.format;
    const samples = target.length / channels / BYTES_PER_SAMPLE;
    const first = Math.floor(from) - REACH + 1;
    const last = Math.floor(from + (samples - 1) * step) + REACH;
    const around = Buffer.alloc((last - first + 1) * channels * BYTES_PER_SAMPLE);
    sound.read(first, around);
    resample(samplesOf(around), from - first, step, samplesOf(target), channels);
  }
}

function within(value: number, most: number): number {
  return Math.max(-most, Math.min(value, most));
}

function samplesOf(pcm: Buffer): Int16Array {
  return new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length / BYTES_PER_SAMPLE);
}
