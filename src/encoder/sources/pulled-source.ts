import type { Readable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { Backoff } from '../../base/backoff.js';
import { Emitter, type Event } from '../../base/event.js';
import { SOUND_FD, type SourceProcess } from '../arguments/source-arguments.js';
import { type Colour, type Frame, type FramePool, paint } from '../canvas/frame-pool.js';
import { FfmpegChild, type FfmpegChildOptions } from '../ffmpeg-child.js';
import type { FfmpegExit } from '../ffmpeg-errors.js';
import { FrameReader } from './frame-reader.js';
import { PcmReader } from './pcm-reader.js';
import type { SocketPairs } from './socket-pairs.js';
import { NOTHING, type Source, type SourceSlot } from './source.js';

export interface PulledSourceOptions extends Pick<FfmpegChildOptions, 'path' | 'ownProcessGroup' | 'onLog'> {
  readonly process: Pick<SourceProcess, 'argumentsFrom' | 'silent' | 'blank'>;
  readonly pool: FramePool;
  readonly pairs: SocketPairs;
  /** Bytes of PCM that are read ahead. */
  readonly soundAhead: number;
  /** Whether it ends by itself; otherwise its process is replaced when it exits. */
  readonly ends: boolean;
}

/** Delays between the starts of processes that deliver nothing. */
const RETRY = { baseMs: 250, capMs: 5000, jitter: 0.2 } as const;
/** How long a process that has delivered may deliver nothing, ms: then it hangs. */
const SILENT_MS = 400;

/** One process of ffmpeg, and what it has delivered. */
interface Reading {
  readonly ffmpeg: FfmpegChild;
  /** Undefined if it has none. */
  readonly frames: FrameReader | undefined;
  /** Undefined if it is silent. */
  readonly sound: PcmReader | undefined;
  /** It has come to the end of its input; what it has delivered may still have to be taken. */
  finished: boolean;
}

/** The frame of a source without frames. */
const PLAIN: Colour = { red: 0x1b, green: 0x2a, blue: 0x38 };

/** Whether nothing will come of a track any more. */
function isOver({ ended, size }: { readonly ended: boolean; readonly size: number }): boolean {
  return ended && size === 0;
}

/** A source that can be read at our pace: what is not taken waits, and a new process continues at the position reached. */
export class PulledSource implements Source, Disposable {
  private readonly backoff = new Backoff(RETRY);
  private readonly lossEmitter = new Emitter<FfmpegExit>();
  readonly onDidLose: Event<FfmpegExit> = this.lossEmitter.event;
  private reading: Reading | undefined;
  /** Slots that have been taken. */
  private position = 0;
  private lastTakenMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private disposed = false;

  constructor(private readonly options: PulledSourceOptions) {
    void this.start();
  }

  get isReady(): boolean {
    const { reading } = this;
    if (reading === undefined) return false;
    const { frames, sound } = reading;
    if ((frames === undefined || frames.size > 0) && (sound === undefined || sound.size > 0)) return true;
    this.readOn(reading);
    return false;
  }

  get ended(): boolean {
    const { reading } = this;
    if (reading?.finished !== true) return false;
    return [reading.frames, reading.sound].every((track) => track === undefined || isOver(track));
  }

  take(soundBytes: number): SourceSlot {
    const { reading } = this;
    if (reading === undefined || this.ended) return NOTHING;
    const { frames, sound, finished } = reading;
    const hasFrame = frames === undefined || frames.size > 0 || (finished && frames.ended);
    const hasSound = sound === undefined || sound.size >= soundBytes || sound.ended;
    if (!hasFrame || !hasSound) {
      this.readOn(reading);
      this.checkProgress(reading);
      return NOTHING;
    }
    const frame = frames === undefined ? this.takePlainFrame() : frames.take();
    this.lastTakenMs = performance.now();
    this.position += 1;
    this.backoff.reset();
    return { frame, sound: sound?.take(soundBytes) ?? NOTHING.sound };
  }

  /** Shown from the first slot to the last. */
  private takePlainFrame(): Frame | undefined {
    if (this.position > 0) return undefined;
    const frame = this.options.pool.acquire();
    if (frame !== undefined) paint(frame, PLAIN);
    return frame;
  }

  /** One ffmpeg writes both tracks: it may be waiting to write the one, of which there is enough, before the other. */
  private readOn({ frames, sound }: Reading): void {
    if (frames?.size === 0) sound?.readMore();
    else frames?.readMore();
  }

  /** Ends a process that has delivered, and hangs. */
  private checkProgress({ ffmpeg }: Reading): void {
    if (this.lastTakenMs === 0 || performance.now() - this.lastTakenMs < SILENT_MS) return;
    this.lastTakenMs = 0;
    ffmpeg.kill();
  }

  private async start(): Promise<void> {
    const { path, ownProcessGroup, onLog, pool, pairs, soundAhead, process } = this.options;
    const frames = process.blank ? undefined : new FrameReader(pool);
    try {
      const pair = frames === undefined ? undefined : await pairs.open(frames.onread);
      if (pair !== undefined) frames?.attach(pair.near);
      if (this.disposed) {
        pair?.near.destroy();
        pair?.far.destroy();
        return;
      }
      let ffmpeg: FfmpegChild;
      try {
        ffmpeg = new FfmpegChild({
          path,
          args: process.argumentsFrom(this.position),
          stdin: 'ignore',
          stdout: pair?.far ?? 'ignore',
          more: process.silent ? [] : ['pipe'],
          ownProcessGroup,
          onLog,
        });
      } finally {
        // If this process kept it open, it would not see it close when ffmpeg exits.
        pair?.far.destroy();
      }
      const pcm = ffmpeg.child.stdio[SOUND_FD] as Readable | undefined;
      const sound = pcm === undefined ? undefined : new PcmReader(pcm, soundAhead);
      const reading: Reading = { ffmpeg, frames, sound, finished: false };
      this.reading = reading;
      void ffmpeg.exited.then((exit) => this.exited(reading, exit));
    } catch (error) {
      frames?.close();
      this.again({ code: null, signal: null, log: [], spawnError: error as Error });
    }
  }

  private exited(reading: Reading, exit: FfmpegExit): void {
    if (this.disposed || this.reading !== reading) return;
    if (this.options.ends && exit.code === 0) {
      reading.finished = true;
      return;
    }
    reading.frames?.close();
    this.reading = undefined;
    this.again(exit);
  }

  private again(exit: FfmpegExit): void {
    this.lossEmitter.fire(exit);
    if (this.disposed) return;
    this.timer = setTimeout(() => void this.start(), this.backoff.next());
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    this.reading?.ffmpeg.kill();
    this.reading?.frames?.close();
    this.lossEmitter.dispose();
  }
}
