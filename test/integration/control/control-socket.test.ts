import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, linkSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Disposable } from 'vscode-jsonrpc';
import { takeProcessLock } from '../../../src/config/process-lock.js';
import { connectToCore } from '../../../src/control-client/connect-to-core.js';
import { listenOnControlSocket } from '../../../src/core/control/control-socket.js';
import { CONTROL_ADMITTED, CONTROL_REFUSED } from '../../../src/protocol/control.js';
import { tempDir } from '../../support/temp.js';

/** Leaves a socket without a listener behind, like a core that was killed. */
async function leaveStale(address: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${address}.live`, resolve));
  linkSync(`${address}.live`, address);
  await new Promise((resolve) => server.close(resolve));
}

async function answerTo(address: string, line: string): Promise<string> {
  const socket = connect(address);
  socket.on('error', () => {});
  let answer = '';
  socket.on('data', (bytes) => {
    answer += bytes;
    if (answer.includes('\n')) socket.destroy();
  });
  socket.write(line);
  await once(socket, 'close');
  return answer.trim();
}

describe('the control socket', function () {
  if (process.platform === 'win32') return;
  this.timeout(30_000);
  let folder: ReturnType<typeof tempDir>;
  let address: string;
  let clients: Socket[];
  const held: Disposable[] = [];

  const listen = async () => {
    const socket = await listenOnControlSocket(address, (client) => clients.push(client));
    held.push(socket);
    return socket;
  };

  beforeEach(() => {
    folder = tempDir('control');
    address = join(folder.path, 'core.sock');
    clients = [];
  });

  afterEach(() => {
    for (const item of held.splice(0)) item.dispose();
    folder.dispose();
  });

  it('admits a client that sends the token, and handles the messages sent with it', async () => {
    await listen();
    const token = readFileSync(`${address}.token`, 'utf8');
    const socket = connect(address);
    socket.write(`${token}\nfirst words`);
    assert.equal(String((await once(socket, 'data'))[0]), `${CONTROL_ADMITTED}\n`);
    const [client] = clients;
    assert.ok(client !== undefined);
    assert.equal(String((await once(client, 'data'))[0]), 'first words');
    socket.destroy();
  });

  it('closes the connection of a client with a wrong token, none, or an endless one', async () => {
    await listen();
    for (const line of ['wrong\n', '\n', 'x'.repeat(5000)])
      assert.equal(await answerTo(address, line), CONTROL_REFUSED);
    assert.equal(clients.length, 0);
  });

  it('closes the connection of a silent client', async () => {
    await listen();
    assert.equal(await answerTo(address, ''), CONTROL_REFUSED);
  });

  it('admits a client with the token, however many others send none', async () => {
    await listen();
    let ended = false;
    /** Clients that reconnect immediately after a refusal: some silent, some with a wrong token. */
    const flood = Array.from({ length: 300 }, async (_, index) => {
      while (!ended) {
        const socket = connect(address);
        socket.on('error', () => {});
        socket.resume();
        if (index % 3 === 0) socket.write('wrong\n');
        await new Promise((resolve) => socket.on('close', resolve));
      }
    });
    try {
      for (let turn = 0; turn < 20; turn++) {
        const client = await connectToCore(address);
        client.destroy();
        await delay(25);
      }
    } finally {
      ended = true;
      for (const item of held.splice(0)) item.dispose();
      await Promise.all(flood);
    }
  });

  it('rejects further clients at its maximum number, and keeps the admitted ones', async () => {
    await listen();
    const admitted: Socket[] = [];
    try {
      for (let n = 0; n < 128; n++) admitted.push(await connectToCore(address));
      await assert.rejects(connectToCore(address), {
        code: 'rpc.busy',
        message: `the core at ${address} already serves its maximum number of clients`,
      });
      assert.ok(admitted.every(({ destroyed }) => !destroyed));
      admitted.pop()?.destroy();
      admitted.push(await connectToCore(address));
    } finally {
      for (const socket of admitted) socket.destroy();
    }
  });

  it('is not reported as another version when it closes a connection without an answer', async () => {
    const server = createServer((socket) => socket.destroy()).listen(address);
    await once(server, 'listening');
    await assert.rejects(connectToCore(address), {
      code: 'rpc.busy',
      message: `the core at ${address} closed the connection without an answer`,
    });
    server.close();
  });

  it('creates a new token each time, readable only by its user and removed at its end', async () => {
    const first = await listen();
    const before = readFileSync(`${address}.token`, 'utf8');
    assert.match(before, /^[0-9a-f]{64}$/);
    assert.equal(statSync(`${address}.token`).mode & 0o777, 0o600);
    first.dispose();
    assert.ok(!existsSync(`${address}.token`));
    await listen();
    assert.notEqual(readFileSync(`${address}.token`, 'utf8'), before);
  });

  it('tells a client that it was rejected', async () => {
    await listen();
    rmSync(`${address}.token`);
    await assert.rejects(connectToCore(address), { code: 'permission.denied' });
  });

  it("rejects a second core, and keeps the first one's token", async () => {
    await listen();
    await assert.rejects(listen(), { code: 'core.alreadyRunning' });
    (await connectToCore(address)).destroy();
    assert.deepEqual(readdirSync(folder.path).sort(), ['core.sock', 'core.sock.token']);
  });

  it('does not replace a file that is not a socket, or the socket of another program', async () => {
    writeFileSync(address, 'a file of the user');
    await assert.rejects(listen(), {
      code: 'config.invalid',
      message: `cannot listen at ${address}: something that is not a socket exists there`,
    });
    assert.equal(readFileSync(address, 'utf8'), 'a file of the user');
    rmSync(address);

    const other = createServer((socket) => socket.destroy()).listen(address);
    await once(other, 'listening');
    await assert.rejects(listen(), { code: 'core.alreadyRunning' });
    assert.ok(existsSync(address));
    other.close();
  });

  it('reports that the lock is held and no core answers', async () => {
    const lock = await takeProcessLock(address);
    await assert.rejects(listen(), {
      code: 'core.alreadyRunning',
      message: `another process has the lock of ${address}, and no core answers there`,
    });
    lock?.dispose();
    await listen();
  });

  it('is taken by one of several cores that find the same leftover socket', async () => {
    for (let round = 0; round < 20; round++) {
      await leaveStale(address);
      const results = await Promise.allSettled([listen(), listen(), listen()]);
      const winners = results.filter(({ status }) => status === 'fulfilled');
      assert.equal(winners.length, 1, JSON.stringify(results));
      (await connectToCore(address)).destroy();
      assert.deepEqual(readdirSync(folder.path).sort(), ['core.sock', 'core.sock.token']);
      for (const item of held.splice(0)) item.dispose();
      assert.deepEqual(readdirSync(folder.path), []);
    }
  });
});
