import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { eventually, PATIENCE } from './wait.js';

/** A command that is running, or has run, in a terminal. */
interface Run {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  printed: string;
  /** Length of the output examined so far. */
  seen: number;
}

/** A shell that keeps its working folder between commands. Background processes of a command are ended with it. */
export class Terminal {
  private run: Run | undefined;

  /** @param cwdFile A file for this terminal only. */
  constructor(
    private cwd: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly cwdFile: string,
  ) {}

  get folder(): string {
    return this.cwd;
  }

  /** Starts a command, whose terminal stays open as long as it runs. */
  start(command: string): void {
    if (this.run !== undefined) throw new Error(`"${command}" cannot start: something runs in this terminal`);
    const child = spawn('bash', ['-c', `exec 2>&1\n${command}\ncode=$?; pwd > "$CWD_FILE"; exit $code`], {
      cwd: this.cwd,
      env: { ...this.env, CWD_FILE: this.cwdFile },
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    });
    const exit = once(child, 'close').then(([code]) => code as number | null);
    const run: Run = { child, exit, printed: '', seen: 0 };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      run.printed += stripVTControlCharacters(text);
    });
    this.run = run;
  }

  /** Runs a command to its end. */
  async finish(command: string): Promise<{ readonly code: number | null; readonly printed: string }> {
    this.start(command);
    const run = this.run as Run;
    const code = await run.exit;
    this.run = undefined;
    this.cwd = readFileSync(this.cwdFile, 'utf8').trim();
    return { code, printed: run.printed };
  }

  /** Waits until the running command has printed this, after the last match. */
  async printed(pattern: string, deadlineMs = 20_000): Promise<void> {
    const { run } = this;
    if (run === undefined) throw new Error('nothing runs in this terminal');
    const expected = new RegExp(pattern, 'm');
    await eventually(
      'output',
      () => {
        const found = expected.exec(run.printed.slice(run.seen));
        if (found === null) return undefined;
        run.seen += found.index + found[0].length;
        return true;
      },
      deadlineMs,
    ).catch(() => {
      throw new Error(`expected ${expected}\ngot:\n${run.printed.slice(run.seen)}`);
    });
  }

  /** Ends the running command, as Ctrl-C does. */
  async interrupt(): Promise<void> {
    const { run } = this;
    this.run = undefined;
    if (run?.child.pid === undefined) return;
    const killed = setTimeout(() => signal(run.child, 'SIGKILL'), PATIENCE * 15_000);
    signal(run.child, 'SIGINT');
    await run.exit;
    clearTimeout(killed);
  }
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch {
    // It has ended.
  }
}

/** Terminals by their numbers, all in one folder at first. */
export class Terminals {
  private readonly terminals = new Map<number, Terminal>();

  constructor(
    private readonly home: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** A new one starts in the folder of the first. */
  get(number: number): Terminal {
    const known = this.terminals.get(number);
    if (known !== undefined) return known;
    const folder = number === 1 ? this.home : this.get(1).folder;
    const terminal = new Terminal(folder, this.env, join(this.home, `.terminal-${number}`));
    this.terminals.set(number, terminal);
    return terminal;
  }

  /** Ends all that runs, last opened first. */
  async end(): Promise<void> {
    for (const terminal of [...this.terminals.values()].reverse()) await terminal.interrupt();
  }
}
