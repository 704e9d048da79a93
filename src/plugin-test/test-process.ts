import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Disposable } from 'vscode-jsonrpc';
import { InterruptedStack } from '../core/extension-hosts/isolation/interrupted-stack.js';
import { LineSplitter } from '../core/processes/line-splitter.js';
import type { TestResult, TestRunMessage, TestRunOptions } from '../protocol/plugin-test.js';

/** How long it may be silent in addition to a test's deadline, ms. */
const SILENCE_MS = 4000;
/** Deadline for loading one file, ms. */
const LOADING_MS = 60_000;
const LOOK_EVERY_MS = 250;
/** Deadline for printing where it hangs, ms. */
const STACK_MS = 1000;

/** How a run ended; `at` is what it was doing, as in `in the test "greets"`. */
export type TestRunEnd =
  | Exclude<TestRunMessage, { kind: 'alive' | 'result' }>
  | { readonly kind: 'ended'; readonly at: string; readonly how: string }
  /** `stack` is lines of `at …`, if available. */
  | { readonly kind: 'hung'; readonly at: string; readonly stack: string | undefined };

/**
 * The process that runs a plugin's tests. It is monitored, so that it always ends with a result, whatever the
 * plugin does.
 */
export class TestProcess implements Disposable {
  private readonly process: ChildProcess;
  /** Of the tests that have ended so far. */
  readonly results: TestResult[] = [];
  private answer: TestRunEnd | undefined;
  private at = 'at its start';
  private atMs = performance.now();
  private aliveMs = performance.now();
  private interrupted: InterruptedStack | undefined;
  /** Whether a debugger may stop it. */
  private inspected: boolean;

  /**
   * @param entry The bundle to run.
   * @param print Receives its output in pieces.
   */
  constructor(
    entry: string,
    private readonly options: TestRunOptions,
    print: { readonly stdout: (text: string) => void; readonly stderr: (text: string) => void },
  ) {
    this.inspected = options.inspector !== undefined;
    this.process = fork(entry, [JSON.stringify(options)], {
      cwd: options.folder,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // On SIGINT it prints its stack, even in an endless loop, and exits.
      execArgv: ['--trace-sigint'],
      // Ctrl-C is handled by the command.
      detached: process.platform !== 'win32',
    });
    void this.listen();
    this.process.stdout?.setEncoding('utf8').on('data', print.stdout);
    this.process.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      if (this.interrupted === undefined) print.stderr(chunk);
      else this.lines.push(Buffer.from(chunk));
    });
  }

  private readonly lines = new LineSplitter((line) => this.interrupted?.read(line));

  /** Resolves when it has exited. */
  async ended(): Promise<TestRunEnd> {
    const watch = setInterval(() => {
      if (this.interrupted === undefined && this.hangs()) this.interrupt();
    }, LOOK_EVERY_MS);
    try {
      const [code, signal] = (await once(this.process, 'close')) as [number | null, string | null];
      const { answer, at, interrupted } = this;
      if (answer !== undefined) return answer;
      if (interrupted !== undefined) return { kind: 'hung', at, stack: interrupted.text };
      return { kind: 'ended', at, how: signal ?? `exit code ${code}` };
    } catch (error) {
      return { kind: 'ended', at: this.at, how: (error as Error).message };
    } finally {
      clearInterval(watch);
    }
  }

  dispose(): void {
    this.process.kill('SIGKILL');
  }

  /** Loads what checks its messages while the process starts. */
  private async listen(): Promise<void> {
    const { parseMessage } = await import('./parse-message.js');
    this.process.on('message', (message) => {
      const data = parseMessage(message);
      if (data !== undefined) this.take(data);
    });
  }

  private take(data: TestRunMessage): void {
    this.aliveMs = performance.now();
    if (data.kind === 'result') {
      this.results.push(data.result);
      return;
    }
    if (data.kind !== 'alive') {
      this.answer = data;
      return;
    }
    this.inspected ||= data.inspected === true;
    if (data.at !== undefined) {
      this.at = data.at;
      this.atMs = this.aliveMs;
    }
  }

  private hangs(): boolean {
    if (this.inspected) return false;
    const nowMs = performance.now();
    if (nowMs - this.aliveMs > this.options.timeoutMs + SILENCE_MS) return true;
    // Tests have mocha's own deadline.
    return this.at.startsWith('while loading') && nowMs - this.atMs > LOADING_MS;
  }

  private interrupt(): void {
    this.interrupted = new InterruptedStack();
    this.process.kill('SIGINT');
    setTimeout(() => this.dispose(), STACK_MS).unref();
  }
}
