import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

interface RunOptions {
  /** Whether it is to fail. */
  readonly fails?: boolean;
  /** More of the environment. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A terminal's worth of shell in a folder of its own, whose commands and answers are printed as a document shows them. */
export class Shell {
  /** Where the commands run. */
  folder: string;
  private readonly env: NodeJS.ProcessEnv;

  /** @param home A folder that becomes `~`, with a `bulkhead` on the PATH that is this build. */
  constructor(private readonly home: string) {
    this.folder = home;
    const bin = join(home, '.bin');
    mkdirSync(bin);
    writeFileSync(
      join(bin, 'bulkhead'),
      `#!/bin/sh\nexec "${process.execPath}" "${join(process.cwd(), 'dist/bin/bulkhead.cjs')}" "$@"\n`,
    );
    chmodSync(join(bin, 'bulkhead'), 0o755);
    const runtime = join(home, '.run');
    mkdirSync(runtime, { mode: 0o700 });
    this.env = {
      ...process.env,
      PATH: [bin, process.env['PATH']].join(delimiter),
      XDG_RUNTIME_DIR: runtime,
      XDG_DATA_HOME: join(home, '.data'),
      XDG_STATE_HOME: join(home, '.state'),
      npm_config_update_notifier: 'false',
      npm_config_fund: 'false',
      npm_config_audit: 'false',
      npm_config_loglevel: 'error',
      NO_COLOR: '1',
    };
  }

  /** Runs a command to its end and prints it with its answer. @throws when it fails, unless that is what is to be shown. */
  async run(command: string, { fails = false, env }: RunOptions = {}): Promise<string> {
    console.log(`$ ${command}`);
    const child = this.start(command, env);
    let answer = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        answer += text;
      });
    }
    const [code] = await once(child, 'close');
    const shown = answer.replaceAll(this.home, '~').trimEnd();
    if (shown !== '') console.log(shown);
    if ((code !== 0) !== fails) throw new Error(`${command} ended with ${code}`);
    return answer;
  }

  /** Starts a command that goes on. */
  start(command: string, env?: NodeJS.ProcessEnv): ChildProcess {
    // Without `exec` a signal would reach the shell and not what runs in it.
    const line = /[;&|]/.test(command) ? command : `exec ${command}`;
    return spawn('sh', ['-c', line], {
      cwd: this.folder,
      env: { ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** The control socket of the core that `bulkhead` commands here talk to. */
  get address(): string {
    return join(this.home, '.run', 'bulkhead', 'core.sock');
  }
}
