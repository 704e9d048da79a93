import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import { eventually } from './wait.js';

/** An entry of `.vscode/launch.json`. */
export interface LaunchConfiguration {
  readonly name: string;
  readonly type: string;
  readonly request: 'launch' | 'attach';
  readonly preLaunchTask?: string;
  readonly address?: string;
  readonly port?: number;
  readonly program?: string;
  readonly args?: readonly string[];
  readonly attachSimplePort?: number;
  readonly pauseForSourceMap?: boolean;
  readonly restart?: boolean;
}

interface Task {
  readonly label: string;
  readonly command: string;
  readonly dependsOn?: string;
  readonly isBackground?: boolean;
  readonly problemMatcher: { readonly background?: { readonly endsPattern: string } };
}

/** What VS Code does on F5: the tasks before it, and the program to debug. No debugger is attached. */
export class VsCodeLaunch {
  /** Those that were started, in order. */
  readonly programs: Program[] = [];

  /** @param folder The workspace. */
  constructor(
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Starts what the configuration names. Resolves with it when a debugger may attach. */
  async start(name: string): Promise<LaunchConfiguration> {
    const { configurations } = this.read<{ configurations: readonly LaunchConfiguration[] }>('launch.json');
    const configuration = entry(configurations, (one) => one.name === name, name);
    const { request, preLaunchTask, program, args = [] } = configuration;
    if (preLaunchTask !== undefined) await this.runTask(preLaunchTask);
    if (request === 'launch') this.run(process.execPath, [program ?? '', ...args]);
    return configuration;
  }

  /** Ends what runs, as when the window is closed. */
  async end(): Promise<void> {
    await Promise.all(this.programs.map((program) => program.end()));
  }

  private async runTask(label: string): Promise<void> {
    const { tasks } = this.read<{ tasks: readonly Task[] }>('tasks.json');
    const { command, dependsOn, isBackground, problemMatcher } = entry(
      tasks,
      (task) => task.label === label,
      label,
    );
    if (dependsOn !== undefined) await this.runTask(dependsOn);
    const task = this.run('bash', ['-c', command]);
    if (isBackground === true) await task.printed(new RegExp(problemMatcher.background?.endsPattern ?? ''));
    else if ((await task.exitCode) !== 0) throw new Error(`the task "${label}" has failed: ${task.output}`);
  }

  private run(command: string, args: readonly string[]): Program {
    const program = new Program(command, args, { cwd: this.folder, env: this.env });
    this.programs.push(program);
    return program;
  }

  private read<T>(file: string): T {
    const text = readFileSync(join(this.folder, '.vscode', file), 'utf8');
    return parse(text.replaceAll(`\${workspaceFolder}`, this.folder)) as T;
  }
}

function entry<T>(list: readonly T[], matches: (one: T) => boolean, name: string): T {
  const found = list.find(matches);
  if (found === undefined) throw new Error(`there is no "${name}"`);
  return found;
}

/** A program in a terminal. */
export class Program {
  readonly exitCode: Promise<number | null>;
  output = '';
  private readonly child: ChildProcess;

  constructor(command: string, args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    this.child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.exitCode = once(this.child, 'close').then(([code]) => code as number | null);
  }

  async printed(pattern: RegExp): Promise<void> {
    await eventually(`${pattern} in the output`, () => {
      if (pattern.test(this.output)) return true;
      if (this.child.exitCode !== null) throw new Error('it has ended');
      return undefined;
    }).catch((error: Error) => {
      throw new Error(`${pattern} was not printed: ${error.message}\n${this.output}`);
    });
  }

  /** Ctrl-C, and what is left after that is killed. */
  async end(): Promise<void> {
    const { pid } = this.child;
    if (pid === undefined || this.child.exitCode !== null) return;
    signal(pid, 'SIGINT');
    const timer = setTimeout(() => signal(pid, 'SIGKILL'), 10_000);
    await this.exitCode;
    clearTimeout(timer);
  }
}

function signal(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch {
    // It has ended.
  }
}
