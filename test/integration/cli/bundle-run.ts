import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../support/wait.js';

const BIN = fileURLToPath(new URL('../../../bin', import.meta.url));
/** The files of the command itself. */
const isOfCommand = (file: string) =>
  /^(bulkhead\..*|compile-cache|import-module)\.cjs$|^bulkhead\.cjs$/.test(file);

/** The bundled command in its own folder, with the fake core in place of the real one. */
export class InstalledBundle {
  /** The command. */
  readonly path: string;
  private readonly runs: BundleRun[] = [];

  constructor(private readonly folder: string) {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    this.path = join(bin, 'bulkhead.cjs');
    for (const name of readdirSync(BIN).filter(isOfCommand)) copyFileSync(join(BIN, name), join(bin, name));
    const fakeCore = new URL('fake-core-main.js', import.meta.url).href;
    writeFileSync(join(bin, 'core.cjs'), `import(${JSON.stringify(fakeCore)})`);
  }

  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): BundleRun {
    const run = new BundleRun(
      this.path,
      args,
      { ...process.env, XDG_STATE_HOME: this.folder, ...env },
      this.folder,
    );
    this.runs.push(run);
    return run;
  }

  /** Ends everything that a failed test has left running. */
  async end(): Promise<void> {
    for (const run of this.runs) {
      run.child.kill('SIGKILL');
      await run.exitCode;
    }
  }

  async run(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<{ code: number | null } & BundleOutput> {
    const run = this.start(args, env);
    const code = await run.exitCode;
    return { code, stdout: run.stdout, stderr: run.stderr };
  }
}

export interface BundleOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a process. */
export class BundleRun implements BundleOutput {
  readonly child: ChildProcess;
  readonly exitCode: Promise<number | null>;
  stdout = '';
  stderr = '';

  constructor(path: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd: string) {
    this.child = spawn(process.execPath, [path, ...args], {
      env,
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exitCode = once(this.child, 'close').then(([code]) => code as number | null);
  }

  /** Sent to the whole foreground group, as by a terminal. */
  ctrlC(): void {
    if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGINT');
  }

  async printed(text: string): Promise<void> {
    await eventually(`"${text}" in the output`, () => (this.stdout.includes(text) ? true : undefined)).catch(
      () => {
        throw new Error(`"${text}" was not printed: ${this.stdout}\nstderr: ${this.stderr}`);
      },
    );
  }
}
