import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { connectToCore } from '../../../src/control-client/connect-to-core.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const CONTENDER = fileURLToPath(new URL('fixtures/lock-contender.js', import.meta.url));
const CONTENDERS = 5;
const ROUNDS = 25;

/** A process that takes a lock on request. */
class Contender {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(program: string, kind: string, path: string) {
    this.child = spawn(process.execPath, [program, kind, path], { stdio: ['pipe', 'pipe', 'inherit'] });
    assert.ok(this.child.stdout !== null);
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const { value } = await this.lines.next();
    return value;
  }

  take(): Promise<string> {
    this.child.stdin?.write('take\n');
    return this.line();
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
  }
}

describe('one lock and many processes', function () {
  this.timeout(120_000);
  const built = tempDir('contender');
  const program = join(built.path, 'contender.cjs');
  let folder: TempDir;
  let contenders: Contender[];

  before(() => {
    // In one file it starts in a quarter of the time, and dozens are started.
    buildSync({
      entryPoints: [CONTENDER],
      outfile: program,
      bundle: true,
      platform: 'node',
      target: 'node20',
      logLevel: 'warning',
    });
  });

  after(() => built.dispose());

  beforeEach(() => {
    folder = tempDir('lock');
    contenders = [];
  });

  afterEach(async () => {
    await Promise.all(contenders.map((contender) => contender.end('SIGKILL')));
    folder.dispose();
  });

  const start = async (kind: string, path: string, count: number) => {
    const started = Array.from({ length: count }, () => new Contender(program, kind, path));
    contenders.push(...started);
    await Promise.all(started.map((contender) => contender.line()));
  };

  /** All repeatedly try at the same time to take the lock of a killed holder. */
  const contend = async (kind: string, path: string, refusal: string, check = async () => {}) => {
    await start(kind, path, CONTENDERS);
    for (let round = 0; round < ROUNDS; round++) {
      const outcomes = await Promise.all(contenders.map((contender) => contender.take()));
      const holders = contenders.filter((_, index) => outcomes[index] === 'held');
      assert.equal(holders.length, 1, `round ${round}: ${outcomes.join()}`);
      assert.deepEqual(
        outcomes.filter((outcome) => outcome !== 'held'),
        Array.from({ length: CONTENDERS - 1 }, () => refusal),
      );
      await check();
      const [holder] = holders;
      await holder?.end('SIGKILL');
      contenders = contenders.filter((contender) => contender !== holder);
      await start(kind, path, 1);
    }
  };

  it('is held on the library by one of them', async () => {
    await contend('library', join(folder.path, 'library', 'lock'), 'library.inUse');
  });

  it('is held on the control socket by one of them, even with a leftover socket', async () => {
    const address = join(folder.path, 'core.sock');
    await contend('control', address, 'core.alreadyRunning', async () => {
      assert.ok(process.platform === 'win32' || existsSync(address));
      (await connectToCore(address)).destroy();
    });
  });
});
