import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findSetpriv } from '../../../src/process-host/parent-death.js';
import { allGone, childrenOf, descendantsOf, isAlive } from '../../support/children.js';
import { eventually } from '../../support/wait.js';

const parentScript = fileURLToPath(new URL('./fixtures/parent.js', import.meta.url));

describe('when the core is killed', () => {
  for (const { how, searchPath, spins, children } of [
    {
      how: 'by the kernel, also a part that spins',
      searchPath: process.env['PATH'],
      spins: true,
      children: 3,
    },
    { how: 'by the close of their channel', searchPath: '/nowhere', spins: false, children: 2 },
  ]) {
    it(`all parts exit: ${how}`, async () => {
      if (spins) assert.ok(findSetpriv(), 'this test needs setpriv of util-linux');
      const parent = spawn(process.execPath, [parentScript], {
        env: { ...process.env, PATH: searchPath, PARENT_SPINS: spins ? 'yes' : 'no' },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(parent.stdout, 'data');
      const pid = parent.pid ?? 0;
      const descendants = await eventually('the parts, the spare included', () => {
        const found = descendantsOf(pid).filter(({ command }) => command.includes('part.js'));
        return found.length === children ? found.map((info) => info.pid) : undefined;
      });
      parent.kill('SIGKILL');
      await once(parent, 'close');
      const survivors = await allGone(descendants, 5000);
      // A failed test must not leave one running.
      for (const survivor of survivors) process.kill(survivor, 'SIGKILL');
      assert.deepEqual(survivors, []);
    });
  }
});

describe('a part that has something to finish when the core is killed', () => {
  it('outlives the core for some seconds, and is killed then', async function () {
    this.timeout(60_000);
    if (process.platform !== 'linux') this.skip();
    const parent = spawn(process.execPath, [parentScript], {
      env: { ...process.env, PARENT_LATE: 'yes' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(parent.stdout, 'data');
    const pid = parent.pid ?? 0;
    const parts = await eventually('the parts, the spare included', () => {
      const found = descendantsOf(pid).filter(({ command }) => command.includes('part.js'));
      return found.length === 3 ? found : undefined;
    });
    parent.kill('SIGKILL');
    await once(parent, 'close');
    const pids = parts.map((part) => part.pid);
    const late = await eventually('the others are gone', () => {
      const left = pids.filter(isAlive);
      return left.length === 1 ? left : undefined;
    });
    assert.deepEqual(await allGone(late, 30_000), []);
  });
});

describe('a process that has left its group and its session', () => {
  let parent: ChildProcess;
  let lines: Interface;
  let ready: AsyncIterator<string>;
  const started: number[] = [];

  beforeEach(() => {
    parent = spawn(process.execPath, [parentScript], {
      env: { ...process.env, PARENT_GUARDED: 'yes' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    assert(parent.stdout !== null);
    lines = createInterface({ input: parent.stdout });
    ready = lines[Symbol.asyncIterator]();
  });

  afterEach(async () => {
    if (parent.exitCode === null && parent.signalCode === null) {
      parent.kill('SIGKILL');
      await once(parent, 'exit');
    }
    lines.close();
    for (const pid of started.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });

  async function nextEncoder(): Promise<{ readonly encoder: number; readonly grandchild: number }> {
    const { value } = (await ready.next()) as { value: string };
    const [encoder = 0, grandchild = 0] = value.split(' ').map(Number);
    started.push(encoder, grandchild);
    assert.ok(isAlive(grandchild), 'the grandchild runs');
    return { encoder, grandchild };
  }

  function guardOf(pid: number): number | undefined {
    return childrenOf(pid).find(({ command }) => command.includes('orphan-sweep'))?.pid;
  }

  it('is killed with the encoder process that started it, and with no other', async () => {
    const first = await nextEncoder();
    process.kill(first.encoder, 'SIGKILL');
    const second = await nextEncoder();
    assert.deepEqual(await allGone([first.encoder, first.grandchild], 10_000), []);
    assert.ok(isAlive(second.encoder) && isAlive(second.grandchild));
  });

  it('is killed with the core, even if the guard was killed before', async () => {
    const { encoder, grandchild } = await nextEncoder();
    const pid = parent.pid ?? 0;
    const guard = await eventually('the guard', () => guardOf(pid));
    process.kill(guard, 'SIGKILL');
    const next = await eventually('the next guard', () => {
      const found = guardOf(pid);
      return found === guard ? undefined : found;
    });
    parent.kill('SIGKILL');
    assert.deepEqual(await allGone([encoder, grandchild, next], 10_000), []);
  });
});
