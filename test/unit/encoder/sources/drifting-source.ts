import { FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import { FrameQueue } from '../../../../src/encoder/sources/frame-queue.js';
import { LiveReceiver } from '../../../../src/encoder/sources/live-receiver.js';
import { SoundQueue } from '../../../../src/encoder/sources/sound-queue.js';
import type { FakeClock } from '../../../support/fake-clock.js';
import { FakeProcess } from './fake-processes.js';
import { NutConnection } from './nut-connection.js';

export const FPS = 50;
export const RATE = 2000;
export const SAMPLES = RATE / FPS;
/** Sine and cosine, which together say where in the tone a sample is. */
export const CHANNELS = 2;
const FORMAT = { sampleRate: RATE, channels: CHANNELS };
export const TONE = { hz: 20, amplitude: 16_000 };
const FRAME_BYTES = 8;
const TICKS = 90_000;
/** Sound comes in chunks of this length, s. */
const CHUNK_S = 0.02;
const CHUNK = RATE * CHUNK_S;
/** Chunks after which the tone begins anew. */
const CYCLE = 5;
/** The way of what arrives takes this long at least, ms. */
const WAY_MS = 5;

export interface Drifting {
  /** By which part the source's clock is faster than the programme's. */
  readonly drift: number;
  /** By which part there are more samples than the timestamps say. */
  readonly skew?: number;
  readonly jitterMs: number;
  readonly hasFrames: boolean;
  readonly minutes: number;
}

/** What a slot plays. */
export interface Played {
  /** Interleaved. */
  readonly sound: Int16Array;
  /** The source's time of the frame on air, s. */
  readonly frameS: number;
  /** The source's time when it is played, s. */
  readonly nowS: number;
}

/** Plays a source whose clock drifts, and that arrives in chunks and irregularly, slot by slot. */
export function* playDrifting(clock: FakeClock, source: Drifting): Generator<Played> {
  const { drift, skew = 0, jitterMs, hasFrames, minutes } = source;
  const pool = new FramePool(FRAME_BYTES, 60);
  const frames = hasFrames ? new FrameQueue({ pool, limit: 35, waits: false }) : undefined;
  const sound = new SoundQueue({ format: FORMAT, limitS: 2, waits: false });
  const frameConnection = frames && new NutConnection(frames, TICKS);
  const soundConnection = new NutConnection(sound, RATE);
  const process = new FakeProcess();
  const receiver = new LiveReceiver({
    ...{ fps: FPS, format: FORMAT },
    open: () => ({ process, frames, sound }),
    onLoss: () => {},
  });
  const jitter = noise(jitterMs);
  const soundTrack = new Track(CHUNK_S / (1 + skew), drift, jitter, (number, atS) => {
    soundConnection.send({
      ticks: Math.round(atS * 1000) * (RATE / 1000),
      payload: CHUNKS[number % CYCLE] as Buffer,
    });
    soundConnection.deliver();
  });
  const frameTrack = new Track(1 / FPS, drift, jitter, (number) => {
    const payload = Buffer.alloc(FRAME_BYTES);
    payload.writeInt32LE(number);
    frameConnection?.send({ ticks: Math.round((number / FPS) * TICKS), payload });
    frameConnection?.deliver();
  });
  const tracks = [soundTrack, ...(hasFrames ? [frameTrack] : [])];
  let nowMs = 0;
  const passTo = (ms: number) => {
    clock.tick(ms - nowMs);
    nowMs = ms;
  };
  let frameS = Number.NaN;
  try {
    for (let slot = 0; slot < minutes * 60 * FPS; slot++) {
      const slotMs = (slot * 1000) / FPS;
      for (;;) {
        const [next] = tracks.toSorted((a, b) => a.dueMs - b.dueMs);
        if (next === undefined || next.dueMs > slotMs) break;
        passTo(next.dueMs);
        next.send();
      }
      passTo(slotMs);
      const taken = receiver.take(SAMPLES);
      if (taken.frame !== undefined) frameS = taken.frame.bytes.readInt32LE() / FPS;
      taken.frame?.release();
      const { buffer, byteOffset } = taken.sound;
      const nowS = (slotMs / 1000) * (1 + drift);
      yield { sound: new Int16Array(buffer, byteOffset, SAMPLES * CHANNELS), frameS, nowS };
    }
  } finally {
    receiver.dispose();
    frames?.close();
  }
}

/** What a source sends of one kind, each as soon as it is complete. */
class Track {
  private number = 0;
  dueMs = 0;

  constructor(
    private readonly lengthS: number,
    private readonly drift: number,
    private readonly jitter: () => number,
    private readonly deliver: (number: number, atS: number) => void,
  ) {
    this.plan();
  }

  send(): void {
    this.deliver(this.number, this.number * this.lengthS);
    this.number += 1;
    this.plan();
  }

  private plan(): void {
    const completeMs = ((this.number + 1) * this.lengthS * 1000) / (1 + this.drift);
    this.dueMs = Math.max(this.dueMs, completeMs + WAY_MS + this.jitter());
  }
}

/** One period of the tone, interleaved. */
const PERIOD = Int16Array.from({ length: (RATE / TONE.hz) * CHANNELS }, (_, at) => {
  const phase = (2 * Math.PI * TONE.hz * Math.floor(at / CHANNELS)) / RATE;
  return Math.round(TONE.amplitude * (at % CHANNELS === 0 ? Math.sin(phase) : Math.cos(phase)));
});

/** What the source sends, by the number of the sample, interleaved. */
export function toneAt(at: number): number {
  return PERIOD[at % PERIOD.length] as number;
}

/** Chunks of the tone until it begins anew. */
const CHUNKS = Array.from({ length: CYCLE }, (_, number) => {
  const first = number * CHUNK * CHANNELS;
  const samples = Int16Array.from({ length: CHUNK * CHANNELS }, (_, at) => toneAt(first + at));
  return Buffer.from(samples.buffer);
});

/** Numbers from 0 to below `most`, the same ones in each run. */
function noise(most: number): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 32) * most;
  };
}
