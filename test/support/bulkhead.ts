import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import { connectToCore } from '../../src/control-client/connect-to-core.js';
import { RunCommandRequest, StatusRequest } from '../../src/protocol/control.js';
import type { Status } from '../../src/protocol/status/status.js';
import { RpcConnection } from '../../src/rpc/rpc-connection.js';
import { allGone, descendantsOf } from './children.js';
import { keysOf, leaksOf } from './leaked-keys.js';
import { tempDir } from './temp.js';
import { eventually, PATIENCE } from './wait.js';

const BINARY = join(process.cwd(), 'dist', 'bin', 'bulkhead.cjs');

export interface BulkheadOptions {
  /** Additional environment variables; PATH and the rest are inherited. */
  readonly env?: NodeJS.ProcessEnv;
  /** Use the control socket of another run, e.g. to attach; empty for a command without a core. */
  readonly address?: string;
  /** Run it in a terminal of 80 columns: standard error is in `stdout` too. */
  readonly terminal?: boolean;
  /** Words to put before the command, such as those that run it in a network namespace. */
  readonly within?: readonly string[];
  /** Program to run in place of the command's bundle. */
  readonly program?: string;
  /** Its working folder, the base of relative paths. */
  readonly cwd?: string;
  /** What it finds on standard input; nothing by default. */
  readonly input?: string;
  /** The test uses `enter`. */
  readonly isEntered?: boolean;
}

/** The `bulkhead` command as a user runs it, from the bundle, with its own control socket and folders. */
export class Bulkhead implements Disposable {
  private readonly folder = tempDir('run');
  private readonly child: ChildProcess;
  /** Its output so far. */
  stdout = '';
  stderr = '';
  readonly address: string;
  private readonly exited: Promise<number | null>;

  constructor(
    args: readonly string[],
    private readonly options: BulkheadOptions = {},
  ) {
    this.address = options.address ?? join(this.folder.path, 'core.sock');
    const words = [
      ...(options.within ?? []),
      process.execPath,
      options.program ?? BINARY,
      ...args,
      ...(this.address === '' ? [] : ['--address', this.address]),
    ];
    const [command = '', ...rest] = options.terminal === true ? inTerminal(words) : words;
    this.child = spawn(command, rest, {
      stdio: [options.input === undefined && options.isEntered !== true ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      cwd: options.cwd,
      env: {
        ...process.env,
        XDG_STATE_HOME: this.folder.path,
        XDG_DATA_HOME: this.folder.path,
        ...options.env,
      },
    });
    if (options.input !== undefined) this.child.stdin?.end(options.input);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exited = once(this.child, 'close').then(([code]) => code as number | null);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('bulkhead did not start');
    return this.child.pid;
  }

  status(): Promise<Status> {
    return statusOf(this.address);
  }

  /** The first status accepted by `wanted`; throws an assertion error with the last one seen if there is none in time. */
  async until(what: string, wanted: (status: Status) => boolean, deadlineMs = 20_000): Promise<Status> {
    let last: Status | Error | undefined;
    // Kept from one question to the next: to connect costs both processes five times as much as to ask.
    let core: RpcConnection | undefined;
    try {
      return await eventually(
        what,
        async () => {
          try {
            core ??= await listeningTo(this.address);
            last = await core.sendRequest(StatusRequest.type, {});
          } catch (error) {
            last = error as Error;
            core?.dispose();
            core = undefined;
          }
          return !(last instanceof Error) && wanted(last) ? last : undefined;
        },
        deadlineMs,
      );
    } catch (error) {
      const seen = last instanceof Error ? last.message : JSON.stringify(last);
      throw new Error(`${(error as Error).message}; last: ${seen}; stderr: ${this.stderr.slice(-2000)}`);
    } finally {
      core?.dispose();
    }
  }

  /** Waits until it has written this to standard output: a status may be read before its notice is. */
  async said(wanted: RegExp, deadlineMs = 20_000): Promise<void> {
    await eventually(`${wanted}`, () => wanted.test(this.stdout) || undefined, deadlineMs).catch(
      (error: Error) => {
        throw new Error(`${error.message}; its output ends with: ${this.stdout.slice(-3000)}`);
      },
    );
  }

  /** Enters a text, in a terminal. */
  enter(text: string): void {
    this.child.stdin?.write(text);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** The exit code, once it has exited by itself. */
  exit(): Promise<number | null> {
    return this.exited;
  }

  /** Ends it like Ctrl-C. */
  stop(): Promise<number | null> {
    this.child.kill('SIGINT');
    return this.exited;
  }

  /** Ends everything that is left, whatever the result of the test, and removes its folders. Throws if it left a process or has shown a key. */
  async end(): Promise<void> {
    const processes = descendantsOf(this.pid);
    this.child.kill('SIGKILL');
    await this.exited;
    const left = await allGone(
      processes.map(({ pid }) => pid),
      PATIENCE * 5000,
    );
    for (const pid of left) process.kill(pid, 'SIGKILL');
    const { env = {} } = this.options;
    const commands = processes.map(({ command }) => command).join('\n');
    const leaks = leaksOf(
      keysOf(env),
      { 'standard output': this.stdout, 'standard error': this.stderr, 'a command line': commands },
      [env.XDG_STATE_HOME ?? this.folder.path],
    );
    this.dispose();
    if (leaks.length > 0) throw new Error(`a key is shown in ${leaks.join(', ')}`);
    const names = processes.filter(({ pid }) => left.includes(pid)).map(({ command }) => command);
    if (names.length > 0) throw new Error(`these processes outlived bulkhead: ${names.join(', ')}`);
  }

  dispose(): void {
    this.folder.dispose();
  }
}

function inTerminal(words: readonly string[]): string[] {
  const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  return ['script', '--quiet', '--return', '--command', `stty cols 80; exec ${quoted}`, '/dev/null'];
}

/** Result of a command that exits by itself. */
export interface BulkheadResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a `bulkhead` command that exits by itself; after `deadlineMs`, {@link PATIENCE} times over, it is killed, and `code` is null. */
export async function runBulkhead(
  args: readonly string[],
  options: BulkheadOptions = {},
  deadlineMs = 30_000,
): Promise<BulkheadResult> {
  const run = new Bulkhead(args, options);
  const timer = setTimeout(() => run.signal('SIGKILL'), PATIENCE * deadlineMs);
  try {
    const code = await run.exit();
    return { code, stdout: run.stdout, stderr: run.stderr };
  } finally {
    clearTimeout(timer);
    await run.end();
  }
}

/** Requests the status of the core at `address`. Rejects if there is none. */
export function statusOf(address: string): Promise<Status> {
  return askCore(address, (core) => core.sendRequest(StatusRequest.type, {}));
}

/** Runs a plugin's command in the core at `address`, and resolves with its result. */
export function runCommand(address: string, command: string): Promise<unknown> {
  return askCore(address, (core) => core.sendRequest(RunCommandRequest.type, { command }));
}

async function askCore<T>(address: string, ask: (core: RpcConnection) => Promise<T>): Promise<T> {
  const core = await listeningTo(address);
  try {
    return await ask(core);
  } finally {
    core.dispose();
  }
}

async function listeningTo(address: string): Promise<RpcConnection> {
  const core = new RpcConnection(await connectToCore(address), { peer: 'core' });
  core.listen();
  return core;
}
