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
  /** The connection to the core for the media; ffmpeg takes it over. */
  readonly media: Socket;
  /**
   * Whether it leads its own process group. Inside the core it would otherwise share the core's, and receive the terminal's
   * Ctrl-C that is meant for the core.
   */
  readonly ownProcessGroup?: boolean;
  /** Whether this process forwards the media, as required on Windows, instead of passing the connection on. */
  readonly relays?: boolean;
}

/** On Windows a program cannot write to a pipe of Node's, since that is opened for asynchronous use. Never run there. */
const MUST_RELAY = process.platform === 'win32';

/** Time for each step of an orderly end before the next, harder one, ms. ffmpeg checks its stdin every 100 ms. */
const QUIT_MS = 1000;
const TERMINATE_MS = 700;
/** How long stderr may lag behind the exit, ms. */
const DRAIN_MS = 300;
/** Number of lines of stderr kept to explain an exit. */
const KEPT_LINES = 60;

/**
 * One run of ffmpeg, which writes its media directly to `media`. Once spawned it loads and waits at its gate, without opening
 * an input, until {@link open}: loading takes two thirds of the time from the spawn to the first frame. It never keeps
 * streaming as an orphan: the kernel kills it with its parent if possible, an encoder process' group is killed as one, and a
 * core that has exited stops reading, which ends ffmpeg too.
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
  /** Resolves once ffmpeg has exited and its output has been read. Never rejects. */
  readonly exited: Promise<FfmpegExit>;

  /** @throws errors of the spawn; the connection is then closed */
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
    // If this process kept it open, the core would not see it close when ffmpeg exits.
    else media.destroy();
    this.child = child;
    child.on('error', (error) => {
      this.spawnError ??= error;
    });
    const { stdin, stderr } = child as { stdin: Writable; stderr: Readable };
    // A pipe to an exiting process breaks; its exit is reported separately.
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

  /** 0 if it could not be started. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves with ffmpeg's code, 0 if a filter accepted the command. Rejects like {@link LiveCommands.send}. */
  command(params: EncoderCommandParams): Promise<number> {
    return this.commands.send(params);
  }

  /** Ends it in order, flushing its last frames, or by force after 2 s. Resolves once it has exited. */
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
      // A process that was not spawned emits no exit.
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
