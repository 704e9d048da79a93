import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, Socket } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { join } from 'node:path';
import { Door } from '../../../src/network-gate/door.js';
import { Lookups } from '../../../src/network-gate/lookups.js';
import { Passage } from '../../../src/network-gate/passage.js';
import type { GateAnswer } from '../../../src/protocol/network-gate.js';
import { hostOf, parseNetworkScope } from '../../../src/protocol/permissions/network-scope.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

/** Resolves when the other side has ended its side, or has closed the connection. */
async function ended(socket: Socket): Promise<void> {
  socket.resume();
  await Promise.race([once(socket, 'end'), once(socket, 'close')]);
}

const scopes = (...texts: string[]) => texts.map(parseNetworkScope);

describe("the network gate's door", () => {
  let folder: TempDir;
  let door: Door;
  let server: Server;
  let port: number;
  let accepted: Socket[];

  beforeEach(async () => {
    folder = tempDir('door');
    accepted = [];
    server = createServer({ allowHalfOpen: true }, (socket) => accepted.push(socket.on('error', () => {})));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
    door = new Door(folder.path);
    await door.opened;
  });

  afterEach(() => {
    door.dispose();
    for (const socket of accepted) socket.destroy();
    server.close();
    folder.dispose();
  });

  async function ask(line: string): Promise<{ readonly answer: GateAnswer; readonly asking: Socket }> {
    const asking = connect(join(folder.path, 'ask')).on('error', () => {});
    asking.write(`${line}\n`);
    const [chunk] = (await once(asking, 'data')) as [Buffer];
    return { answer: JSON.parse(chunk.toString()) as GateAnswer, asking };
  }

  async function open(): Promise<Socket> {
    const { answer } = await ask(`${port} 127.0.0.1`);
    if ('error' in answer) throw new Error(answer.error.message);
    const socket = connect({ path: join(folder.path, answer.way), allowHalfOpen: true }).on(
      'error',
      () => {},
    );
    await once(socket, 'connect');
    return socket;
  }

  const accepting = () => eventually('the connection', () => accepted[0]);

  for (const [line, code] of [
    ['', 'rpc.invalidParams'],
    ['x example.com', 'rpc.invalidParams'],
    ['0 example.com', 'rpc.invalidParams'],
    ['65536 example.com', 'rpc.invalidParams'],
    ['80 exa mple', 'permission.denied'],
    ['80 127.0.0.1', 'permission.denied'],
  ] as const) {
    it(`answers "${line}" with ${code}`, async () => {
      const { answer, asking } = await ask(line);
      assert.equal('error' in answer && answer.error.code, code);
      await once(asking, 'close');
    });
  }

  it('passes on what is sent, each way, and each end by itself', async () => {
    door.setScopes(scopes('127.0.0.1:*'));
    const socket = await open();
    const outside = await accepting();
    socket.end('question');
    const received: string[] = [];
    outside.on('data', (chunk) => received.push(String(chunk)));
    await once(outside, 'end');
    assert.equal(received.join(''), 'question');
    outside.end('answer');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.equal(String(answer), 'answer');
    await once(socket, 'close');
    await eventually('nothing left', () => (readdirSync(folder.path).join() === 'ask' ? true : undefined));
  });

  it('reads from a host only as fast as the plugin does', async () => {
    door.setScopes(scopes('127.0.0.1:*'));
    const socket = await open();
    const outside = await accepting();
    const total = 64 * 1024 * 1024;
    const piece = Buffer.alloc(1024 * 1024);
    let sent = 0;
    const send = () => {
      while (sent < total) {
        sent += piece.length;
        if (!outside.write(piece)) return;
      }
      outside.end();
    };
    outside.on('drain', send);
    send();
    socket.pause();
    // What the systems' buffers hold, and no more: it stays the same.
    let before = -1;
    await eventually('it waits', () => {
      const passed = outside.bytesWritten - outside.writableLength;
      const waits = passed === before && passed > 0;
      before = passed;
      return waits ? true : undefined;
    });
    assert.ok(sent < total / 2, `${sent} of ${total}`);
    let received = 0;
    socket.on('data', (chunk) => {
      received += chunk.length;
    });
    socket.resume();
    await once(socket, 'end');
    assert.equal(received, total);
    socket.destroy();
  });

  it('closes what is not allowed any more, and nothing else', async () => {
    door.setScopes(scopes('127.0.0.1:*'));
    const socket = await open();
    await accepting();
    door.setScopes(scopes(`127.0.0.1:${port}`));
    socket.write('still there');
    await once(accepted[0] as Socket, 'data');
    door.setScopes([]);
    await ended(socket);
  });

  it('closes a connection whose host ends it at once, or whose plugin does', async () => {
    door.setScopes(scopes('127.0.0.1:*'));
    const first = await open();
    (await accepting()).resetAndDestroy();
    await ended(first);
    accepted = [];
    const second = await open();
    const outside = await accepting();
    second.destroy();
    await ended(outside);
  });

  it('withdraws a way that nobody takes once the question is', async () => {
    door.setScopes(scopes('127.0.0.1:*'));
    const { answer, asking } = await ask(`${port} 127.0.0.1`);
    assert.ok(!('error' in answer));
    const outside = await accepting();
    asking.destroy();
    await ended(outside);
    assert.deepEqual(readdirSync(folder.path), ['ask']);
  });

  it('has at most 64 connections', async () => {
    door.setScopes(scopes('127.0.0.1:*'));
    const all = await Promise.all(Array.from({ length: 64 }, () => open()));
    const { answer } = await ask(`${port} 127.0.0.1`);
    assert.equal('error' in answer && answer.error.code, 'rpc.busy');
    for (const socket of all) socket.destroy();
    for (const socket of accepted) socket.destroy();
    await eventually('room', async () =>
      'way' in (await ask(`${port} 127.0.0.1`)).answer ? true : undefined,
    );
  });

  it('counts lookups that nobody waits for any more, until they end', async () => {
    door.dispose();
    const ends: (() => void)[] = [];
    const lookups = new Lookups(() => new Promise((resolve) => ends.push(() => resolve([]))));
    door = new Door(folder.path, lookups);
    await door.opened;
    door.setScopes(scopes('*.example.com', '127.0.0.1:*'));
    const questions = ['a', 'b', 'c'].map((name) => {
      const asking = connect(join(folder.path, 'ask')).on('error', () => {});
      asking.write(`80 ${name}.example.com\n`);
      return asking;
    });
    await eventually('the lookups', () => (ends.length === 3 ? true : undefined));
    for (const question of questions) question.destroy();
    await eventually('their end', () => (lookups.abandoned === 3 ? true : undefined));
    const all = await Promise.all(Array.from({ length: 61 }, () => open()));
    const { answer } = await ask(`${port} 127.0.0.1`);
    assert.equal('error' in answer && answer.error.code, 'rpc.busy');
    for (const end of ends) end();
    await eventually('room', () => (lookups.abandoned === 0 ? true : undefined));
    all.push(await open());
    for (const socket of all) socket.destroy();
  });

  it('does not connect when the question is withdrawn during the lookup', async () => {
    const host = hostOf('a.example.com');
    assert.ok(host);
    let answer: (found: { address: string }[]) => void = () => {};
    const lookups = new Lookups(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const passage = new Passage(
      { asking: new Socket(), folder: folder.path, way: '1', host, port, lookups },
      () => {},
    );
    passage.setScopes(scopes('a.example.com:*', '127.0.0.1:*'));
    const opening = passage.open();
    passage.dispose();
    answer([{ address: '127.0.0.1' }]);
    await assert.rejects(opening, { name: 'AbortError' });
    // Accepted after any that the passage made.
    const later = connect(port, '127.0.0.1');
    await once(later, 'connect');
    assert.equal((await accepting()).remotePort, later.localPort);
    later.destroy();
  });

  describe('for a name that another program answers for', () => {
    const own = { address: '127.0.0.1', cidr: '127.0.0.1/8' } as NetworkInterfaceInfo;
    const neighbour = { address: '2001:4860::1', cidr: '2001:4860::1/64' } as NetworkInterfaceInfo;

    async function passageTo(name: string, addresses: string[], ...given: string[]): Promise<GateAnswer> {
      const host = hostOf(name);
      assert.ok(host);
      const lookups = new Lookups(async () => addresses.map((address) => ({ address })));
      const asking = new Socket();
      const interfaces = () => ({ lo: [own], eth0: [neighbour] });
      const passage = new Passage(
        { asking, folder: folder.path, way: '1', host, port, lookups, interfaces },
        () => {},
      );
      passage.setScopes(scopes(...given));
      try {
        return await passage.open();
      } finally {
        passage.dispose();
      }
    }

    it('does not connect to this computer', async () => {
      await assert.rejects(passageTo('rebind.example', ['127.0.0.1'], 'rebind.example:*'), {
        code: 'permission.denied',
        message:
          /that is 127\.0\.0\.1, which a permission for a name does not include; it needs "network:127\.0\.0\.1:\d+" as well/,
      });
      await assert.rejects(passageTo('rebind.example', ['::ffff:127.0.0.1'], 'rebind.example:*'), {
        code: 'permission.denied',
      });
      assert.equal(accepted.length, 0);
    });

    it('does not connect to a public address of this computer, or of its network', async () => {
      for (const address of ['2001:4860::1', '2001:4860::2']) {
        await assert.rejects(passageTo('rebind.example', [address], 'rebind.example:*'), {
          code: 'permission.denied',
          message: new RegExp(`that is ${address}, which a permission for a name does not include`),
        });
      }
    });

    it('connects to it when that is permitted, too', async () => {
      const answer = await passageTo(
        'rebind.example',
        ['10.0.0.1', '127.0.0.1'],
        'rebind.example:*',
        '127.0.0.1:*',
      );
      assert.equal('address' in answer && answer.address, '127.0.0.1');
    });
  });
});
