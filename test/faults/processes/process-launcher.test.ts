import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { PartExit, PartInstance } from '../../../src/core/processes/part-launcher.js';
import { ProcessLauncher } from '../../../src/core/processes/process-launcher.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { allGone, isAlive } from '../../support/children.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { Do } from './fixtures/part.js';

const entryPoint = fileURLToPath(new URL('./fixtures/part.js', import.meta.url));

/** Everything reported by a part's launcher. */
interface Observed {
  readonly instance: PartInstance;
  readonly connection: RpcConnection;
  readonly log: string[];
  readonly exits: PartExit[];
  exit(): Promise<PartExit>;
}

describe('a part in a process of its own', () => {
  const launched: PartInstance[] = [];
  const strays: number[] = [];

  function launch(environment: Record<string, string> = {}, role: 'encoder' | 'extension-host' = 'encoder') {
    const launcher = new ProcessLauncher(role, {
      entryPoint,
      environment: { PART_ROLE: role, ...environment },
    });
    return observe(launcher.launch());
  }

  function observe(instance: PartInstance): Observed {
    launched.push(instance);
    const log: string[] = [];
    const exits: PartExit[] = [];
    instance.onDidLog((line) => log.push(line));
    instance.onDidExit((exit) => exits.push(exit));
    const connection = new RpcConnection(instance.control, { peer: 'part' });
    connection.listen();
    return {
      instance,
      connection,
      log,
      exits,
      exit: () => eventually('the exit', () => exits[0]),
    };
  }

  afterEach(async () => {
    for (const instance of launched) instance.dispose();
    for (const pid of strays) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    const pids = [...launched.map(({ pid }) => pid).filter((pid) => pid !== 0), ...strays];
    launched.length = 0;
    strays.length = 0;
    assert.deepEqual(await allGone(pids, 5000), []);
  });

  it('reads its log, and reports its exit once, after the log', async () => {
    const { instance, connection, log, exits, exit } = launch();
    await connection.sendRequest(Do.print, {});
    connection.sendRequest(Do.exit, { code: 7 }).catch(() => {});
    const logAtExit = new Promise<string[]>((resolve) => instance.onDidExit(() => resolve([...log])));
    assert.deepEqual(await exit(), { code: 7, signal: null });
    assert.deepEqual(await logAtExit, log);
    assert.deepEqual(log.toSorted(), [
      'Content-Length: 5',
      'the last line',
      '{"jsonrpc":"2.0","id":0,"result":1}',
      '\ufffd\ufffd\0',
    ]);
    instance.kill('SIGKILL');
    instance.kill('SIGTERM');
    assert.equal(exits.length, 1);
  });

  it('ends with its whole process group', async () => {
    const { instance, connection, exit } = launch();
    const grandchild = await connection.sendRequest(Do.grandchild, { ownGroup: false });
    strays.push(grandchild);
    instance.kill('SIGKILL');
    assert.deepEqual(await exit(), { code: null, signal: 'SIGKILL' });
    assert.deepEqual(await allGone([grandchild], 5000), []);
  });

  it('ends its process group when it exits by itself', async () => {
    const { connection, instance, exit } = launch();
    const grandchild = await connection.sendRequest(Do.grandchild, { ownGroup: false });
    strays.push(grandchild);
    process.kill(instance.pid, 'SIGKILL');
    await exit();
    assert.deepEqual(await allGone([grandchild], 5000), []);
  });

  it('reports its exit even if a grandchild of another group holds its log open', async () => {
    const { connection, instance, exit } = launch();
    const grandchild = await connection.sendRequest(Do.grandchild, { ownGroup: true });
    strays.push(grandchild);
    instance.kill('SIGKILL');
    assert.deepEqual(await exit(), { code: null, signal: 'SIGKILL' });
    assert.ok(isAlive(grandchild));
  });

  it('gives plugins neither the session nor the secrets of the core', async () => {
    process.env['BULKHEAD_TEST_KEY'] = 'secret';
    process.env['XDG_RUNTIME_DIR'] ??= '/tmp';
    try {
      const host = await launch({}, 'extension-host').connection.sendRequest(Do.environment, {});
      const encoder = await launch({}, 'encoder').connection.sendRequest(Do.environment, {});
      assert.ok(host.includes('PATH') && encoder.includes('PATH'));
      assert.ok(encoder.includes('XDG_RUNTIME_DIR') && !host.includes('XDG_RUNTIME_DIR'));
      assert.ok(!host.includes('BULKHEAD_TEST_KEY') && !encoder.includes('BULKHEAD_TEST_KEY'));
    } finally {
      delete process.env['BULKHEAD_TEST_KEY'];
    }
  });

  it('counts a missing bundle as wrong settings', async () => {
    const launcher = new ProcessLauncher('encoder', { entryPoint: '/nowhere/encoder.cjs' });
    const { exit, log, instance } = observe(launcher.launch());
    assert.equal((await exit()).code, ExitCodes.badSettings);
    assert.match(log.join(), /encoder\.cjs is missing/);
    assert.equal(instance.pid, 0);
  });

  it('counts a launch that fails as an exit', async () => {
    const folder = tempDir('processes');
    const execPath = process.execPath;
    process.execPath = `${folder.path}/no-node`;
    try {
      const { exit, instance } = launch();
      const { code, signal } = await exit();
      // setpriv was started and exited with 127, or nothing was started.
      assert.ok(signal === null && (code === 127 || (code === null && instance.pid === 0)));
    } finally {
      process.execPath = execPath;
      folder.dispose();
    }
  });
});
