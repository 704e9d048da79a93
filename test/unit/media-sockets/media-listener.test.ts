import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import sinon from 'sinon';
import { MediaListener } from '../../../src/core/media-sockets/media-listener.js';
import type { MediaSocket } from '../../../src/core/media-sockets/media-sockets.js';
import { MEDIA_ACCEPTED, type MediaAddress } from '../../../src/protocol/encoder.js';
import { readLine } from '../../../src/rpc/read-line.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const MIB = 1024 * 1024;

/** What was received from a run. */
class Received {
  readonly chunks: Buffer[] = [];
  ends = 0;

  constructor(run: MediaSocket) {
    run.read(
      (chunk) => this.chunks.push(chunk),
      () => void this.ends++,
    );
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  get bytes(): number {
    return this.chunks.reduce((sum, { length }) => sum + length, 0);
  }
}

const ACCEPTS_CONNECTIONS = '00010000';

function listenersOf(path: string): number {
  const sockets = readFileSync('/proc/net/unix', 'utf8').split('\n');
  return sockets.filter((line) => line.endsWith(` ${path}`) && line.split(' ')[3] === ACCEPTS_CONNECTIONS)
    .length;
}

describe('MediaListener', () => {
  let dir: TempDir;
  let control: string;
  let path: string;
  let listener: MediaListener;
  let warnings: string[];
  /** Fakes only `performance`: timers are real. */
  let clock: sinon.SinonFakeTimers;
  const senders: Socket[] = [];

  const newListener = () =>
    new MediaListener(
      { address: control },
      { trace() {}, debug() {}, info() {}, warn: (message) => warnings.push(message), error() {} },
    );

  beforeEach(async () => {
    clock = sinon.useFakeTimers({ toFake: ['performance'], now: 1e6 });
    dir = tempDir('media');
    control = join(dir.path, 'own', 'core.sock');
    mkdirSync(join(dir.path, 'own'), { mode: 0o700 });
    path = `${control}.media`;
    warnings = [];
    listener = newListener();
    await listener.start();
  });

  afterEach(() => {
    clock.restore();
    for (const sender of senders.splice(0)) sender.destroy();
    listener.dispose();
    dir.dispose();
  });

  function dial(greeting?: string | Buffer): Socket {
    const socket = connect(path);
    senders.push(socket);
    socket.on('error', () => {});
    if (greeting !== undefined) socket.write(greeting);
    return socket;
  }

  async function send({ path: to, token }: MediaAddress): Promise<Socket> {
    assert.equal(to, path);
    const socket = dial(`${token}\n`);
    assert.equal(await readLine(socket, 5000), MEDIA_ACCEPTED);
    return socket;
  }

  const isClosed = (socket: Socket) =>
    new Promise<void>((resolve) => {
      if (socket.closed) resolve();
      else socket.resume().once('close', () => resolve());
    });

  it('gives each connection to the run whose token it shows', async () => {
    const runs = [listener.open(), listener.open()];
    const [first, second] = runs.map((run) => new Received(run));
    const [one, other] = await Promise.all(runs.map(async ({ address }) => send(await address)));
    other?.write('other');
    one?.write('one');
    await eventually('both', () => (first?.text === 'one' && second?.text === 'other' ? true : undefined));
    one?.end();
    await eventually('the end of the one', () => first?.ends || undefined);
    assert.deepEqual([first?.ends, second?.ends], [1, 0]);
  });

  it('reads from the first byte after the token on, also when it came with it', async () => {
    const run = listener.open();
    const { token } = await run.address;
    dial(`${token}\nFLV`).end();
    await new Promise((resolve) => setImmediate(resolve));
    const received = new Received(run);
    await eventually('the end', () => received.ends || undefined);
    assert.equal(received.text, 'FLV');
  });

  it('takes one connection for each token, and refuses others', async () => {
    const run = listener.open();
    const received = new Received(run);
    const address = await run.address;
    const sender = await send(address);
    const late = dial(`${address.token}\n`);
    await isClosed(late);
    assert.match(warnings.join(), /refused an unexpected connection/);
    sender.write('still');
    await eventually('the media', () => (received.text === 'still' ? true : undefined));
  });

  it('refuses what shows no token, and loses nothing by it', async () => {
    const run = listener.open();
    const received = new Received(run);
    const { token } = await run.address;
    const refused = [
      dial('x'.repeat(64)).end(),
      dial(`${token.replace(/./g, '0')}\n`),
      dial(`${token}`).end(),
      dial(`${token.toUpperCase()}!\n`),
      dial(Buffer.alloc(16 * MIB, 0xff)),
    ];
    await Promise.all(refused.map(isClosed));
    const sender = await send(await run.address);
    sender.write('media');
    await eventually('the media', () => (received.text === 'media' ? true : undefined));
  });

  it('has room for the one that is awaited, however many say nothing', async () => {
    const crowd = Array.from({ length: 300 }, () => dial());
    await Promise.all(crowd.slice(-10).map((socket) => once(socket, 'connect')));
    const run = listener.open();
    await send(await run.address);
  });

  it('reports a flood of refused connections a few times, with their number', async () => {
    for (let count = 0; count < 30; count++) await isClosed(dial('nonsense\n'));
    assert.equal(warnings.length, 5);
  });

  it('leaves unread what nobody reads yet', async () => {
    const run = listener.open();
    const sender = await send(await run.address);
    let written = false;
    sender.write(Buffer.alloc(8 * MIB), () => {
      written = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(written, false);
    const received = new Received(run);
    sender.end();
    await eventually('the end', () => received.ends || undefined);
    assert.equal(received.bytes, 8 * MIB);
  });

  it('sends the other way, and waits until it was read', async () => {
    const run = listener.open();
    await run.send([Buffer.from('nobody is there yet')]);
    const sender = await send(await run.address);
    await run.send([Buffer.from('head '), Buffer.from('pixels')]);
    let isSent = false;
    const large = run.send([Buffer.alloc(8 * MIB, 'x')]).then(() => {
      isSent = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(isSent, false);
    let text = '';
    sender.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await large;
    await eventually('all of it', () => (text.length === 11 + 8 * MIB ? true : undefined));
    assert.ok(text.startsWith('head pixelsx'));
  });

  it('goes on reading after it could not send, and sends nothing after the end', async () => {
    const run = listener.open();
    const received = new Received(run);
    const sender = await send(await run.address);
    const unread = run.send([Buffer.alloc(8 * MIB)]);
    sender.destroy();
    await unread;
    await eventually('the end', () => received.ends || undefined);
    await run.send([Buffer.from('late')]);
    assert.equal(received.ends, 1);
  });

  it('takes no connection for a run that was retired', async () => {
    const run = listener.open();
    const received = new Received(run);
    const { token } = await run.address;
    run.retire();
    run.retire();
    assert.equal(received.ends, 1);
    await isClosed(dial(`${token}\n`));
  });

  it('closes the connection of a run that is retired before anybody has read it', async () => {
    const run = listener.open();
    const sender = await send(await run.address);
    run.retire();
    await isClosed(sender);
    assert.equal(new Received(run).ends, 1);
  });

  it('reads what a retired run has sent, and waits 2 s for its end', async () => {
    const run = listener.open();
    const received = new Received(run);
    const sender = await send(await run.address);
    clock.restore();
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      sender.write('last');
      run.retire();
      clock.tick(1999);
      for (let turn = 0; turn < 100 && received.text === ''; turn++)
        await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual([received.text, received.ends], ['last', 0]);
      clock.tick(1);
      await isClosed(sender);
      assert.equal(received.ends, 1);
      assert.equal(clock.countTimers(), 0);
    } finally {
      clock.restore();
    }
  });

  it('waits no longer than for the end of what a retired run sends', async () => {
    const run = listener.open();
    const received = new Received(run);
    const sender = await send(await run.address);
    clock.restore();
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      run.retire();
      assert.equal(clock.countTimers(), 1);
      sender.end();
      await isClosed(sender);
      for (let turn = 0; turn < 100 && received.ends === 0; turn++)
        await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual([received.ends, clock.countTimers()], [1, 0]);
    } finally {
      clock.restore();
    }
  });

  it('is for its user alone', () => {
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('asks the disk at most every 2 s whether its socket is still there', async () => {
    rmSync(path);
    assert.equal((await listener.open().address).path, path);
    assert.ok(!existsSync(path));
    clock.tick(2000);
    await send(await listener.open().address);
  });

  it('makes its socket again when that was removed with its folder', async () => {
    const known = listener.open();
    const connected = new Received(known);
    const before = await send(await known.address);
    clock.tick(2000);
    rmSync(join(dir.path, 'own'), { recursive: true });
    const [run, another] = [listener.open(), listener.open()];
    await Promise.all([run, another].map(async ({ address }) => send(await address)));
    assert.equal(statSync(join(dir.path, 'own')).mode & 0o777, 0o700);
    assert.deepEqual(
      warnings.map((warning) => /was removed/.test(warning)),
      [true],
    );
    before.write('on');
    await eventually('the media of before', () => (connected.text === 'on' ? true : undefined));
  });

  it('makes its socket again where something else has its name', async () => {
    clock.tick(2000);
    rmSync(path);
    const foreign = createServer().listen(path);
    await once(foreign, 'listening');
    try {
      const run = listener.open();
      await send(await run.address);
      // Of the two that listen one is the other's.
      if (process.platform === 'linux') assert.equal(listenersOf(path), 2);
    } finally {
      foreign.close();
    }
  });

  it('gives no address as long as it cannot make its socket again', async () => {
    clock.tick(2000);
    rmSync(join(dir.path, 'own'), { recursive: true });
    writeFileSync(join(dir.path, 'own'), '');
    const run = listener.open();
    await assert.rejects(run.address, { code: 'process.failed', message: /cannot be created again/ });
    run.retire();
    rmSync(join(dir.path, 'own'));
    await send(await listener.open().address);
  });

  it('takes the place of the socket that a dead core has left', async () => {
    listener.dispose();
    writeFileSync(`${control}.other`, '');
    const left = createServer().listen(path);
    await once(left, 'listening');
    listener = newListener();
    await listener.start();
    await send(await listener.open().address);
    assert.ok(existsSync(`${control}.other`));
    left.close();
  });

  it('does not begin where something stands that is no socket, and leaves it', async () => {
    listener.dispose();
    writeFileSync(path, 'mine');
    listener = newListener();
    await assert.rejects(listener.start(), {
      code: 'config.invalid',
      message: `cannot listen at ${path}: something that is not a socket exists there`,
    });
    assert.equal(readFileSync(path, 'utf8'), 'mine');
  });

  it('leaves nothing behind', () => {
    const waiting = new Received(listener.open());
    listener.dispose();
    assert.deepEqual(readdirSync(join(dir.path, 'own')), []);
    assert.equal(waiting.ends, 1);
  });
});
