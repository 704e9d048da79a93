import { accessSync, constants, existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { checkAddress } from '../../config/address.js';
import type { BroadcastConfig } from '../../config/schema.js';
import { ControlClient } from '../../control-client/control-client.js';
import { describeIsolation, probeIsolation } from '../../core/extension-hosts/isolation/isolation.js';
import { findBrowser } from '../../encoder/browser/find-browser.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { type Finding, ok, problem, warning } from './finding.js';

const MIN_NODE = [20, 19] as const;

export function checkNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isRecent = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  return isRecent
    ? ok('node', version)
    : problem('node', `${version} is too old`, `Install Node ${MIN_NODE.join('.')} or later.`);
}

/** Checks the control socket's folder, and whether a core listens there. */
export async function checkControlAddress(address: string): Promise<Finding> {
  try {
    checkAddress(address);
    const client = await ControlClient.connect(address);
    try {
      const { state, core } = await client.status();
      return ok('address', `${address}: core ${core.version} runs there, pid ${core.pid}, ${state}`);
    } finally {
      client.dispose();
    }
  } catch (error) {
    const failure = BulkheadError.from(error);
    if (failure.code === ErrorCodes.coreNotRunning)
      return ok('address', `${address}: free, no core runs there`);
    return problem('address', failure.message, failure.remedy);
  }
}

/** Looks for what shows web pages; nothing without such a source. */
export function checkBrowser({ input, sources }: Pick<BroadcastConfig, 'input' | 'sources'>): Finding[] {
  const pages = [input, ...sources].filter((source) => source.type === 'browser');
  return pages.slice(0, 1).map(({ browser }) => {
    try {
      const path = browser ?? findBrowser();
      if (existsSync(path)) return ok('browser', path);
      return warning(
        'browser',
        `${path} does not exist`,
        'Correct the path that the source has as "browser".',
      );
    } catch (error) {
      const { message, remedy } = BulkheadError.from(error);
      return warning('browser', message, remedy);
    }
  });
}

/**
 * Checks the embedded live server's ports. One in use is not a problem: the next free one is taken.
 */
export async function checkPort(port: number, purpose: string): Promise<Finding> {
  const subject = `port ${port}`;
  const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
  if (failure === undefined) return ok(subject, `free, for ${purpose}`);
  if (failure.code === 'EADDRINUSE') {
    return warning(
      subject,
      `in use; ${purpose} takes the next free one`,
      'End what listens there to have this one.',
    );
  }
  return warning(
    subject,
    `cannot be used for ${purpose}: ${failure.message}`,
    'Choose another in "liveServer".',
  );
}

interface Tool {
  readonly command: string;
  readonly gives: string;
  readonly debianPackage: string;
}

const ISOLATION_TOOLS: readonly Tool[] = [
  {
    command: 'setpriv',
    gives: 'no process outlives its parent, even one that hangs',
    debianPackage: 'util-linux',
  },
  { command: 'prlimit', gives: "plugins' memory is bounded", debianPackage: 'util-linux' },
];

/** Describes what isolates plugins from the rest of this machine, and what does not. */
export async function checkIsolation(env: NodeJS.ProcessEnv): Promise<Finding> {
  const isolation = await probeIsolation(env['PATH'] ?? '');
  const message = describeIsolation(isolation);
  if (isolation.tier === 'strict') return ok('isolation', message);
  const remedy =
    process.platform === 'linux'
      ? 'Install bubblewrap (on Debian and Ubuntu: apt install bubblewrap), and let users make namespaces.'
      : 'Run only plugins that you trust as you trust programs.';
  return warning('isolation', message, remedy);
}

/** Checks for Linux tools that improve the isolation of parts. */
export function checkIsolationTools(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): Finding[] {
  if (platform !== 'linux') return [];
  return ISOLATION_TOOLS.map(({ command, gives, debianPackage }) => {
    const found = findOnPath(command, env);
    return found === undefined
      ? warning(command, `not found; with it, ${gives}`, `On Debian and Ubuntu: apt install ${debianPackage}`)
      : ok(command, `${found}: ${gives}`);
  });
}

function findOnPath(command: string, env: NodeJS.ProcessEnv): string | undefined {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
