import assert from 'node:assert/strict';
import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nextMark, startOrphanGuard, sweepOrphans } from '../../../src/core/processes/orphan-guard.js';
import { RUN_MARK } from '../../../src/process-host/run-mark.js';
import { childrenOf, type ProcessInfo } from '../../support/children.js';
import { FakeClock } from '../../support/fake-clock.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('the guard against orphans', () => {
  let folder: TempDir;
  let clock: FakeClock;
  let script: string;
  let swept: string;
  let environment: string | undefined;

  before(function () {
    if (process.platform !== 'linux') this.skip();
    folder = tempDir('guard');
    swept = join(folder.path, 'swept');
    script = join(folder.path, 'sweep.cjs');
    writeFileSync(
      script,
      `require('node:fs').appendFileSync(${JSON.stringify(swept)}, process.argv[2] + '\\n');`,
    );
    environment = process.env[RUN_MARK];
  });
  after(() => folder?.dispose());
  beforeEach(() => {
    clock = new FakeClock();
  });
  afterEach(() => {
    clock.restore();
    if (environment === undefined) delete process.env[RUN_MARK];
    else process.env[RUN_MARK] = environment;
  });

  const guards = (): ProcessInfo[] =>
    childrenOf(process.pid).filter(({ command }) => command.endsWith(script));
  /** Of complete lines: the file is there before what is written to it. */
  const marks = () => (existsSync(swept) ? readFileSync(swept, 'utf8').split('\n').slice(0, -1) : []);
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  }
  /** Kills the guard, and waits until that is known here. */
  async function kill(guard: ProcessInfo | undefined): Promise<void> {
    const before = clock.pending;
    process.kill(guard?.pid ?? 0, 'SIGKILL');
    await until(() => clock.pending > before);
  }

  it('sweeps what has the mark of each part that has ended, also when it had to be replaced, and at last the core', async () => {
    const mark = nextMark();
    assert.match(mark, /^[0-9a-f]{32}\.\d+$/);
    const [run = '', number] = mark.split('.');
    assert.equal(nextMark(), `${run}.${Number(number) + 1}`);
    sweepOrphans('without a guard');

    startOrphanGuard(script);
    await until(() => guards().length === 1);
    assert.equal(process.env[RUN_MARK], run);
    sweepOrphans(mark);
    await until(() => marks().length === 1);
    assert.deepEqual(marks(), [mark]);

    const [first] = guards();
    assert.equal(first?.processGroup, first?.pid);
    assert.equal(readlinkSync(`/proc/${first?.pid}/cwd`), '/');
    await kill(first);
    sweepOrphans('while there is none');
    clock.tick(999);
    assert.deepEqual(guards(), []);
    clock.tick(1);
    await until(() => guards().length === 1);
    sweepOrphans('again');
    await until(() => marks().length === 2);
    assert.deepEqual(marks(), [mark, 'again']);
    await kill(guards()[0]);
    assert.deepEqual(guards(), []);
  });

  it('survives a guard that has just died, and drops marks that one does not read', async () => {
    startOrphanGuard(script);
    await until(() => guards().length === 1);
    const before = clock.pending;
    const [first] = guards();
    process.kill(first?.pid ?? 0, 'SIGKILL');
    // The guard is gone, and that is not known here yet.
    while (!/\) Z /.test(readFileSync(`/proc/${first?.pid}/stat`, 'latin1')));
    sweepOrphans('to nobody');
    await until(() => clock.pending > before);
    clock.tick(1000);
    await until(() => guards().length === 1);

    const earlier = marks().length;
    const [second] = guards();
    process.kill(second?.pid ?? 0, 'SIGSTOP');
    // Longer than what the system keeps for the guard, and than an argument of a program may be.
    sweepOrphans('x'.repeat(600_000));
    sweepOrphans('dropped');
    process.kill(second?.pid ?? 0, 'SIGCONT');
    await until(() => {
      sweepOrphans('read');
      return marks().length > earlier;
    });
    assert.deepEqual([...new Set(marks().slice(earlier))], ['read']);
    await kill(guards()[0]);
  });

  it('is tried again when the system refuses to start it', () => {
    startOrphanGuard(`${script}\0`);
    assert.equal(clock.pending, 1);
    sweepOrphans('without a guard');
  });

  it('does not run elsewhere', () => {
    const platform = Object.getOwnPropertyDescriptor(process, 'platform') ?? {};
    delete process.env[RUN_MARK];
    Object.defineProperty(process, 'platform', { ...platform, value: 'darwin' });
    try {
      startOrphanGuard(script);
    } finally {
      Object.defineProperty(process, 'platform', platform);
    }
    assert.deepEqual([guards(), process.env[RUN_MARK]], [[], undefined]);
  });
});
