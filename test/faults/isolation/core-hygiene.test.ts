import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { statusOf } from '../../support/bulkhead.js';
import { allGone, descendantsOf } from '../../support/children.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const coreBundle = fileURLToPath(new URL('../../../bin/core.cjs', import.meta.url));

/** The open files of a process, by their names in /proc. */
function openBy(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

/** Whether the process listens on a TCP port, as with an open inspector. */
function listens(pid: number): boolean {
  const LISTEN = '0A';
  const listening = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'ascii')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === LISTEN)
      .map((fields) => `socket:[${fields[9]}]`),
  );
  return openBy(pid).some((name) => listening.includes(name));
}

describe('what a core passes to its children', () => {
  let folder: TempDir;
  let address: string;
  let secret: string;
  let core: ChildProcess;
  let pids: number[];

  beforeEach(async () => {
    folder = tempDir('hygiene');
    address = join(folder.path, 'core.sock');
    secret = join(folder.path, 'secret');
    writeFileSync(secret, 'inherited');
    // Started carelessly: with an open file on a descriptor that Node does not handle.
    core = spawn(
      'bash',
      ['-c', 'exec 40<"$0" 200<"$0"; exec "$@"', secret, process.execPath, coreBundle, '--address', address],
      {
        stdio: 'ignore',
      },
    );
    await eventually('the core', () => statusOf(address).catch(() => undefined));
    const pid = core.pid ?? 0;
    const found = await eventually('the warm encoder', () => {
      const all = descendantsOf(pid);
      return all.some(({ command }) => command.includes('encoder.cjs')) ? all : undefined;
    });
    // Without the guard, which is a shell, and short-lived probes.
    const parts = found.filter(({ command }) => /^\S*node\S* .*\.cjs/.test(command));
    pids = [pid, ...parts.map((part) => part.pid)];
  });

  afterEach(async () => {
    core.kill('SIGKILL');
    if (core.exitCode === null && core.signalCode === null) await once(core, 'exit');
    assert.deepEqual(await allGone(pids, 5000), []);
    folder.dispose();
  });

  it('includes no descriptor that it was started with', () => {
    for (const pid of pids) assert.ok(!openBy(pid).includes(secret), String(pid));
  });

  it('includes no inspector, neither its own nor that of a part', async () => {
    // A part handles signals once it has answered.
    await eventually('the encoder', async () =>
      (await statusOf(address)).encoder.state === 'running' ? true : undefined,
    );
    for (const pid of pids) process.kill(pid, 'SIGUSR1');
    await statusOf(address);
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const pid of pids) assert.ok(!listens(pid), String(pid));
    assert.equal((await statusOf(address)).core.pid, core.pid);
  });
});
