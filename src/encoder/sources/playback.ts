import type { Disposable } from 'vscode-jsonrpc';
import type { Frame } from '../canvas/frame-pool.js';
import { type AudioFormat, BYTES_PER_SAMPLE } from '../tracks/audio-encoder.js';
import type { FrameQueue } from './frame-queue.js';
import type { PulledTrack } from './pulled-track.js';
import type { SoundQueue } from './sound-queue.js';

export interface PlaybackOptions {
  readonly fps: number;
  readonly format: AudioFormat;
  /** Undefined if it has none: then `still` is shown. */
  readonly frames: PulledTrack<FrameQueue> | undefined;
  readonly sound: PulledTrack<SoundQueue> | undefined;
  /** Makes the frame of a medium without frames. */
  readonly still: () => Frame | undefined;
  /** Slots until which its last frame is shown, if it is shorter; Infinity for one that is shown without end. */
  readonly leastSlots: number;
  /** Where it ends according to a container that knows exactly, s: sound of up to a packet after that is its encoder's padding. */
  readonly endS?: number | undefined;
}

/** Frame and sound of a slot; `frame` is undefined if the one before is shown again. */
export interface PlayedSlot {
  readonly frame: Frame | undefined;
  readonly sound: Buffer;
}

/** A process that is started within a track begins this much before a frame, in slots: rounding never skips one. */
export const BEFORE_FRAME = 0.25;
/** … and this much before a sample, s: what a decoder delivers first is not exact. */
export const BEFORE_SAMPLE_S = 0.1;

/** Of a slot: what rounding takes away. */
const ROUNDING = 0.01;
/** The longest packet of sound that encoders fill up, s: AAC of 8 kHz, with SBR. */
const PADDING_S = 0.26;
/** ffmpeg rounds a medium's length to 0.01 s. */
const LENGTH_ROUNDING_S = 0.005;

/** One pass through a medium, from its beginning or from a position on, slot by slot. */
export class Playback implements Disposable {
  private slot = 0;
  private sample = 0;
  /** The first slot that has no frame of its own any more. */
  private framesEnd = 0;
  private soundEnd = 0;

  constructor(private readonly options: PlaybackOptions) {}

  get pid(): number {
    return this.options.frames?.pid ?? this.options.sound?.pid ?? 0;
  }

  /** A process has ended that should not have, and another one has not delivered yet. */
  get isRetrying(): boolean {
    const { frames, sound } = this.options;
    return frames?.failure !== undefined || sound?.failure !== undefined;
  }

  /** Slots that have been taken. */
  get position(): number {
    return this.slot;
  }

  /** Everything has arrived, and its last frame need not be shown for longer: it will be over soon. */
  get isComplete(): boolean {
    const { frames, sound, leastSlots } = this.options;
    return this.slot >= leastSlots && (frames?.complete ?? true) && (sound?.complete ?? true);
  }

  get isOver(): boolean {
    const { frames, sound, fps } = this.options;
    if (!this.isComplete || frames?.over === false) return false;
    // Sound of a fraction of a slot is left out: a frame would be shown twice for it.
    const soundSlots = sound === undefined ? 0 : Math.floor(this.soundEndS(sound) * fps + ROUNDING);
    return this.slot >= Math.max(this.framesEnd, soundSlots);
  }

  /** Without its encoder's padding. */
  private soundEndS(sound: PulledTrack<SoundQueue>): number {
    const { format, endS = Number.POSITIVE_INFINITY } = this.options;
    const arrivedS = this.endOfSound(sound) / format.sampleRate;
    return arrivedS <= endS + PADDING_S ? Math.min(arrivedS, endS + LENGTH_ROUNDING_S) : arrivedS;
  }

  /** Whether it can begin. */
  get isReady(): boolean {
    const { frames, sound } = this.options;
    return [frames, sound].every(
      (track) => track === undefined || track.complete || (track.reading?.queue.arrived ?? 0) > 0,
    );
  }

  /** The next slot; undefined while it has not arrived completely. */
  take(samples: number): PlayedSlot | undefined {
    const { frames, sound } = this.options;
    const hasFrame = frames === undefined || this.findFrame(frames);
    const hasSound = sound === undefined || this.hasSound(sound, samples);
    if (!hasFrame) frames.awaitMore();
    if (!hasSound) sound.awaitMore();
    if (!hasFrame || !hasSound) return undefined;
    const frame = frames === undefined ? this.takeStill() : this.takeFrame(frames);
    const pcm = sound === undefined ? Buffer.alloc(0) : this.takeSound(sound, samples);
    this.slot += 1;
    this.sample += samples;
    return { frame, sound: pcm };
  }

  private takeStill(): Frame | undefined {
    return this.slot === 0 ? this.options.still() : undefined;
  }

  /** Drops the frames that are too old, and says whether it is known which one is shown. */
  private findFrame(frames: PulledTrack<FrameQueue>): boolean {
    for (;;) {
      const { reading } = frames;
      if (reading === undefined) return frames.complete;
      const { queue } = reading;
      const [first, second] = [0, 1].map((index) => this.slotOf(reading, index));
      if (first === undefined) return frames.over;
      if (first >= this.slot) return true;
      if (second === undefined) return queue.ended;
      if (second > this.slot) return true;
      this.framesEnd = first + 1;
      queue.shift()?.frame.release();
    }
  }

  private takeFrame(frames: PulledTrack<FrameQueue>): Frame | undefined {
    const { reading } = frames;
    const first = reading === undefined ? undefined : this.slotOf(reading, 0);
    if (reading === undefined || first === undefined) return undefined;
    if (first <= this.slot) {
      this.framesEnd = Math.max(this.framesEnd, this.slot + 1);
      return reading.queue.shift()?.frame;
    }
    // Where video begins later than sound, its first frame is shown early.
    return this.slot === 0 ? reading.queue.peek()?.retain() : undefined;
  }

  private slotOf(
    { queue, fromS }: { readonly queue: FrameQueue; readonly fromS: number },
    index: number,
  ): number | undefined {
    const timestampS = queue.timestampS(index);
    return timestampS === undefined ? undefined : Math.round((fromS + timestampS) * this.options.fps);
  }

  private hasSound(sound: PulledTrack<SoundQueue>, samples: number): boolean {
    return sound.complete || this.endOfSound(sound) >= this.sample + samples;
  }

  /** The sample after the last one that has arrived. */
  private endOfSound({ deliveries }: PulledTrack<SoundQueue>): number {
    for (const reading of deliveries) {
      if (reading.queue.arrived > 0) {
        this.soundEnd = Math.max(this.soundEnd, this.firstSample(reading) + reading.queue.end);
      }
    }
    return this.soundEnd;
  }

  private takeSound({ deliveries }: PulledTrack<SoundQueue>, samples: number): Buffer {
    const pcm = Buffer.alloc(samples * this.options.format.channels * BYTES_PER_SAMPLE);
    // The first one last: what a process delivers first, where they overlap, is not exact.
    for (const reading of [...deliveries].reverse()) {
      reading.queue.take(this.sample - this.firstSample(reading), pcm);
    }
    return pcm;
  }

  private firstSample({ fromS }: { readonly fromS: number }): number {
    return Math.round(fromS * this.options.format.sampleRate);
  }

  dispose(): void {
    this.options.frames?.dispose();
    this.options.sound?.dispose();
  }
}
