import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CliContext } from '../../../src/cli/cli-context.js';
import { runCli } from '../../../src/cli/run-cli.js';
import { Printer, type TextSink } from '../../../src/cli/terminal/printer.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import type { FakeCoreScript, JournalEntry } from './fake-core-main.js';

class Capture implements TextSink {
  text = '';

  constructor(
    readonly isTTY = false,
    readonly columns: number | undefined = undefined,
  ) {}

  write(text: string): void {
    this.text += text;
  }
}

/** A folder for one test, the commands that run in it, and the fake core that they start. */
export class CliFixture {
  private readonly dir = tempDir('cli');
  readonly folder = this.dir.path;
  readonly address = join(this.folder, 'core.sock');
  private readonly journalFile = join(this.folder, 'journal');
  private readonly runs: CliRun[] = [];

  /** Starts a command in this process. */
  run(
    args: readonly string[],
    script: Partial<FakeCoreScript> = {},
    terminal?: { readonly columns: number },
    input = '',
  ): CliRun {
    const run = new CliRun(
      [...args, '--address', this.address],
      { ...process.env, XDG_STATE_HOME: this.folder, FAKE_CORE: this.fakeCore(script) },
      this.folder,
      terminal,
      input,
    );
    this.runs.push(run);
    return run;
  }

  /** The value of the environment's FAKE_CORE. */
  fakeCore(script: Partial<FakeCoreScript>): string {
    return JSON.stringify({ journal: this.journalFile, ...script });
  }

  /** What the started cores have recorded. */
  journal(): JournalEntry[] {
    try {
      const lines = readFileSync(this.journalFile, 'utf8').trim().split('\n');
      return lines.map((line) => JSON.parse(line) as JournalEntry);
    } catch {
      return [];
    }
  }

  /** Waits for the nth entry of a kind. */
  journaled<E extends JournalEntry['event']>(event: E, nth = 1): Promise<JournalEntry & { event: E }> {
    return eventually(`${event} × ${nth}`, () => {
      const entries = this.journal().filter((entry) => entry.event === event);
      return entries[nth - 1] as (JournalEntry & { event: E }) | undefined;
    });
  }

  /** Ends everything that a failed test has left running. */
  async end(): Promise<void> {
    for (const run of this.runs) {
      run.signal();
      run.signal();
      await run.exitCode;
    }
    this.dir.dispose();
  }
}

/** One command that runs in this process. */
export class CliRun {
  private readonly out: Capture;
  private readonly err = new Capture();
  private readonly signals = new EventEmitter();
  readonly exitCode: Promise<number>;

  constructor(
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    cwd: string,
    terminal?: { readonly columns: number },
    input = '',
  ) {
    this.out = terminal === undefined ? new Capture() : new Capture(true, terminal.columns);
    const context: CliContext = {
      stdout: new Printer(this.out, env),
      stderr: new Printer(this.err, env),
      cwd,
      env,
      platform: process.platform,
      signals: this.signals,
      readInput: async () => input,
      endSignals: ['SIGINT', 'SIGTERM', 'SIGHUP'],
      corePath: fileURLToPath(new URL('fake-core-main.js', import.meta.url)),
    };
    this.exitCode = runCli(args, context);
  }

  get stdout(): string {
    return this.out.text;
  }

  get stderr(): string {
    return this.err.text;
  }

  signal(name: 'SIGINT' | 'SIGTERM' | 'SIGHUP' = 'SIGINT'): void {
    this.signals.emit(name);
  }

  /** Resolves once the text was printed on standard output. */
  async printed(text: string | RegExp): Promise<void> {
    await eventually(`"${text}" in ${JSON.stringify(this.stdout + this.stderr)}`, () =>
      (typeof text === 'string' ? this.stdout.includes(text) : text.test(this.stdout)) ? true : undefined,
    ).catch(() => {
      throw new Error(`"${text}" was not printed: ${this.stdout}\nstderr: ${this.stderr}`);
    });
  }
}
