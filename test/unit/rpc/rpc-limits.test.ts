import assert from 'node:assert/strict';
import { RequestType } from 'vscode-jsonrpc/node';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import { FakeClock } from '../../support/fake-clock.js';
import {
  Add,
  ConnectedPair,
  closeOf,
  Echo,
  frame,
  Hold,
  type Limits,
  Note,
  RawPeer,
  rejectsWith,
  turn,
  until,
} from './connected-pair.js';

describe('RpcConnection, limits', () => {
  let pair: ConnectedPair | undefined;
  let peer: RawPeer | undefined;

  function connect(client: Limits, server: Limits = {}): ConnectedPair {
    pair = new ConnectedPair(client, server).listen();
    pair.server.onRequest(Add, ({ a, b }) => a + b);
    pair.server.onRequest(Echo, ({ value }) => ({ value }));
    return pair;
  }

  afterEach(() => {
    pair?.dispose();
    peer?.dispose();
    pair = undefined;
    peer = undefined;
  });

  describe('on the size of a message', () => {
    const large = 'x'.repeat(20_000);

    it('refuse to send a request, and keep the connection', async () => {
      const { client } = connect({ receive: { maxBytes: 10_000 }, send: { maxBytes: 10_000 } });
      await rejectsWith(
        client.sendRequest(Echo, { value: large }),
        ErrorCodes.rpcTooLarge,
        /20\d{3} bytes.*10000/,
      );
      assert.equal(await client.sendRequest(Add, { a: 1, b: 1 }), 2);
    });

    it('count bytes, not characters', async () => {
      const { client } = connect({ receive: { maxBytes: 10_000 }, send: { maxBytes: 10_000 } });
      await rejectsWith(client.sendRequest(Echo, { value: '→'.repeat(5000) }), ErrorCodes.rpcTooLarge);
      assert.deepEqual(await client.sendRequest(Echo, { value: 'x'.repeat(5000) }), {
        value: 'x'.repeat(5000),
      });
    });

    it('drop a notification', async () => {
      const { client } = connect({ receive: { maxBytes: 10_000 }, send: { maxBytes: 10_000 } });
      const failed: string[] = [];
      client.onDidFailHandler(({ method }) => failed.push(method));
      assert.equal(client.sendNotification(Note, { value: large }), false);
      assert.deepEqual(failed, ['note']);
    });

    it('fail the call whose answer is too large', async () => {
      const { client, server } = connect({}, { receive: { maxBytes: 10_000 }, send: { maxBytes: 10_000 } });
      server.onRequest(Hold, () => large);
      await rejectsWith(client.sendRequest(Hold, {}), ErrorCodes.rpcTooLarge);
      assert.equal(await client.sendRequest(Add, { a: 1, b: 1 }), 2);
    });

    it('do not apply to the sum of small messages sent together', async () => {
      const { client } = connect(
        { receive: { maxBytes: 1 }, send: { maxBytes: 1 } },
        { receive: { maxBytes: 1 }, send: { maxBytes: 1 } },
      );
      const value = 'x'.repeat(1000);
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => client.sendRequest(Echo, { value })),
      );
      assert.ok(answers.every((answer) => answer.value === value));
    });

    it('are not exceeded by a large message that leaves together with small ones', async () => {
      const { client } = connect(
        { receive: { maxBytes: 10_000 }, send: { maxBytes: 10_000 } },
        { receive: { maxBytes: 10_000 }, send: { maxBytes: 10_000 } },
      );
      const sizes = [1000, 1000, 1000, 9500, 1000, 9500, 9500, 1000, 8000, 190, 8100, 80];
      const answers = await Promise.all(
        sizes.map((size) => client.sendRequest(Echo, { value: 'x'.repeat(size) })),
      );
      assert.deepEqual(
        answers.map(({ value }) => String(value).length),
        sizes,
      );
    });

    it('close a connection that receives more', async () => {
      const { client, server } = connect({}, { receive: { maxBytes: 10_000 }, send: { maxBytes: 10_000 } });
      const closed = closeOf(server);
      const call = client.sendRequest(Echo, { value: large });
      await rejectsWith(call, ErrorCodes.rpcClosed);
      await rejectsWith(Promise.reject(await closed), ErrorCodes.rpcFraming, /20\d{3} bytes/);
    });
  });

  describe('on the shape of a message', () => {
    const limits = { maxDepth: 8, maxElements: 1000 };
    const deep = (depth: number): unknown => (depth === 0 ? 0 : [deep(depth - 1)]);

    for (const [what, value, pattern] of [
      ['nested too deep', deep(9), /nested deeper than 8/],
      ['large, and nested too deep', [deep(9), 'x'.repeat(10_000)], /nested deeper than 8/],
      ['made of too many elements', Array(5000).fill(0), /made of more than 1000 elements/],
    ] as const) {
      it(`refuse to send one that is ${what}, and keep the connection`, async () => {
        const { client, server } = connect({ send: limits });
        await rejectsWith(client.sendRequest(Echo, { value }), ErrorCodes.rpcTooLarge, pattern);
        server.onRequest(Hold, () => value);
        assert.deepEqual(await client.sendRequest(Hold, {}), value, 'the other way has limits of its own');
      });

      it(`close a connection that receives one that is ${what}`, async () => {
        const { client, server } = connect({}, { receive: limits });
        const closed = closeOf(server);
        await rejectsWith(client.sendRequest(Echo, { value }), ErrorCodes.rpcClosed);
        await rejectsWith(Promise.reject(await closed), ErrorCodes.rpcFraming, pattern);
      });
    }

    it('close a connection that receives a batch larger than any sent here', async () => {
      peer = new RawPeer();
      peer.connection.listen();
      const closed = closeOf(peer.connection);
      const message = { jsonrpc: '2.0', method: 'note', params: { value: 'x'.repeat(1000) } };
      peer.end.write(frame(Array(9).fill(message)));
      await rejectsWith(
        Promise.reject(await closed),
        ErrorCodes.rpcFraming,
        /a message is not valid: it is not a JSON object/,
      );
    });
  });

  describe('on the requests in flight', () => {
    it('refuse a call beyond them immediately, and accept calls again after answers', async () => {
      const { client, server } = connect({ maxInFlight: 3 });
      const answers: (() => void)[] = [];
      server.onRequest(Hold, ({ id }) => new Promise((resolve) => answers.push(() => resolve(id))));
      const calls = [1, 2, 3].map((id) => client.sendRequest(Hold, { id }));
      await rejectsWith(client.sendRequest(Hold, { id: 4 }), ErrorCodes.rpcBusy, /3 calls/);
      await until(() => answers.length === 3);
      answers.shift()?.();
      assert.equal(await calls[0], 1);
      const fourth = client.sendRequest(Hold, { id: 4 });
      await until(() => answers.length === 3);
      for (const answer of answers) answer();
      assert.deepEqual(await Promise.all([...calls, fourth]), [1, 2, 3, 4]);
    });

    it('are released when calls time out', async () => {
      const { client, server } = connect({ maxInFlight: 2 });
      server.onRequest(Hold, () => new Promise(() => {}));
      for (let id = 0; id < 10; id++) {
        const call = client.sendRequest(Hold, { id }, { deadlineMs: 1 });
        await rejectsWith(call, ErrorCodes.rpcTimeout);
      }
      assert.equal(await client.sendRequest(Add, { a: 1, b: 1 }), 2);
    });

    it('refuse the requests of a peer that sends more, and answer the rest', async () => {
      const { client, server } = connect({}, { maxInFlight: 3 });
      let running = 0;
      let most = 0;
      server.onRequest(Hold, async ({ id }) => {
        running += 1;
        most = Math.max(most, running);
        await turn();
        running -= 1;
        return id;
      });
      const calls = Array.from({ length: 20 }, (_, id) => client.sendRequest(Hold, { id }));
      const results = await Promise.allSettled(calls);
      assert.deepEqual(
        results.map(({ status }) => status),
        results.map((_, id) => (id < 3 ? 'fulfilled' : 'rejected')),
      );
      assert.equal(most, 3);
      for (const call of calls.slice(3)) await rejectsWith(call, ErrorCodes.rpcBusy, /hold was refused/);
      assert.equal(await client.sendRequest(Hold, { id: 21 }), 21);
    });
  });

  describe('on the bytes that wait to be sent', () => {
    const value = 'x'.repeat(10_000);

    it('refuse calls and notifications while the peer does not read, and accept them again when it does', async () => {
      peer = new RawPeer({ maxQueuedBytes: 100_000 });
      const { connection, near, end } = peer;
      connection.listen();
      let sent = 0;
      while (connection.sendNotification(Note, { value })) {
        sent += 1;
        assert.ok(sent < 1000, 'the queue has no end');
        await turn();
      }
      assert.ok(near.writableLength < 150_000, `${near.writableLength} bytes wait`);
      await rejectsWith(connection.sendRequest(Echo, { value }), ErrorCodes.rpcBusy, /bytes wait/);
      end.resume();
      await until(() => near.writableLength === 0);
      assert.equal(connection.sendNotification(Note, { value }), true);
    });

    it('apply when everything is sent in one tick', () => {
      peer = new RawPeer({ maxQueuedBytes: 100_000 });
      peer.connection.listen();
      let sent = 0;
      while (peer.connection.sendNotification(Note, { value })) sent += 1;
      assert.ok(sent >= 9 && sent <= 11, `${sent} were taken`);
    });

    it('do not stop a peer that does take its answers', async () => {
      const { client } = connect({}, { maxQueuedBytes: 10 });
      const calls: Promise<number>[] = [];
      for (let a = 0; a < 20; a++) {
        calls.push(client.sendRequest(Add, { a, b: 1 }, { deadlineMs: 3000 }));
        await turn();
      }
      assert.equal((await Promise.all(calls)).length, 20);
    });

    it('stop reading a peer that keeps asking and never reads answers', async () => {
      peer = new RawPeer({ maxQueuedBytes: 100_000 });
      const { connection, near, end } = peer;
      let handled = 0;
      connection.onRequest(Hold, () => {
        handled += 1;
        return value;
      });
      connection.listen();
      const ask = frame({ jsonrpc: '2.0', id: 1, method: 'hold', params: {} });
      for (let n = 0; n < 200 && !end.writableNeedDrain; n++) {
        end.write(Buffer.concat(Array.from({ length: 10 }, () => ask)));
        await turn();
        await turn();
      }
      assert.ok(near.isPaused(), 'it is still read');
      const before = handled;
      assert.ok(near.writableLength < 400_000, `${near.writableLength} bytes wait`);
      for (let n = 0; n < 20; n++) await turn();
      assert.equal(handled, before);
      end.resume();
      end.write(ask);
      await until(() => handled > before);
    });
  });

  describe('on what reading a peer may cost', () => {
    const note = (count: number) =>
      frame({ jsonrpc: '2.0', method: 'note', params: { value: 'x'.repeat(count) } });

    it('slow a peer that sends too much, and lose nothing', async () => {
      const budget = { bytesPerSecond: 500_000, cpuMsPerSecond: 1000, burstMs: 20, patienceMs: 60_000 };
      peer = new RawPeer({ budget });
      let noted = 0;
      peer.connection.onNotification(Note, () => (noted += 1));
      peer.connection.listen();
      const sinceMs = performance.now();
      for (let i = 0; i < 100; i++) peer.end.write(note(1000));
      await until(() => noted === 100);
      const elapsedMs = performance.now() - sinceMs;
      assert.ok(elapsedMs > 150, `100 kB at 500 kB/s took ${elapsedMs.toFixed(0)} ms`);
      assert.ok(performance.now() - peer.connection.slowedAtMs < 1000);
      assert.equal(peer.connection.closed, false);
    });

    it('close the connection of a peer that does not stop', async () => {
      const budget = { bytesPerSecond: 100_000, cpuMsPerSecond: 1000, burstMs: 20, patienceMs: 100 };
      peer = new RawPeer({ budget });
      peer.connection.onNotification(Note, () => {});
      peer.connection.listen();
      const { end, connection } = peer;
      const closed = closeOf(connection);
      const flood = () => {
        while (!connection.closed && end.write(note(1000)));
      };
      end.on('drain', flood);
      flood();
      await rejectsWith(Promise.reject(await closed), ErrorCodes.rpcFlooded);
      assert.ok(connection.receivedBytes < 200_000, `${connection.receivedBytes} bytes were read`);
    });

    it('serve others between its messages', async () => {
      peer = new RawPeer();
      let noted = 0;
      peer.connection.onNotification(Note, () => {
        noted += 1;
        const endMs = performance.now() + 1;
        while (performance.now() < endMs);
      });
      peer.connection.listen();
      peer.end.write(Buffer.concat(Array.from({ length: 100 }, () => note(10))));
      await until(() => noted > 0);
      assert.ok(noted < 60, `${noted} messages were handled in one turn`);
      await until(() => noted === 100);
    });

    it('do not charge a peer for answers to requests', async () => {
      const budget = { bytesPerSecond: 1e9, cpuMsPerSecond: 0.001, burstMs: 20, patienceMs: 100 };
      const { client } = connect({ budget });
      for (let i = 0; i < 20; i++) assert.equal(await client.sendRequest(Add, { a: i, b: 1 }), i + 1);
      assert.equal(client.slowedAtMs, Number.NEGATIVE_INFINITY);
    });
  });

  it('on the bytes of requests in flight refuse a request beyond them', async () => {
    const { client, server } = connect({}, { maxInFlightBytes: 20_000 });
    const answers: (() => void)[] = [];
    server.onRequest(Hold, () => new Promise((resolve) => answers.push(() => resolve(null))));
    const hold = (bytes: number) => client.sendRequest(Hold, { text: 'x'.repeat(bytes) } as never);
    const first = hold(15_000);
    await rejectsWith(hold(9000), ErrorCodes.rpcBusy, /calls of 15\d{3} bytes/);
    const second = hold(1000);
    await until(() => answers.length === 2);
    for (const answer of answers) answer();
    await Promise.all([first, second]);
    const third = hold(9000);
    await until(() => answers.length === 3);
    answers[2]?.();
    await third;
  });

  it('on the bytes of requests in flight forget those that were answered, and no others', async () => {
    const { client, server } = connect({}, { maxInFlightBytes: 20_000 });
    const answers: (() => void)[] = [];
    server.onRequest(Hold, () => new Promise((resolve) => answers.push(() => resolve(null))));
    const LongHold = new RequestType<{ text: string }, unknown, void>(Hold.method);
    const hold = (bytes: number) => client.sendRequest(LongHold, { text: 'x'.repeat(bytes) });
    const calls = [hold(9500), hold(9500)];
    await until(() => answers.length === 2);
    answers[0]?.();
    await calls[0];
    calls.push(hold(9500));
    await until(() => answers.length === 3);
    await rejectsWith(hold(9500), ErrorCodes.rpcBusy, /calls of 19\d{3} bytes/);
    for (const answer of answers) answer();
    await Promise.all(calls);
  });

  it('on the time for an answer are ten seconds by default', async () => {
    const clock = new FakeClock();
    try {
      const { client, server } = connect({});
      server.onRequest(Hold, () => new Promise(() => {}));
      let failed = false;
      const call = rejectsWith(client.sendRequest(Hold, {}), ErrorCodes.rpcTimeout, /within 10000 ms/).then(
        () => {
          failed = true;
        },
      );
      await clock.pass(9999, 1000);
      assert.equal(failed, false);
      await clock.pass(1);
      await call;
    } finally {
      clock.restore();
    }
  });

  it('on what a peer may cancel leave alone what names no call', async () => {
    peer = new RawPeer();
    peer.connection.onRequest(Add, ({ a, b }) => a + b);
    peer.connection.listen();
    let answered = '';
    peer.end.on('data', (chunk: Buffer) => {
      answered += chunk.toString('utf8');
    });
    const cancel = { jsonrpc: '2.0', method: '$/cancelRequest' };
    peer.end.write(frame(cancel));
    peer.end.write(frame({ ...cancel, params: { id: {} } }));
    peer.end.write(frame({ ...cancel, params: { id: 99 } }));
    peer.end.write(frame({ jsonrpc: '2.0', id: 1, method: 'add', params: { a: 1, b: 2 } }));
    await until(() => answered.includes('"result":3'));
    assert.equal(peer.connection.closed, false);
  });

  it('on the size of a frame are 16 MiB by default', async () => {
    for (const [bytes, closes] of [
      [16 * 2 ** 20, false],
      [16 * 2 ** 20 + 1, true],
    ] as const) {
      const raw = new RawPeer();
      raw.connection.listen();
      const header = Buffer.alloc(4);
      header.writeUInt32BE(bytes);
      raw.end.write(header);
      for (let n = 0; n < 5; n++) await turn();
      assert.equal(raw.connection.closed, closes);
      assert.equal(raw.connection.receivedBytes, 4);
      raw.dispose();
    }
  });

  it('on ids refuse a request whose id is being answered', async () => {
    peer = new RawPeer();
    peer.connection.onRequest(Hold, () => new Promise(() => {}));
    peer.connection.listen();
    let answered = '';
    peer.end.on('data', (chunk: Buffer) => {
      answered += chunk.toString('utf8');
    });
    const call = frame({ jsonrpc: '2.0', id: 7, method: 'hold', params: {} });
    peer.end.write(Buffer.concat([call, call]));
    await until(() => answered.includes('"id":7'));
    assert.match(answered, /another call with its id is being answered/);
  });
});
