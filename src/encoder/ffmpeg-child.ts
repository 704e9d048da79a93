import { type ChildProcess, type StdioNull, type StdioPipe, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Stream } from 'node:stream';
import { withDeadline } from '../base/with-deadline.js';
import { dyingWithParent } from '../process-host/parent-death.js';
import { yieldToParent } from '../process-host/yield-processor.js';
import type { FfmpegExit } from './ffmpeg-errors.js';
import { type FfmpegLogLine, parseLogLine } from './log-line.js';
import { mediaEnvironment } from './media-environment.js';

type Stdio = StdioNull | StdioPipe | Stream | number;

export interface FfmpegChildOptions {
  readonly path: string;
  readonly args: readonly string[];
  /** stdin, stdout, and descriptors from 3 on; stderr is its log. */
  readonly stdin: Stdio;
  readonly stdout: Stdio;
  readonly more?: readonly Stdio[];
  /** Whether it leads its own process group, as it must inside the core. */
  readonly ownProcessGroup: boolean;
  readonly onLog: (line: FfmpegLogLine) => void;
  /** Its nice value, where it is to come after others that this process drives. */
  readonly niceness?: number;
}

/** How long stderr may lag behind the exit, ms. */
const DRAIN_MS = 300;
/** Number of lines of stderr kept to explain an exit. */
const KEPT_LINES = 60;

/** One process of ffmpeg with its log. It never outlives this process: the kernel kills it with its parent if possible. */
export class FfmpegChild {
  readonly child: ChildProcess;
  /** Resolves once it has exited and its log has been read. Never rejects. */
  readonly exited: Promise<FfmpegExit>;
  private readonly lines: FfmpegLogLine[] = [];
  private spawnError: Error | undefined;

  /** @throws errors of the spawn */
  constructor(private readonly options: FfmpegChildOptions) {
    const { path, args, stdin, stdout, more = [], ownProcessGroup, niceness } = options;
    const line = dyingWithParent({
      command: path,
      args: ['-hide_banner', '-nostats', '-loglevel', 'level+info', ...args],
    });
    this.child = spawn(line.command, line.args, {
      stdio: [stdin, stdout, 'pipe', ...more],
      env: mediaEnvironment(),
      detached: ownProcessGroup && process.platform !== 'win32',
      windowsHide: true,
    });
    yieldToParent(this.child.pid, niceness);
    this.child.on('error', (error) => {
      this.spawnError ??= error;
    });
    // A pipe to an exiting process breaks; its exit is reported separately.
    for (const pipe of this.child.stdio) pipe?.on('error', () => {});
    createInterface({ input: this.child.stderr as Readable }).on('line', (text) => this.readLog(text));
    this.exited = this.waitForExit();
  }

  /** 0 if it could not be started. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /**
   * Reads its stdout.
   *
   * @param take gets each chunk; what it throws ends the process
   * @returns resolves once it has exited and its last chunk has been read
   */
  async read(take: (chunk: Buffer) => void): Promise<FfmpegExit> {
    const stdout = this.child.stdout as Readable;
    stdout.on('data', (chunk: Buffer) => {
      try {
        take(chunk);
      } catch {
        this.kill();
      }
    });
    await new Promise((resolve) => stdout.once('close', resolve));
    return this.exited;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private readLog(text: string): void {
    if (text === '') return;
    const line = parseLogLine(text);
    this.lines.push(line);
    if (this.lines.length > KEPT_LINES) this.lines.shift();
    this.options.onLog(line);
  }

  private async waitForExit(): Promise<FfmpegExit> {
    const { child } = this;
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const exit = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      // A process that was not spawned emits no exit.
      child.once('error', () => {
        if (child.pid === undefined) resolve({ code: null, signal: null });
      });
    });
    await withDeadline(closed, DRAIN_MS, () => {});
    return { ...exit, log: this.lines, spawnError: this.spawnError };
  }
}
