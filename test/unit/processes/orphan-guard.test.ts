import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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
  const marks = () => (existsSync(swept) ? readFileSync(swept, 'utf8').trim().split('\n') : []);
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
    assert.notEqual(nextMark(), mark);
    sweepOrphans('without a guard');

    startOrphanGuard(script);
    await until(() => guards().length === 1);
    const [run = ''] = mark.split('.');
    assert.equal(process.env[RUN_MARK], run);
    sweepOrphans(mark);
    await until(() => marks().length === 1);
    assert.deepEqual(marks(), [mark]);

    const [first] = guards();
    assert.notEqual(first?.processGroup, process.pid);
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
});
