import {
  type DuckingSettings,
  type MixerConfig,
  type SourceSound,
  SourceSoundSchema,
} from '../../config/mixer-schema.js';
import type { MixLevels } from '../../protocol/audio.js';
import { BYTES_PER_SAMPLE } from '../tracks/audio-encoder.js';
import { Bus, Fader, toPcm } from './bus.js';
import { amplitude, decibels } from './decibels.js';
import { towards } from './dynamics.js';
import { LevelMeter } from './level-meter.js';
import { type SoundFormat, Strip } from './strip.js';

/** Sound of one source in a slot. */
export interface MixInput {
  readonly id: string;
  /** 16 bits, interleaved; silence follows where it is short. */
  readonly pcm: Buffer;
  /** How much of it the scenes on air want at the end of the slot, 0 to 1. It goes there evenly, so that it does not click. */
  readonly share: number;
}

interface Channel {
  readonly strip: Strip;
  /** On its way to viewers, and to the streamer's ears. */
  readonly toStream: Fader;
  readonly toMonitor: Fader;
  /** What ducking leaves of it, 0 to 1. */
  ducked: number;
  /** What the scenes wanted of it in the last slot. */
  wanted: number;
}

interface NamedBus {
  readonly id: string;
  readonly bus: Bus;
  readonly sources: ReadonlySet<string>;
}

/** Nothing may be louder in the streamer's ears than the device can play. */
const MONITOR_CEILING_DB = 0;

/** Mixes the sound of sources into one, slot by slot; what the streamer monitors, into another one. */
export class Mixer {
  private readonly channels = new Map<string, Channel>();
  private readonly stream: Bus;
  private readonly monitor: Bus;
  /** In the order of the settings. */
  private buses: readonly NamedBus[] = [];
  private readonly meter: LevelMeter;
  private readonly plain: SourceSound = SourceSoundSchema.parse({});

  constructor(
    private config: MixerConfig,
    private readonly format: SoundFormat,
  ) {
    this.stream = new Bus(config.ceilingDb, format);
    this.monitor = new Bus(MONITOR_CEILING_DB, format);
    this.meter = new LevelMeter(format.sampleRate, format.channels);
    this.setBuses();
  }

  /** Goes over to other settings, evenly within the next slot. */
  set(config: MixerConfig): void {
    this.config = config;
    this.stream.set(config.ceilingDb);
    this.setBuses();
    for (const [id, { strip }] of this.channels) strip.set(this.settingsOf(id));
  }

  /** Whether a source is heard in every scene. */
  isAlwaysHeard(id: string): boolean {
    return this.config.sources[id]?.mode === 'always';
  }

  /** A source is not there any more. */
  remove(id: string): void {
    this.channels.delete(id);
  }

  /** Counts the levels that were measured. */
  get version(): number {
    return this.meter.version;
  }

  get levels(): MixLevels {
    const sources = [...this.channels].map(([id, { strip }]) => [id, strip.meter.levels] as const);
    return { mix: this.meter.levels, sources: Object.fromEntries(sources) };
  }

  /** Where what is monitored is to be played; undefined if nothing is. */
  get monitorDevice(): string | undefined {
    const isMonitored = Object.values(this.config.sources).some(({ monitor }) => monitor !== 'off');
    return isMonitored ? this.config.monitorDevice : undefined;
  }

  /** Of the last slot, what each bus has: 16 bits, interleaved; in the order of the settings. */
  mixedBuses(): readonly Buffer[] {
    return this.buses.map(({ bus }) => toPcm(bus.end()));
  }

  /** What is monitored of the last slot: 16 bits, interleaved. */
  monitored(): Buffer {
    return toPcm(this.monitor.end());
  }

  /**
   * @param samples of the slot, for each channel
   * @returns 16 bits, interleaved
   */
  mix(inputs: readonly MixInput[], samples: number): Buffer {
    const length = samples * this.format.channels;
    const isSolo = inputs.some(({ id }) => this.settingsOf(id).solo);
    const heard = inputs.map((input) => {
      const channel = this.channelOf(input.id);
      const sound = channel.strip.process(input.pcm, length);
      return { input, channel, sound };
    });
    const { stream, monitor } = this;
    stream.begin(length);
    monitor.begin(length);
    for (const { bus } of this.buses) bus.begin(length);
    let untouched: Buffer | undefined;
    for (const { input, channel, sound } of heard) {
      const { strip, toStream, toMonitor } = channel;
      const settings = this.settingsOf(input.id);
      const { muted, solo, ducking, pan } = settings;
      const share = !muted && (!isSolo || solo) ? input.share : 0;
      if (ducking !== undefined) this.duck(channel, ducking, samples);
      channel.wanted = input.share;
      // What ducks a sound for viewers would only be in the way of one who listens to it alone.
      monitor.add(sound, toMonitor.fade(settings.monitor === 'off' ? 0 : share, pan));
      const shares = toStream.fade(settings.monitor === 'only' ? 0 : channel.ducked * share, pan);
      stream.add(sound, shares);
      for (const { bus, sources } of this.buses) if (sources.has(input.id)) bus.add(sound, shares);
      const isWhole = input.pcm.length === length * BYTES_PER_SAMPLE;
      if (isWhole && toStream.isOpen && strip.isPlain) untouched = input.pcm;
    }
    const sum = stream.end();
    this.meter.add(sum);
    return untouched !== undefined && stream.isUntouched ? untouched : toPcm(sum);
  }

  private setBuses(): void {
    const { buses, ceilingDb } = this.config;
    this.buses = buses.map(({ id, sources }) => {
      const bus = this.buses.find((other) => other.id === id)?.bus ?? new Bus(ceilingDb, this.format);
      bus.set(ceilingDb);
      return { id, bus, sources: new Set(sources) };
    });
  }

  private duck(channel: Channel, ducking: DuckingSettings, samples: number): void {
    const { by, amountDb, thresholdDb, attackMs, releaseMs } = ducking;
    const other = this.channels.get(by);
    const isHeard = other !== undefined && other.wanted > 0 && !this.settingsOf(by).muted;
    const isLoud = isHeard && decibels(other.strip.lastPeak) >= thresholdDb;
    const wanted = isLoud ? amplitude(amountDb) : 1;
    const ms = wanted < channel.ducked ? attackMs : releaseMs;
    channel.ducked = towards(channel.ducked, wanted, ms, samples, this.format.sampleRate);
  }

  private channelOf(id: string): Channel {
    const found = this.channels.get(id);
    if (found !== undefined) return found;
    const { channels } = this.format;
    const channel = {
      ...{ strip: new Strip(this.settingsOf(id), this.format), ducked: 1, wanted: 0 },
      ...{ toStream: new Fader(channels), toMonitor: new Fader(channels) },
    };
    this.channels.set(id, channel);
    return channel;
  }

  private settingsOf(id: string): SourceSound {
    return this.config.sources[id] ?? this.plain;
  }
}
