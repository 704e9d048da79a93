import { isDeepStrictEqual } from 'node:util';
import type { EqualizerSettings, SourceSound } from '../../config/mixer-schema.js';
import { BYTES_PER_SAMPLE } from '../tracks/audio-encoder.js';
import { BiquadFilter, highShelf, lowShelf, peaking } from './biquad.js';
import { amplitude } from './decibels.js';
import { DelayLine } from './delay-line.js';
import { Compressor, Gate } from './dynamics.js';
import { LevelMeter } from './level-meter.js';

/** Format of the sound. */
export interface SoundFormat {
  /** Hz */
  readonly sampleRate: number;
  readonly channels: number;
}

/** What 1 is as 16 bits. */
export const FULL_SCALE = 32_768;

/** Something that changes sound in place. */
interface Effect {
  process(samples: Float32Array): void;
}

const LOW_HZ = 200;
const MID_HZ = 1000;
const MID_Q = 0.7;
const HIGH_HZ = 4000;

/** The sound of one source on its way into the mix: delayed, processed, louder or quieter, and measured. */
export class Strip {
  readonly meter: LevelMeter;
  private readonly delay = new DelayLine();
  private effects: readonly Effect[] = [];
  private samples = new Float32Array(0);
  private gain: number;

  constructor(
    private settings: SourceSound,
    private readonly format: SoundFormat,
  ) {
    this.meter = new LevelMeter(format.sampleRate, format.channels);
    this.gain = amplitude(settings.gainDb);
    this.build(undefined, settings);
  }

  /** Its loudest sample in the last slot, before it was muted. */
  get lastPeak(): number {
    return this.meter.lastPeak;
  }

  /** Goes over to other settings in the next slot. */
  set(settings: SourceSound): void {
    const before = this.settings;
    this.settings = settings;
    this.build(before, settings);
  }

  /**
   * The sound of a slot as it is mixed; valid until the next slot.
   *
   * @param pcm 16 bits, interleaved; silence follows where it is short
   * @param length samples of the slot
   */
  process(pcm: Buffer, length: number): Float32Array {
    if (this.samples.length !== length) this.samples = new Float32Array(length);
    readPcm(pcm, this.samples);
    const delayed = this.delay.process(this.samples);
    for (const effect of this.effects) effect.process(delayed);
    const wanted = amplitude(this.settings.gainDb);
    if (this.gain !== 1 || wanted !== 1) ramp(delayed, this.format.channels, this.gain, wanted);
    this.gain = wanted;
    this.meter.add(delayed);
    return delayed;
  }

  /** Whether what `process` returns is what it was given. */
  get isPlain(): boolean {
    const { gainDb, delayMs } = this.settings;
    return gainDb === 0 && this.gain === 1 && delayMs === 0 && this.effects.length === 0;
  }

  private build(
    before: SourceSound | undefined,
    { delayMs, gate, equalizer, compressor }: SourceSound,
  ): void {
    const { sampleRate, channels } = this.format;
    this.delay.set(Math.round((delayMs * sampleRate) / 1000) * channels);
    // What goes on as it is keeps its state.
    if (
      before !== undefined &&
      isDeepStrictEqual([before.gate, before.equalizer, before.compressor], [gate, equalizer, compressor])
    )
      return;
    this.effects = [
      ...(gate === undefined ? [] : [new Gate(gate, sampleRate, channels)]),
      ...(equalizer === undefined ? [] : equalizerOf(equalizer, this.format)),
      ...(compressor === undefined ? [] : [new Compressor(compressor, sampleRate, channels)]),
    ];
  }
}

function equalizerOf(
  { lowDb, midDb, highDb }: EqualizerSettings,
  { sampleRate, channels }: SoundFormat,
): Effect[] {
  const bands = [
    ...(lowDb === 0 ? [] : [lowShelf({ frequency: LOW_HZ, gainDb: lowDb, sampleRate })]),
    ...(midDb === 0 ? [] : [peaking({ frequency: MID_HZ, gainDb: midDb, sampleRate }, MID_Q)]),
    ...(highDb === 0 ? [] : [highShelf({ frequency: HIGH_HZ, gainDb: highDb, sampleRate })]),
  ];
  return bands.map((band) => new BiquadFilter(band, channels));
}

/** Multiplies with a gain that changes evenly, so that it does not click; the same for all channels. */
function ramp(samples: Float32Array, channels: number, from: number, to: number): void {
  const slope = (to - from) / samples.length;
  for (let channel = 0; channel < channels; channel++) {
    for (let at = channel; at < samples.length; at += channels)
      samples[at] = (samples[at] as number) * (from + slope * (at - channel));
  }
}

function readPcm(pcm: Buffer, samples: Float32Array): void {
  const count = Math.min(samples.length, Math.floor(pcm.length / BYTES_PER_SAMPLE));
  // A view needs an even offset.
  const aligned = pcm.byteOffset % BYTES_PER_SAMPLE === 0 ? pcm : Buffer.from(pcm);
  const given = new Int16Array(aligned.buffer, aligned.byteOffset, count);
  for (let at = 0; at < count; at++) samples[at] = (given[at] as number) / FULL_SCALE;
  samples.fill(0, count);
}
