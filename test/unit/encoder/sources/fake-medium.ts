import { FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import type { FfmpegExit } from '../../../../src/encoder/ffmpeg-errors.js';
import { FrameQueue } from '../../../../src/encoder/sources/frame-queue.js';
import { BEFORE_FRAME, BEFORE_SAMPLE_S, Playback } from '../../../../src/encoder/sources/playback.js';
import { PulledTrack } from '../../../../src/encoder/sources/pulled-track.js';
import { SoundQueue } from '../../../../src/encoder/sources/sound-queue.js';
import { CLEAN, FakeProcess } from './fake-processes.js';
import { NutConnection } from './nut-connection.js';

export const FPS = 25;
export const RATE = 1000;
export const FORMAT = { sampleRate: RATE, channels: 1 };
/** Samples of a slot. */
export const SAMPLES = RATE / FPS;
const FRAME_BYTES = 6;
const TICKS = 90_000;

/** One process that reads a track, of which a test decides what it sends, and when. */
export class FakeReading<Q extends FrameQueue | SoundQueue> {
  readonly process: FakeProcess;
  readonly connection: NutConnection;

  constructor(
    readonly queue: Q,
    readonly fromS: number,
    ticksPerS: number,
  ) {
    this.connection = new NutConnection(queue, ticksPerS);
    this.process = new FakeProcess(() => queue.close());
  }

  /** Sends frames at these places, in slots since the beginning, which hold the slot. */
  sendFrames(...slots: number[]): void {
    for (const slot of slots) {
      const ticks = Math.round((slot / FPS - this.fromS) * TICKS);
      this.connection.send({ ticks, payload: Buffer.alloc(FRAME_BYTES, Math.round(slot)) });
    }
    this.connection.deliver();
  }

  /** Sends samples by their number since the beginning, which they hold, from one on. */
  sendSound(from: number, count: number): void {
    const payload = Buffer.alloc(count * 2);
    for (let i = 0; i < count; i++) payload.writeInt16LE(from + i + 1, i * 2);
    this.connection.send({ ticks: Math.round(from - this.fromS * RATE), payload });
    this.connection.deliver();
  }

  end(exit: FfmpegExit = CLEAN): void {
    this.connection.destroy();
    this.process.exit(exit);
  }
}

/** A medium with tracks of which a test decides what arrives. */
export class FakeMedium {
  readonly pool = new FramePool(FRAME_BYTES, 30);
  readonly frames: FakeReading<FrameQueue>[] = [];
  readonly sound: FakeReading<SoundQueue>[] = [];
  readonly losses: FfmpegExit[] = [];
  readonly playback: Playback;

  constructor(
    options: {
      hasFrames?: boolean;
      hasSound?: boolean;
      leastSlots?: number;
      durationS?: number;
      endS?: number;
    } = {},
  ) {
    const { hasFrames = true, hasSound = true, leastSlots = 0, durationS, endS } = options;
    const common = { durationS, onLoss: (exit: FfmpegExit) => this.losses.push(exit), onDamage: () => {} };
    const { pool } = this;
    this.playback = new Playback({
      fps: FPS,
      format: FORMAT,
      leastSlots,
      endS,
      still: () => {
        const frame = pool.acquire();
        frame?.bytes.fill(255);
        return frame;
      },
      frames: hasFrames
        ? new PulledTrack({
            ...common,
            open: (fromS) => {
              const queue = new FrameQueue({ pool, limit: 8, waits: true });
              return added(this.frames, new FakeReading(queue, fromS, TICKS));
            },
            endOf: ({ queue, fromS }) => (Math.round((fromS + queue.lastS) * FPS) + 1 - BEFORE_FRAME) / FPS,
          })
        : undefined,
      sound: hasSound
        ? new PulledTrack({
            ...common,
            open: (fromS) => {
              const queue = new SoundQueue({ format: FORMAT, limitS: 2, waits: true });
              return added(this.sound, new FakeReading(queue, fromS, RATE));
            },
            endOf: ({ queue, fromS }) => Math.max(0, fromS + queue.end / RATE - BEFORE_SAMPLE_S),
          })
        : undefined,
    });
  }

  /** The next slots, as far as they are there: the number of each one's frame, and of each of its samples. */
  take(slots: number): { frames: (number | undefined)[]; samples: number[] } {
    const frames: (number | undefined)[] = [];
    const samples: number[] = [];
    for (let i = 0; i < slots && !this.playback.isOver; i++) {
      const slot = this.playback.take(SAMPLES);
      if (slot === undefined) break;
      frames.push(slot.frame?.bytes[0]);
      slot.frame?.release();
      for (let at = 0; at < slot.sound.length; at += 2) samples.push(slot.sound.readInt16LE(at) - 1);
    }
    return { frames, samples };
  }
}

function added<T>(list: T[], one: T): T {
  list.push(one);
  return one;
}
