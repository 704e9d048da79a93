import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import {
  ExitNotification,
  HeartbeatRequest,
  InitializeRequest,
  PROTOCOL_VERSION,
  ShutdownRequest,
} from '../../../src/protocol/lifecycle.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';

const program = fileURLToPath(new URL('./fixtures/part-process.js', import.meta.url));

/** All output, or none if the test closes the stream. */
function log(stream: Readable | null): Promise<string> {
  return stream === null ? Promise.resolve('') : text(stream).catch(() => '');
}

/** A process started like a part's. */
class PartProcess {
  readonly child: ChildProcess;
  readonly core: RpcConnection;
  readonly stdout: Promise<string>;
  readonly stderr: Promise<string>;
  private readonly exited: Promise<[number | null, NodeJS.Signals | null]>;

  constructor(behaviour = 'good') {
    this.child = spawn(process.execPath, [program, behaviour], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    this.core = new RpcConnection(this.child.stdio[3] as unknown as Duplex, { peer: 'part' });
    this.stdout = log(this.child.stdout);
    this.stderr = log(this.child.stderr);
    this.exited = once(this.child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    this.core.listen();
  }

  initialize() {
    return this.core.sendRequest(InitializeRequest.type, {
      protocolVersion: PROTOCOL_VERSION,
      role: 'live-server',
      parentPid: process.pid,
      logLevel: 'info',
    });
  }

  async exitCode(): Promise<number | null> {
    const [code] = await this.exited;
    this.core.dispose();
    return code;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited.catch(() => {});
    this.core.dispose();
  }
}

describe('runPartProcess', () => {
  let part: PartProcess | undefined;

  function start(behaviour?: string): PartProcess {
    part = new PartProcess(behaviour);
    return part;
  }

  afterEach(async () => {
    await part?.kill();
    part = undefined;
  });

  it('serves its module on descriptor 3 until `exit`', async () => {
    const part = start();
    assert.equal((await part.initialize()).pid, part.child.pid);
    assert.equal(await part.core.sendRequest(HeartbeatRequest.type, {}), null);
    await part.core.sendRequest(ShutdownRequest.type);
    part.core.sendNotification(ExitNotification.type);
    assert.equal(await part.exitCode(), ExitCodes.ok);
    assert.match(await part.stdout, /disposed/);
    assert.equal(await part.stderr, '');
  });

  it('is disposed of and exits when the core has exited', async () => {
    const part = start();
    await part.initialize();
    part.core.dispose();
    assert.equal(await part.exitCode(), ExitCodes.parentGone);
    assert.match(await part.stdout, /disposed/);
  });

  it('keeps running if the core closes its log', async () => {
    const part = start('chatters');
    await part.initialize();
    part.child.stdout?.destroy();
    part.child.stderr?.destroy();
    for (let beat = 0; beat < 20; beat++) await part.core.sendRequest(HeartbeatRequest.type, {});
    part.core.dispose();
    assert.equal(await part.exitCode(), ExitCodes.parentGone);
  });

  for (const [behaviour, message] of [
    ['throws', 'thrown in a callback'],
    ['rejects', 'never caught'],
  ] as const) {
    it(`reports why it crashed, and disposes, if code ${behaviour}`, async () => {
      const part = start(behaviour);
      assert.equal(await part.exitCode(), ExitCodes.crash);
      assert.match(await part.stderr, new RegExp(`The live-server crashed: Error: ${message}\\n +at `));
      assert.match(await part.stdout, /disposed/);
    });
  }

  it('is disposed of and exits on SIGTERM; ignores SIGINT', async () => {
    const part = start();
    await part.initialize();
    part.child.kill('SIGINT');
    await part.core.sendRequest(HeartbeatRequest.type, {});
    part.child.kill('SIGTERM');
    assert.equal(await part.exitCode(), ExitCodes.ok);
    assert.match(await part.stdout, /disposed/);
  });

  it('explains itself if it is started manually', async () => {
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'ignore', 'pipe'] });
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    assert.equal(code, ExitCodes.badSettings);
    assert.equal(stderr, "The live-server is started by Bulkhead's core; do not start it directly.\n");
  });
});
