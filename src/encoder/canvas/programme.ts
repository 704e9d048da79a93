import type { Disposable } from 'vscode-jsonrpc';
import type { SourceSlot } from '../sources/source.js';
import type { SourceWithFallback } from '../sources/source-with-fallback.js';
import { type AudioFormat, BYTES_PER_SAMPLE } from '../tracks/audio-encoder.js';
import type { AudioTrack } from '../tracks/audio-track.js';
import type { BusTracks } from '../tracks/bus-tracks.js';
import type { ProgrammeEncoders } from '../tracks/programme-encoders.js';
import type { SourceFeed, SourceRenditions } from '../tracks/source-renditions.js';
import type { CanvasFrames, Frame } from './frame-pool.js';
import { SlotClock, type SlotTime } from './slot-clock.js';

/** A slot of what is on air. */
export interface ProgrammeSlot extends SourceSlot {
  /** What a clean feed shows; undefined if there is no new one. It is the frame itself where nothing makes one. */
  readonly clean?: Frame | undefined;
  /** What sources have that are encoded alone; undefined while none is. */
  readonly feeds?: readonly SourceFeed[] | undefined;
  /** The sound of each bus; none where nothing is mixed. */
  readonly buses?: readonly Buffer[];
  /** New ones of canvases besides the main one; undefined where there is none. */
  readonly canvases?: CanvasFrames | undefined;
}

/** What is on air. */
export interface ProgrammeSource extends Pick<SourceWithFallback, 'isReady' | 'ended'> {
  take(samples: number): ProgrammeSlot;
}

export interface ProgrammeOptions {
  readonly fps: number;
  readonly format: AudioFormat;
  readonly source: ProgrammeSource;
  readonly video: Pick<ProgrammeEncoders, 'put'>;
  readonly audio: Pick<AudioTrack, 'put'>;
  /** Takes sources that are encoded alone. */
  readonly sources?: Pick<SourceRenditions, 'put'>;
  readonly buses?: Pick<BusTracks, 'put'>;
  /** The source has ended, and every slot of it has been passed on. */
  readonly onEnd: () => void;
  /** The time by which slots are due; real time without it. */
  readonly time?: SlotTime | undefined;
}

/** How often the first frame is looked for, ms. */
const LOOK_MS = 5;

/** Asks the source for each slot, and gives each track its part: without a new frame the last one again, without sound silence. */
export class Programme implements Disposable {
  private readonly clock: SlotClock;
  private timer: NodeJS.Timeout | undefined;
  private frame: Frame | undefined;
  private clean: Frame | undefined;
  private readonly canvases = new Map<string, Frame>();
  private repeated = 0;

  constructor(private readonly options: ProgrammeOptions) {
    const { fps, time } = options;
    this.clock = new SlotClock({ fps, time, onSlot: (slot) => this.produce(slot) });
  }

  /** Slots in which the frame before was shown again. */
  get repeatedFrames(): number {
    return this.repeated;
  }

  /** Begins with the source's first frame. */
  start(): void {
    if (this.options.source.isReady) this.clock.start();
    else this.timer = setTimeout(() => this.start(), LOOK_MS);
  }

  private produce(slot: number): void {
    const { source, video, audio, buses, sources, onEnd } = this.options;
    if (source.ended) {
      this.dispose();
      onEnd();
      return;
    }
    const samples = this.samplesOf(slot);
    const { frame, clean, canvases, sound, feeds, buses: mixed = [] } = source.take(samples);
    // It may have come to its end just now.
    if (source.ended) {
      frame?.release();
      clean?.release();
      for (const shown of canvases?.values() ?? []) shown.release();
      this.produce(slot);
      return;
    }
    if (frame === undefined) this.repeated += 1;
    else {
      this.frame?.release();
      this.frame = frame;
    }
    if (clean !== undefined) {
      this.clean?.release();
      this.clean = clean;
    }
    for (const [id, shown] of canvases ?? []) {
      this.canvases.get(id)?.release();
      this.canvases.set(id, shown);
    }
    if (this.frame !== undefined) video.put(slot, this.frame, this.clean ?? this.frame, this.canvases);
    const bytes = samples * this.options.format.channels * BYTES_PER_SAMPLE;
    audio.put(sound.length === bytes ? sound : Buffer.concat([sound], bytes));
    if (feeds !== undefined) sources?.put(slot, feeds, bytes);
    buses?.put(mixed, samples);
  }

  /** Number of a slot's samples. Computed from the slot, never added up, so that sound and frames do not drift apart. */
  private samplesOf(slot: number): number {
    const { fps, format } = this.options;
    const until = (slots: number) => Math.round((slots * format.sampleRate) / fps);
    return until(slot + 1) - until(slot);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.clock.dispose();
    this.frame?.release();
    this.clean?.release();
    this.frame = undefined;
    this.clean = undefined;
    for (const shown of this.canvases.values()) shown.release();
    this.canvases.clear();
  }
}
