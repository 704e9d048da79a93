import { type ExecFileException, execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { promisify } from 'node:util';
import { checkValue } from '../../base/check-value.js';
import * as z from '../../base/zod.js';
import { registryFailed } from './registry-error.js';

/** Deadline for npm to print its configuration, ms. */
const DEADLINE_MS = 30_000;
const MAX_BYTES = 4 * 1024 * 1024;

const Config = z.looseObject({
  registry: z.string().max(2000),
  userconfig: z.string().optional(),
  globalconfig: z.string().optional(),
});

/** Which registries the user's npm is set up for. */
export interface NpmConfig {
  /** The registry that has this package, by its scope; without a trailing slash. */
  registryOf(packageName: string): string;
  /** The `authorization` header for an address of a registry; undefined without a login. */
  authorizationFor(url: URL): string | undefined;
}

/** Asks npm, and reads logins from its files, which npm itself does not print. @throws `registry.failed` */
export async function readNpmConfig(env: NodeJS.ProcessEnv = process.env): Promise<NpmConfig> {
  const { data } = checkValue(Config, await printedConfig());
  if (data === undefined)
    throw registryFailed('npm', 'npm has no registry', 'See "npm config get registry".');
  const logins = [data.globalconfig, data.userconfig].flatMap((file) =>
    file === undefined ? [] : loginsIn(textOf(file), env),
  );
  return {
    registryOf: (name) => {
      const [scope] = name.split('/');
      const own = name.startsWith('@') ? data[`${scope}:registry`] : undefined;
      return (typeof own === 'string' ? own : data.registry).replace(/\/+$/, '');
    },
    // A later file is nearer to the user.
    authorizationFor: ({ host, pathname }) =>
      logins.findLast(({ at }) => `//${host}${pathname}`.startsWith(at))?.header,
  };
}

async function printedConfig(): Promise<unknown> {
  const windows = process.platform === 'win32';
  try {
    const { stdout } = await promisify(execFile)(
      windows ? 'npm.cmd' : 'npm',
      ['config', 'list', '--json', '--no-update-notifier'],
      {
        cwd: homedir(),
        timeout: DEADLINE_MS,
        maxBuffer: MAX_BYTES,
        shell: windows,
        killSignal: 'SIGKILL',
      },
    );
    return JSON.parse(stdout);
  } catch (error) {
    const { code, message } = error as ExecFileException & { code?: unknown };
    if (code === 'ENOENT') {
      throw registryFailed('npm', 'npm is needed, and is not on the PATH', 'Install from a .tgz instead.');
    }
    throw registryFailed('npm', `npm does not print its configuration: ${message.split('\n')[0]}`);
  }
}

interface Login {
  /** `//host/path/`, as in npm's files. */
  readonly at: string;
  readonly header: string;
}

/** The logins in an `.npmrc`: `//host/path/:_authToken=…` or `:_auth=…`, with `${NAME}` for environment variables. */
export function loginsIn(text: string, env: NodeJS.ProcessEnv): Login[] {
  return text.split('\n').flatMap((line) => {
    const [, at, kind, written = ''] = /^\s*(\/\/[^=\s]+\/):(_authToken|_auth)\s*=\s*(\S+)/.exec(line) ?? [];
    if (at === undefined) return [];
    const value = written
      .replace(/^"(.*)"$/, '$1')
      .replace(/\$\{(\w+)\}/g, (whole, name: string) => env[name] ?? whole);
    return [{ at, header: `${kind === '_auth' ? 'Basic' : 'Bearer'} ${value}` }];
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
