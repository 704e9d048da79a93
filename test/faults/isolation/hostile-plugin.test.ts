import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once as onceEvent } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExtensionHostStub } from '../../../src/core/extension-hosts/hosts/extension-host-stub.js';
import { type Isolation } from '../../../src/core/extension-hosts/isolation/isolation.js';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { statusOf } from '../../support/bulkhead.js';
import { processInfo } from '../../support/children.js';
import { isolation, PluginBench, until } from '../../support/plugins.js';
import { eventually } from '../../support/wait.js';

const coreBundle = fileURLToPath(new URL('../../../bin/core.cjs', import.meta.url));
const source = join(packageRoot(), 'test/faults/isolation/hostile-plugin');
const documented = join(packageRoot(), 'docs/plugin-isolation.md');

const SECRET = 'outside-secret';

interface Outcome {
  readonly got?: string;
  readonly refused?: string;
}

/** Everything that a plugin must not access, and a separate core to attack. */
class Prey {
  readonly outside: string;
  readonly abstract = `bulkhead-test-${process.pid}`;
  private core: ChildProcess | undefined;
  private readonly servers: Server[] = [];
  private port = 0;
  private readonly datagrams = createSocket('udp4');
  private readonly clients = new Set<Socket>();
  private readonly before: ReadonlySet<string>;

  constructor(private readonly folder: string) {
    this.outside = join(folder, 'outside');
    mkdirSync(this.outside);
    this.before = new Set(readdirSync('/'));
    this.reset();
    writeFileSync(join(this.outside, 'secret.json'), JSON.stringify({ secret: SECRET }));
    writeFileSync(join(this.outside, 'module.mjs'), `export const secret = '${SECRET}';`);
    writeFileSync(join(this.outside, 'env'), `OUTSIDE_SECRET=${SECRET}`);
    writeFileSync(join(this.outside, 'addon.node'), 'no addon');
  }

  async start(): Promise<void> {
    for (const where of [0, { path: `\0${this.abstract}` }]) {
      const server = createServer((socket) => {
        this.clients.add(socket);
        socket.on('error', () => {}).end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n');
      });
      this.servers.push(server);
      if (typeof where === 'number') server.listen(where, '127.0.0.1');
      else server.listen(where);
      await onceEvent(server, 'listening');
      const address = server.address();
      if (address !== null && typeof address === 'object') this.port = address.port;
    }
    this.datagrams.on('message', (message, { port }) => this.datagrams.send(message, port, '127.0.0.1'));
    this.datagrams.bind(0, '127.0.0.1');
    await onceEvent(this.datagrams, 'listening');
    await this.startCore();
  }

  get control(): string {
    return join(this.folder, 'core.sock');
  }

  targets() {
    return {
      outside: this.outside,
      secret: join(this.outside, 'secret.json'),
      module: join(this.outside, 'module.mjs'),
      addon: join(this.outside, 'addon.node'),
      prey: join(this.outside, 'prey'),
      drop: join(this.outside, 'dropped'),
      control: this.control,
      abstract: this.abstract,
      port: this.port,
      datagrams: this.datagrams.address().port,
      victim: this.core?.pid ?? 0,
    };
  }

  /** Returns what has changed since the last attempt, and restores it. */
  async damage(): Promise<string | undefined> {
    const found = this.changes();
    if (found !== undefined) this.reset();
    const state = processInfo(this.core?.pid ?? 0)?.state;
    if (state !== undefined && state !== 'Z' && state !== 'T') return found;
    await this.endCore();
    await this.startCore();
    return 'the core was stopped';
  }

  async end(): Promise<void> {
    await this.endCore();
    this.datagrams.close();
    for (const client of this.clients) client.destroy();
    for (const server of this.servers) server.close();
  }

  private changes(): string | undefined {
    const known = new Set(['secret.json', 'module.mjs', 'env', 'addon.node', 'prey']);
    const left = readdirSync(this.outside).filter(
      (name) => !known.has(name) && !name.startsWith('core.sock'),
    );
    if (left.length > 0) return `left ${left.join()}`;
    const strays = readdirSync('/').filter((name) => !this.before.has(name));
    if (strays.length > 0) return `left ${strays.join()} in the root folder`;
    const prey = join(this.outside, 'prey');
    if (!existsSync(prey) || readFileSync(prey, 'utf8') !== 'prey') return 'changed a file';
    const { mode, mtimeMs } = statSync(prey);
    return (mode & 0o777) === 0o600 && mtimeMs > 1e9 ? undefined : 'changed a file';
  }

  private reset(): void {
    for (const name of ['prey', 'dropped'])
      rmSync(join(this.outside, name), { recursive: true, force: true });
    for (const name of readdirSync(this.outside)) {
      if (name.endsWith('.log') || name.startsWith('turbo')) rmSync(join(this.outside, name));
    }
    writeFileSync(join(this.outside, 'prey'), 'prey', { mode: 0o600 });
  }

  private async startCore(): Promise<void> {
    this.core = spawn(process.execPath, [coreBundle, '--address', this.control], {
      stdio: 'ignore',
      env: { ...process.env, BULKHEAD_TEST_KEY: SECRET },
    });
    await eventually('the core', () => statusOf(this.control).catch(() => undefined));
  }

  private async endCore(): Promise<void> {
    const { core } = this;
    if (core === undefined) return;
    core.kill('SIGKILL');
    if (core.exitCode === null && core.signalCode === null) await onceEvent(core, 'exit');
    rmSync(this.control, { force: true });
  }
}

/** What the documentation says about the running Node, or the nearest older documented one. */
function documentedOpenings(): { readonly attempts: string[]; readonly open: string[] } {
  const rows = readFileSync(documented, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const head = rows.find(([first]) => first === 'attempt') ?? [];
  const major = Number(process.versions.node.split('.')[0]);
  const columns = head.flatMap((cell, index) => {
    const [, version] = /^Node (\d+)$/.exec(cell) ?? [];
    return version !== undefined && Number(version) <= major ? [{ index, version: Number(version) }] : [];
  });
  const column = columns.sort((a, b) => b.version - a.version)[0]?.index ?? -1;
  const attempts = rows.slice(rows.indexOf(head) + 1).filter(([name]) => name && !name.startsWith('---'));
  return {
    attempts: attempts.map(([name = '']) => name),
    open: attempts.filter((cells) => cells[column] === 'open').map(([name = '']) => name),
  };
}

async function attack(how: Isolation): Promise<{ attempts: string[]; open: string[]; report: string[] }> {
  const bench = new PluginBench('in a process of its own', how);
  process.env['BULKHEAD_TEST_KEY'] = SECRET;
  const prey = new Prey(bench.path);
  try {
    const folder = join(bench.path, 'hostile');
    cpSync(source, folder, { recursive: true });
    symlinkSync(join(prey.outside, 'secret.json'), join(folder, 'linked-file'));
    symlinkSync(prey.outside, join(folder, 'linked-folder'));
    mkdirSync(`${folder}-sibling`);
    writeFileSync(`${folder}-sibling/secret.json`, SECRET);
    await prey.start();
    const neighbour = bench.write('neighbour', { source: 'export function activate() {}' });
    const [hostile, other] = [folder, neighbour].map((path) =>
      bench.host([path], {
        limits: { maxCrashes: Number.POSITIVE_INFINITY, backoffBaseMs: 1, backoffCapMs: 10 },
      }),
    ) as [ExtensionHostStub, ExtensionHostStub];
    hostile.start();
    other.start();
    const ready = (host: ExtensionHostStub) => until(host, 'ready', ({ state }) => state === 'running');
    await Promise.all([ready(hostile), ready(other)]);
    const attempts = (await bench.commands.execute('hostile.list')) as string[];
    const once = (attempt: string): Promise<Outcome | 'ended'> =>
      bench.commands.execute('hostile.try', [attempt, prey.targets()]).then(
        (answer) => answer as Outcome,
        () => 'ended' as const,
      );
    const tried = async (attempt: string): Promise<Outcome> => {
      // A host that has ended may have done so because of the previous attempt.
      for (const _ of [1, 2]) {
        const { restarts } = hostile.status();
        const outcome = await once(attempt);
        if (outcome !== 'ended') return outcome;
        await until(hostile, 'back', (now) => now.state === 'running' && now.restarts > restarts);
      }
      return { refused: 'the host ended' };
    };
    const open: string[] = [];
    const report: string[] = [];
    for (const attempt of attempts) {
      const outcome = await tried(attempt);
      const damage = await prey.damage();
      const pretended =
        bench.notices.some(({ source: from }) => from === 'neighbour') ||
        bench.lines.some(({ message }) => message.includes('pretended') && message.includes('neighbour"')) ||
        bench.commands.list().includes('neighbour.pretended');
      if (outcome.got !== undefined || damage !== undefined || pretended) open.push(attempt);
      report.push(`${attempt}: ${JSON.stringify({ ...outcome, damage })}`.slice(0, 200));
    }
    assert.equal(other.status().restarts, 0);
    return { attempts, open, report };
  } finally {
    delete process.env['BULKHEAD_TEST_KEY'];
    // First, since its core writes into the folder that the bench removes.
    await prey.end();
    await bench.end();
  }
}

describe('a hostile plugin', () => {
  it('can access nothing in the strict tier', async function () {
    this.timeout(120_000);
    if (isolation.tier !== 'strict') {
      // Not skipped silently: the next test checks what is enforced instead.
      console.warn(
        `      The strict tier does not work on this machine, and is not tested: ${isolation.reason}.`,
      );
      assert.equal(isolation.tier, 'standard');
      return;
    }
    const { attempts, open, report } = await attack(isolation);
    assert.ok(attempts.length >= 40, `${attempts.length} attempts`);
    assert.deepEqual(open, [], report.join('\n'));
  });

  it('can access only what is documented in the standard tier', async function () {
    this.timeout(120_000);
    const standard: Isolation = { ...isolation, tier: 'standard', bwrap: undefined };
    const { attempts, open, report } = await attack(standard);
    if (process.env['BULKHEAD_TEST_REPORT']) console.log(report.join('\n'));
    const expected = documentedOpenings();
    assert.deepEqual(expected.attempts.toSorted(), attempts.toSorted());
    assert.deepEqual(open.toSorted(), expected.open.toSorted(), report.join('\n'));
  });
});
