import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import type { Finding } from '../../../src/plugin-tools/finding.js';
import type { PackedFile } from '../../../src/plugin-tools/package/list-files.js';
import { tempDir } from '../../support/temp.js';
import { CliRun } from '../cli/cli-run.js';

/** Output and exit code of an author's command. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CheckReport {
  readonly ok: boolean;
  readonly plugin?: { readonly id: string; readonly version: string };
  readonly files: readonly PackedFile[];
  readonly findings: readonly Finding[];
  readonly archive?: { readonly file: string; readonly bytes: number; readonly integrity: string };
}

/** A valid plugin, in a folder with nothing else next to it. */
export class PluginFolder implements Disposable {
  private readonly temporary = tempDir('author');
  /** The folder above the plugin's. */
  readonly above = this.temporary.path;
  readonly path = join(this.above, 'good');

  constructor() {
    this.write({
      'README.md': '# Good\n',
      'main.cjs': 'exports.activate = () => {};\n',
    });
    this.manifest({});
  }

  /** Writes its package.json with different keys; `undefined` removes one. */
  manifest(different: object): void {
    const manifest = {
      name: 'good',
      version: '1.0.0',
      description: 'Does no harm',
      license: 'MIT',
      main: 'main.cjs',
      engines: { bulkhead: '^1.0.0' },
      ...different,
    };
    this.write({ 'package.json': JSON.stringify(manifest) });
  }

  /** Writes files, by path in the folder. */
  write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, path)), { recursive: true });
      writeFileSync(join(this.path, path), text);
    }
  }

  /** Runs `bulkhead plugin …` in the plugin's folder. */
  async run(...args: string[]): Promise<Outcome> {
    return runPluginCommand(this.path, args);
  }

  async check(): Promise<CheckReport> {
    const { stdout } = await this.run('check', '--json');
    return JSON.parse(stdout) as CheckReport;
  }

  async pack(): Promise<CheckReport> {
    const { stdout } = await this.run('pack', '--json');
    return JSON.parse(stdout) as CheckReport;
  }

  dispose(): void {
    this.temporary.dispose();
  }
}

/** Runs `bulkhead plugin …` in this process. */
export async function runPluginCommand(
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Outcome> {
  const run = new CliRun(['plugin', ...args], env, cwd);
  const code = await run.exitCode;
  return { code, stdout: run.stdout, stderr: run.stderr };
}

/** `error main.cjs:1 what is wrong`, without the remedy. */
export function brief({ severity, file, line, message }: Finding): string {
  return `${severity} ${file}${line === undefined ? '' : `:${line}`} ${message}`;
}
