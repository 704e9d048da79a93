import assert from 'node:assert/strict';
import { RequestType } from 'vscode-jsonrpc/node';
import { InProcessLauncher } from '../../../src/core/processes/in-process-launcher.js';
import type { PartExit, PartInstance } from '../../../src/core/processes/part-launcher.js';
import { PartSupervisor, type ReadyPart } from '../../../src/core/processes/part-supervisor.js';
import type { PartContext, PartModule } from '../../../src/process-host/part-module.js';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { eventually } from '../../support/wait.js';

const Echo = new RequestType<object, object, never>('test/echo');

/** A part that runs in this process. */
class EchoPart implements PartModule {
  readonly initializeResult = { capabilities: {} };
  readonly contexts: PartContext[] = [];
  disposed = 0;

  constructor(readonly role: PartModule['role']) {}

  activate(context: PartContext) {
    this.contexts.push(context);
    context.connection.onRequest(Echo, (value) => value);
    return { dispose: () => void this.disposed++ };
  }
}

describe('a part inside the core', () => {
  const instances: PartInstance[] = [];

  function launch(module: PartModule): PartInstance {
    const instance = new InProcessLauncher(module).launch();
    instances.push(instance);
    return instance;
  }

  function exitOf(instance: PartInstance): Promise<PartExit> {
    return new Promise((resolve) => instance.onDidExit(resolve));
  }

  afterEach(() => {
    for (const instance of instances.splice(0)) instance.dispose();
  });

  it('returns copies over its channel', async () => {
    const part = new EchoPart('encoder');
    const instance = launch(part);
    assert.equal(instance.pid, process.pid);
    const connection = new RpcConnection(instance.control, { peer: 'encoder' });
    connection.listen();
    const value = { deep: ['value'] };
    const answer = await connection.sendRequest(Echo, value);
    assert.deepEqual(answer, value);
    assert.notEqual(answer, value);
    connection.dispose();
  });

  it('is disposed of once when it is killed', async () => {
    const part = new EchoPart('encoder');
    const instance = launch(part);
    const exit = exitOf(instance);
    let disposedAtExit = 0;
    instance.onDidExit(() => {
      disposedAtExit = part.disposed;
    });
    instance.kill('SIGTERM');
    instance.kill('SIGKILL');
    assert.deepEqual(await exit, { code: null, signal: 'SIGTERM' });
    assert.equal(disposedAtExit, 1);
    instance.kill('SIGKILL');
    assert.equal(part.disposed, 1);
  });

  it('has a channel for frames if it is a host of plugins, until its end', async () => {
    const part = new EchoPart('extension-host');
    const instance = launch(part);
    const { frames } = part.contexts[0] ?? {};
    const received = new Promise((resolve) => instance.frames?.once('data', resolve));
    frames?.write('pixels');
    assert.equal(String(await received), 'pixels');
    const exit = exitOf(instance);
    instance.kill('SIGKILL');
    await exit;
    assert.deepEqual([frames?.destroyed, instance.frames?.destroyed], [true, true]);
    const other = new EchoPart('live-server');
    assert.equal(launch(other).frames ?? other.contexts[0]?.frames, undefined);
  });

  it('exits without ending the core', async () => {
    const part = new EchoPart('extension-host');
    const exit = exitOf(launch(part));
    part.contexts[0]?.exit(ExitCodes.badSettings);
    assert.deepEqual(await exit, { code: ExitCodes.badSettings, signal: null });
    assert.equal(part.disposed, 1);
  });

  it('that fails to start counts as crashed, with the reason', async () => {
    const log: string[] = [];
    const instance = launch({
      role: 'encoder',
      initializeResult: { capabilities: {} },
      activate: () => {
        throw new Error('no luck');
      },
    });
    instance.onDidLog((line) => log.push(line));
    assert.deepEqual(await exitOf(instance), { code: ExitCodes.crash, signal: null });
    assert.match(log.join(), /no luck/);
  });

  it('is supervised like a process', async () => {
    const part = new EchoPart('encoder');
    const supervisor = new PartSupervisor({
      launcher: new InProcessLauncher(part),
      logLevel: 'info',
      spare: true,
      limits: { spareDelayMs: 0 },
    });
    const ready: ReadyPart[] = [];
    const reasons: string[] = [];
    supervisor.onDidBecomeReady((active) => ready.push(active));
    supervisor.onDidEnd(({ reason }) => reasons.push(reason?.message ?? 'expected'));
    supervisor.start();
    await eventually('the spare', () => (part.contexts.length === 2 ? true : undefined));
    const [first] = ready;
    assert.ok(first);
    part.contexts[0]?.exit(ExitCodes.crash);
    const second = await eventually('the spare as the active one', () => ready[1]);
    await assert.rejects(first.connection.sendRequest(Echo, {}), { code: ErrorCodes.rpcClosed });
    assert.deepEqual(await second.connection.sendRequest(Echo, { back: true }), { back: true });
    await supervisor.stop(5000);
    assert.deepEqual(reasons, ['The encoder exited unexpectedly with code 1.', 'expected']);
    assert.equal(supervisor.state, 'stopped');
    assert.equal(part.disposed, part.contexts.length);
    supervisor.dispose();
  });
});
