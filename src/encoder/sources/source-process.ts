import type { OnReadOpts, Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { FfmpegChild, type FfmpegChildOptions } from '../ffmpeg-child.js';
import type { FfmpegExit } from '../ffmpeg-errors.js';
import type { SocketPair, SocketPairs } from './socket-pairs.js';

export type FfmpegOptions = Pick<FfmpegChildOptions, 'path' | 'ownProcessGroup' | 'onLog'>;

export interface SourceProcessOptions {
  readonly ffmpeg: FfmpegOptions;
  readonly pairs: SocketPairs;
  readonly args: readonly string[];
  /** Whether its input is written to its stdin. */
  readonly readsStdin?: boolean;
  /** What reads each of its outputs: the first is its stdout, the next one descriptor 3. */
  readonly readers: readonly Reader[];
}

/** What reads an output of a process. */
export interface Reader {
  readonly onread: OnReadOpts;
  attach(socket: Socket): void;
  close(): void;
}

/** One ffmpeg that reads a source, from when its connections are made until it has exited. */
export class SourceProcess {
  /** Resolves once it has exited, or could not be started. Never rejects. */
  readonly exited: Promise<FfmpegExit>;
  private ffmpeg: FfmpegChild | undefined;
  private killed = false;

  constructor(private readonly options: SourceProcessOptions) {
    this.exited = this.run();
  }

  /** 0 until it has been started. */
  get pid(): number {
    return this.ffmpeg?.pid ?? 0;
  }

  /** Undefined until it has been started, and without {@link SourceProcessOptions.readsStdin}. */
  get stdin(): Writable | undefined {
    return this.ffmpeg?.child.stdin ?? undefined;
  }

  /** Ends it; what it has delivered and nobody has taken is lost. */
  kill(): void {
    this.killed = true;
    this.ffmpeg?.kill();
    for (const reader of this.options.readers) reader.close();
  }

  private async run(): Promise<FfmpegExit> {
    const { readers } = this.options;
    try {
      const exit = await (await this.spawn()).exited;
      return exit;
    } catch (error) {
      for (const reader of readers) reader.close();
      return { code: null, signal: null, log: [], spawnError: error as Error };
    }
  }

  private async spawn(): Promise<FfmpegChild> {
    const { ffmpeg, pairs, args, readers, readsStdin = false } = this.options;
    const opened: SocketPair[] = [];
    try {
      for (const reader of readers) {
        const pair = await pairs.open(reader.onread);
        opened.push(pair);
        reader.attach(pair.near);
      }
      if (this.killed) throw new Error('it was ended before it was started');
      const [stdout, ...more] = opened.map(({ far }) => far);
      const stdin = readsStdin ? 'pipe' : 'ignore';
      this.ffmpeg = new FfmpegChild({ ...ffmpeg, args, stdin, stdout: stdout ?? 'ignore', more });
      return this.ffmpeg;
    } catch (error) {
      for (const { near } of opened) near.destroy();
      throw error;
    } finally {
      // If this process kept it open, it would not see it close when ffmpeg exits.
      for (const { far } of opened) far.destroy();
    }
  }
}
