import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { Duplex, type Readable } from 'node:stream';
import { Emitter, type Event } from '../../base/event.js';
import { withDeadline } from '../../base/with-deadline.js';
import { FRAMES_FD, ROLES_WITH_FRAMES } from '../../process-host/descriptors.js';
import { type CommandLine, dyingWithParent } from '../../process-host/parent-death.js';
import { RUN_MARK } from '../../process-host/run-mark.js';
import { yieldProcessor } from '../../process-host/yield-processor.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { PartRole } from '../../protocol/lifecycle.js';
import { entryPoint } from './entry-points.js';
import { FailedLaunch, messageOf } from './failed-launch.js';
import { LogReader } from './log-reader.js';
import { nextLateMark, nextMark, sweepOrphans } from './orphan-guard.js';
import { partEnvironment } from './part-environment.js';
import type { PartExit, PartInstance, PartLauncher } from './part-launcher.js';

/** How long to wait for the log of an exited part to end, ms: a grandchild outside its process group may hold the pipe. */
const LOG_DRAIN_MS = 200;

/** The nice value of a plugin's host and of the network gate, below the core and the encoder process. */
const HOST_NICENESS = 10;

const SIGNAL_NAMES: ReadonlyMap<number, NodeJS.Signals> = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]),
);

export interface ProcessLauncherOptions {
  /** The script to run; the role's bundle if undefined. */
  readonly entryPoint?: string;
  /** Flags for node itself, e.g. `--max-old-space-size=256`. */
  readonly execArgv?: readonly string[];
  /** Variables in addition to those of {@link partEnvironment}. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The signal for an orderly end; SIGTERM if undefined. */
  readonly endSignal?: 'SIGTERM' | 'SIGINT';
  /** The core's own if undefined. */
  readonly workingFolder?: string;
  /** Whether it ends by itself, within some seconds, when the core is gone: it has something to finish. */
  readonly finishesAlone?: boolean;
  /** The program that node is run through: limits, a sandbox. */
  readonly wrap?: (commandLine: CommandLine) => CommandLine;
  /**
   * Whether that program keeps running, as bubblewrap does: it reports node's process id on descriptor 4, and exits with 128 +
   * N if signal N has ended node.
   */
  readonly wrapperStays?: boolean;
}

/**
 * Launches a part as a process: leader of its own process group, control on descriptor 3. The kernel ends it with the core if
 * it can; otherwise the part sees descriptor 3 close.
 */
export class ProcessLauncher implements PartLauncher {
  readonly isolated = true;
  private readonly script: string;

  constructor(
    readonly role: PartRole,
    private readonly options: ProcessLauncherOptions = {},
  ) {
    this.script = options.entryPoint ?? entryPoint(role);
  }

  launch(): PartInstance {
    // Node would print a stack and exit with 1, which looks like a crash that a restart may fix.
    if (!existsSync(this.script)) {
      return new FailedLaunch(() => `${this.script} is missing; run "npm run build"`, ExitCodes.badSettings);
    }
    const {
      execArgv = [],
      environment,
      workingFolder,
      wrap,
      wrapperStays = false,
      endSignal = 'SIGTERM',
      finishesAlone = false,
    } = this.options;
    const node = { command: process.execPath, args: [...execArgv, this.script] };
    const wrapped = wrap?.(node) ?? node;
    const { command, args } = finishesAlone ? wrapped : dyingWithParent(wrapped);
    // Descriptor 3 is read and written asynchronously on both sides, which Windows requires to be declared.
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', 'overlapped'];
    const hasFrames = ROLES_WITH_FRAMES.has(this.role);
    if (wrapperStays || hasFrames) stdio.push(wrapperStays ? 'pipe' : 'ignore');
    if (hasFrames) stdio[FRAMES_FD] = 'overlapped';
    const mark = finishesAlone ? nextLateMark() : nextMark();
    let child: ChildProcess;
    try {
      child = spawn(command, args, {
        stdio,
        cwd: workingFolder,
        env: { ...partEnvironment(this.role), ...environment, [RUN_MARK]: mark },
        detached: process.platform !== 'win32',
        windowsHide: true,
      });
    } catch (error) {
      return new FailedLaunch(() => messageOf(error));
    }
    let failure: Error | undefined;
    child.on('error', (error) => {
      failure = error;
    });
    if (child.pid === undefined)
      return new FailedLaunch(() => failure?.message ?? `${command} was not started`);
    if (this.role === 'extension-host' || this.role === 'network-gate')
      yieldProcessor(child.pid, HOST_NICENESS);
    return new ChildProcessInstance(child, child.pid, mark, wrapperStays, endSignal, hasFrames);
  }
}

class ChildProcessInstance implements PartInstance {
  readonly control: Duplex;
  readonly frames: Duplex | undefined;
  private readonly exitEmitter = new Emitter<PartExit>();
  private readonly logEmitter = new Emitter<string>();
  readonly onDidExit: Event<PartExit> = this.exitEmitter.event;
  readonly onDidLog: Event<string> = this.logEmitter.event;
  private readonly child: ChildProcess;
  /** The leader of the process group: node, or the wrapper around it. */
  private readonly leader: number;
  private readonly mark: string;
  private readonly wrapped: boolean;
  private readonly endSignal: NodeJS.Signals;
  private nodePid: number;
  private readonly logs: readonly LogReader[];
  private exited = false;

  constructor(
    child: ChildProcess,
    leader: number,
    mark: string,
    wrapped: boolean,
    endSignal: NodeJS.Signals,
    hasFrames: boolean,
  ) {
    this.mark = mark;
    this.endSignal = endSignal;
    this.child = child;
    this.leader = leader;
    this.wrapped = wrapped;
    this.nodePid = leader;
    const [, stdout, stderr, control, info] = child.stdio;
    // Its type knows of five.
    const streams: readonly unknown[] = child.stdio;
    const frames = hasFrames ? streams[FRAMES_FD] : undefined;
    if (!(control instanceof Duplex)) throw new Error('the control channel was not made');
    this.control = control;
    if (info instanceof Duplex) this.readPid(info);
    // Ignored: the connection reports the close of the channel.
    control.on('error', () => {});
    if (frames instanceof Duplex) this.frames = frames.on('error', () => {});
    this.logs = [stdout, stderr].map(
      (stream) => new LogReader(stream as Readable, (line) => this.logEmitter.fire(line)),
    );
    child.once('exit', (code, signal) => void this.ended(this.unwrapped({ code, signal })));
  }

  get pid(): number {
    return this.nodePid;
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    // The ids may have been reused.
    if (this.exited) return;
    // The wrapper would exit immediately and kill node with it.
    if (signal === 'SIGKILL') this.killGroup(signal);
    else if (this.wrapped) this.sendSignal(this.nodePid, this.endSignal);
    else this.killGroup(this.endSignal);
  }

  dispose(): void {
    this.kill('SIGKILL');
    this.control.destroy();
    this.frames?.destroy();
    for (const log of this.logs) log.dispose();
  }

  private async ended(exit: PartExit): Promise<void> {
    // Kills the rest of the group with its leader: an ffmpeg that outlives the encoder would keep its devices open.
    this.killGroup('SIGKILL');
    sweepOrphans(this.mark);
    this.exited = true;
    this.frames?.destroy();
    await this.drainLogs();
    for (const log of this.logs) log.dispose();
    this.exitEmitter.fire(exit);
    this.exitEmitter.dispose();
    this.logEmitter.dispose();
  }

  /** `{"child-pid": 123, …}`, written before node runs. */
  private readPid(info: Duplex): void {
    let text = '';
    info.setEncoding('utf8');
    info.on('error', () => {});
    info.on('data', (chunk: string) => {
      text += chunk;
      const [, pid] = /"child-pid": *(\d+)\b\D/.exec(text) ?? [];
      if (pid === undefined) return;
      this.nodePid = Number(pid);
      // In case the wrapper forked before its own priority was set.
      yieldProcessor(this.nodePid, HOST_NICENESS);
    });
  }

  private unwrapped({ code, signal }: PartExit): PartExit {
    const name = this.wrapped && code !== null ? SIGNAL_NAMES.get(code - 128) : undefined;
    return name === undefined ? { code, signal } : { code: null, signal: name };
  }

  private async drainLogs(): Promise<void> {
    for (const log of this.logs) log.drain();
    await withDeadline(Promise.all(this.logs.map(({ done }) => done)), LOG_DRAIN_MS, () => {});
  }

  private killGroup(signal: NodeJS.Signals): void {
    if (process.platform === 'win32') {
      // Windows has neither process groups nor SIGTERM: the tree is ended at its root.
      if (signal !== 'SIGKILL') this.child.kill();
      else
        spawn('taskkill', ['/pid', String(this.leader), '/T', '/F'], { stdio: 'ignore' }).on(
          'error',
          () => {},
        );
      return;
    }
    this.sendSignal(-this.leader, signal);
  }

  private sendSignal(id: number, signal: NodeJS.Signals): void {
    try {
      process.kill(id, signal);
    } catch {
      // No process is left.
    }
  }
}
