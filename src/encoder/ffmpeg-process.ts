import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../base/event.js';
import { withDeadline } from '../base/with-deadline.js';
import { dyingWithParent } from '../process-host/parent-death.js';
import type { EncoderCommandParams } from '../protocol/encoder.js';
import { FILTERGRAPHS, GATE_FD, GATE_OPEN, PROGRESS_FD } from './ffmpeg-arguments.js';
import type { FfmpegExit } from './ffmpeg-errors.js';
import { LiveCommands } from './live-commands.js';
import { type FfmpegLogLine, parseLogLine } from './log-line.js';
import { mediaEnvironment } from './media-environment.js';
import { ProgressParser, type ProgressReport } from './progress-parser.js';

export interface FfmpegProcessOptions {
  readonly path: string;
  readonly args: readonly string[];
  /** The connection to the core that the media goes to; it is ffmpeg's from here on. */
  readonly media: Socket;
  /** Inside the core it would share the core's process group, and get the terminal's Ctrl-C that is meant for the core. */
  readonly ownProcessGroup?: boolean;
  /** Whether this process passes the media on, as it has to on Windows, instead of the connection. */
  readonly relays?: boolean;
}

/** A program cannot write to a pipe of Node's there: it is open for asynchronous use. Never run on Windows. */
const MUST_RELAY = process.platform === 'win32';

/** Time that each step of an orderly end gets before the next, harder one, ms. ffmpeg looks at its stdin every 100 ms. */
const QUIT_MS = 1000;
const TERMINATE_MS = 700;
/** How long stderr may lag behind the exit, ms. */
const DRAIN_MS = 300;
/** Lines of stderr that are kept for the explanation of an exit. */
const KEPT_LINES = 60;

/**
 * One run of ffmpeg, its media going straight to `media`. Once spawned it loads itself and waits at its gate, without
 * touching an input, until {@link open}: of the time from a spawn to the first frame two thirds are spent by then. It never streams on as an orphan: the kernel ends it with the
 * process that started it where it can, an encoder process' group is ended as one, and a core that is gone no longer
 * reads, which ends ffmpeg too.
 */
export class FfmpegProcess implements Disposable {
  private readonly child: ChildProcess;
  private readonly commands: LiveCommands;
  private readonly lines: FfmpegLogLine[] = [];
  private spawnError: Error | undefined;
  private opened = false;
  private readonly progressEmitter = new Emitter<ProgressReport>();
  private readonly logEmitter = new Emitter<FfmpegLogLine>();
  /** About twice a second. */
  readonly onDidProgress: Event<ProgressReport> = this.progressEmitter.event;
  readonly onDidLog: Event<FfmpegLogLine> = this.logEmitter.event;
  /** Resolves once ffmpeg is gone and what it said has been read. Never rejects. */
  readonly exited: Promise<FfmpegExit>;

  /** @throws what a spawn throws; the connection is closed then */
  constructor(options: FfmpegProcessOptions) {
    const { media, relays = MUST_RELAY } = options;
    let child: ChildProcess;
    try {
      child = spawnFfmpeg(options, relays ? 'pipe' : media);
    } catch (error) {
      media.destroy();
      throw error;
    }
    if (relays) child.stdout?.pipe(media);
    // Were it kept, the core would not see it end with ffmpeg.
    else media.destroy();
    this.child = child;
    child.on('error', (error) => {
      this.spawnError ??= error;
    });
    const { stdin, stderr } = child as { stdin: Writable; stderr: Readable };
    // A pipe to a process that ends breaks; its exit tells that.
    for (const pipe of [stdin, this.gate]) pipe.on('error', () => {});
    this.commands = new LiveCommands(stdin, FILTERGRAPHS);
    const log = createInterface({ input: stderr });
    log.on('line', (text) => this.readLog(text));
    const progress = new ProgressParser((report) => this.progressEmitter.fire(report));
    createInterface({ input: child.stdio[PROGRESS_FD] as Readable }).on('line', (text) =>
      progress.push(text),
    );
    this.exited = this.waitForExit();
  }

  /** Lets it open its inputs and encode. */
  open(): void {
    this.opened = true;
    this.gate.end(GATE_OPEN);
  }

  /** 0 when it could not be started. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Answers with ffmpeg's code, 0 when a filter took the command. Throws as {@link LiveCommands.send} does. */
  command(params: EncoderCommandParams): Promise<number> {
    return this.commands.send(params);
  }

  /** Ends it in order, with its last frames flushed, or by force after 2 s. Resolves once it is gone. */
  async stop(): Promise<FfmpegExit> {
    if (!this.opened) this.kill();
    this.child.stdin?.write('q');
    const terminate = setTimeout(() => this.child.kill('SIGTERM'), QUIT_MS);
    const kill = setTimeout(() => this.kill(), QUIT_MS + TERMINATE_MS);
    const exit = await this.exited;
    clearTimeout(terminate);
    clearTimeout(kill);
    return exit;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  dispose(): void {
    this.kill();
    this.commands.dispose();
    this.progressEmitter.dispose();
    this.logEmitter.dispose();
  }

  private get gate(): Writable {
    return this.child.stdio[GATE_FD] as Writable;
  }

  private readLog(text: string): void {
    if (text === '' || this.commands.take(text) || text.startsWith('Enter command:')) return;
    const line = parseLogLine(text);
    this.lines.push(line);
    if (this.lines.length > KEPT_LINES) this.lines.shift();
    this.logEmitter.fire(line);
  }

  private async waitForExit(): Promise<FfmpegExit> {
    const { child } = this;
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const exit = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      // A process that never was does not exit.
      child.once('error', () => {
        if (child.pid === undefined) resolve({ code: null, signal: null });
      });
    });
    await withDeadline(closed, DRAIN_MS, () => {});
    this.commands.dispose();
    return {
      ...exit,
      log: this.lines,
      spawnError: this.spawnError,
    };
  }
}

function spawnFfmpeg(
  { path, args, ownProcessGroup = false }: FfmpegProcessOptions,
  stdout: Socket | 'pipe',
): ChildProcess {
  const line = dyingWithParent({ command: path, args });
  return spawn(line.command, line.args, {
    // stdin, stdout, stderr, PROGRESS_FD, GATE_FD
    stdio: ['pipe', stdout, 'pipe', 'pipe', 'pipe'],
    env: mediaEnvironment(),
    detached: ownProcessGroup && process.platform !== 'win32',
    windowsHide: true,
  });
}
