import type { Readable, Writable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { Backoff } from '../../base/backoff.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { FfmpegChild } from '../ffmpeg-child.js';
import type { FfmpegExit } from '../ffmpeg-errors.js';
import type { FfmpegLogLine } from '../log-line.js';
import type { FfmpegOptions } from '../sources/source-process.js';
import { type AudioFormat, BYTES_PER_SAMPLE } from '../tracks/audio-encoder.js';

export interface MonitorPlayerOptions {
  readonly device: string;
  readonly format: AudioFormat;
  readonly ffmpeg: FfmpegOptions;
  /** Arguments of ffmpeg. Rejects with the reason if this computer cannot play it. */
  readonly argumentsOf: () => Promise<readonly string[]>;
  /** It is not played; told once until it is again. */
  readonly onProblem: (error: BulkheadError) => void;
}

const RETRY = { baseMs: 1000, capMs: 15_000, jitter: 0.2 } as const;
/** How much later than it came a sound may be played, ms: what comes when more of it waits is left out, so that it catches up. */
const MOST_BEHIND_MS = 300;
/** A device that plays nothing for this long is opened anew, ms. */
const STUCK_MS = 5000;

/** Plays what the streamer monitors. It never holds up the mix: what a device does not take in time is left out. */
export class MonitorPlayer implements Disposable {
  private readonly backoff = new Backoff(RETRY);
  private readonly bytesPerMs: number;
  private ffmpeg: FfmpegChild | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isOpen = false;
  /** Of what this process was given, and of that what it has played, ms. */
  private givenMs = 0;
  private playedMs = 0;
  private movedAtMs = 0;
  private isKnown = false;
  private disposed = false;

  constructor(private readonly options: MonitorPlayerOptions) {
    const { sampleRate, channels } = options.format;
    this.bytesPerMs = (sampleRate * channels * BYTES_PER_SAMPLE) / 1000;
    void this.start();
  }

  get device(): string {
    return this.options.device;
  }

  /** Process id; 0 while there is none. */
  get pid(): number {
    return this.ffmpeg?.pid ?? 0;
  }

  /** @param pcm of a slot: 16 bits, interleaved */
  play(pcm: Buffer): void {
    const { ffmpeg } = this;
    if (ffmpeg === undefined) return;
    const now = performance.now();
    if (now - this.movedAtMs > STUCK_MS) {
      this.movedAtMs = now;
      ffmpeg.kill();
      return;
    }
    // It opens the device with the first sound. What comes until that is open would make all that follows late.
    const isAwaited = this.isOpen ? this.givenMs - this.playedMs <= MOST_BEHIND_MS : this.givenMs === 0;
    const stdin = ffmpeg.child.stdin as Writable;
    if (!isAwaited || stdin.writableLength > 0) return;
    stdin.write(pcm);
    this.givenMs += pcm.length / this.bytesPerMs;
  }

  private async start(): Promise<void> {
    let error: BulkheadError;
    try {
      const args = await this.options.argumentsOf();
      if (this.disposed) return;
      const exit = await this.run(args);
      error = this.failure(exit);
    } catch (thrown) {
      error = BulkheadError.from(thrown);
    }
    this.ffmpeg = undefined;
    if (this.disposed) return;
    if (!this.isKnown) this.options.onProblem(error);
    this.isKnown = true;
    this.timer = setTimeout(() => void this.start(), Math.max(RETRY.baseMs, this.backoff.next()));
  }

  private run(args: readonly string[]): Promise<FfmpegExit> {
    const { ffmpeg } = this.options;
    this.isOpen = false;
    this.givenMs = 0;
    this.playedMs = 0;
    this.movedAtMs = performance.now();
    const child = new FfmpegChild({
      ...{ ...ffmpeg, args, stdin: 'pipe', stdout: 'pipe' },
      onLog: (line) => {
        this.noteOpen(line);
        ffmpeg.onLog(line);
      },
    });
    this.ffmpeg = child;
    (child.child.stdout as Readable)
      .setEncoding('utf8')
      .on('data', (text: string) => this.noteProgress(text));
    return child.exited;
  }

  private noteOpen({ text }: FfmpegLogLine): void {
    if (text.startsWith('Output #0')) this.isOpen = true;
  }

  /** `out_time=00:00:01.250000`, twice a second. */
  private noteProgress(text: string): void {
    const [, hours, minutes, seconds] = /^out_time=(\d+):(\d+):(\d+\.\d+)$/m.exec(text) ?? [];
    if (hours === undefined) return;
    const playedMs = 1000 * (3600 * Number(hours) + 60 * Number(minutes) + Number(seconds));
    if (playedMs <= this.playedMs) return;
    this.playedMs = playedMs;
    this.movedAtMs = performance.now();
    this.isKnown = false;
    this.backoff.reset();
  }

  private failure({ log, spawnError }: FfmpegExit): BulkheadError {
    const last = log.findLast(({ level }) => level === 'error' || level === 'fatal');
    const why = spawnError?.message ?? last?.text;
    return new BulkheadError(
      ErrorCodes.processFailed,
      `What is monitored cannot be played${why === undefined ? '' : `: ${why}`}.`,
      {
        where: `mixer.monitorDevice: ${this.device}`,
        remedy: 'Check that the device is there and that other programs can play to it. It is tried again.',
      },
    );
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    this.ffmpeg?.kill();
  }
}
