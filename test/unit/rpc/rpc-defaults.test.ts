import assert from 'node:assert/strict';
import { CancellationTokenSource, NotificationType0, RequestType0 } from 'vscode-jsonrpc/node';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { FakeClock } from '../../support/fake-clock.js';
import { ConnectedPair, closeOf, frame, Hold, Note, RawPeer, rejectsWith, turn } from './connected-pair.js';

const MIB = 1024 * 1024;

describe('RpcConnection, what it is by default and says of itself', () => {
  let peer: RawPeer;

  beforeEach(() => {
    peer = new RawPeer();
  });
  afterEach(() => peer.dispose());

  it('has 4096 calls in flight, and no more', async () => {
    peer.connection.listen();
    const calls = Array.from({ length: 4096 }, () => peer.connection.sendRequest(Hold, {}));
    await rejectsWith(
      peer.connection.sendRequest(Hold, {}),
      ErrorCodes.rpcBusy,
      /4096 calls wait for an answer already/,
    );
    peer.connection.dispose();
    for (const { status } of await Promise.allSettled(calls)) assert.equal(status, 'rejected');
  });

  it('has 32 MiB wait to be sent, and no more', () => {
    peer.connection.listen();
    const value = 'x'.repeat(MIB - 100);
    let sent = 0;
    while (peer.connection.sendNotification(Note, { value })) sent += 1;
    assert.equal(sent, 33);
    assert.ok(peer.connection.queuedBytes > 32 * MIB);
  });

  it('answers requests of 64 MiB at the same time, and no more', async () => {
    const pair = new ConnectedPair().listen();
    try {
      pair.server.onRequest(Hold, () => new Promise(() => {}));
      const texts = [16, 16, 16, 15.5, 0.45].map((mib) => 'x'.repeat(mib * MIB - 1000));
      for (const text of texts) {
        pair.client.sendRequest(Hold, { text } as object).catch(() => {});
        await turn();
        while (pair.clientEnd.writableLength > 0) await turn();
      }
      await rejectsWith(
        pair.client.sendRequest(Hold, { text: 'x'.repeat(0.1 * MIB) } as object),
        ErrorCodes.rpcBusy,
        /hold was refused: calls of \d+ bytes are being answered already/,
      );
      assert.ok(pair.server.receivedBytes > 63.9 * MIB);
    } finally {
      pair.dispose();
    }
  });

  it('takes what brings the queue to its limit, and refuses the next', () => {
    const bytes = frame({ jsonrpc: '2.0', method: 'note', params: { value: 1 } }).length - 4 + 1;
    for (const [maxQueuedBytes, taken] of [
      [2 * bytes, 3],
      [2 * bytes - 1, 2],
    ] as const) {
      const limited = new RawPeer({ maxQueuedBytes });
      limited.connection.listen();
      let sent = 0;
      while (limited.connection.sendNotification(Note, { value: 1 })) sent += 1;
      assert.equal(sent, taken);
      assert.equal(limited.connection.queuedBytes, taken * bytes);
      limited.dispose();
    }
  });

  it('says which methods of the peer have no handler here', async () => {
    const seen: string[] = [];
    peer.connection.onDidReceiveUnknown((method) => seen.push(method));
    peer.connection.onNotification(Note, () => {});
    peer.connection.listen();
    let answers = '';
    peer.end.on('data', (chunk: Buffer) => {
      answers += chunk.toString('latin1');
    });
    for (const message of [{ method: 'note', params: {} }, { method: 'told' }, { method: 'asked', id: 1 }])
      peer.end.write(frame({ jsonrpc: '2.0', ...message }));
    while (answers === '') await turn();
    assert.deepEqual(seen, ['told', 'asked']);
    assert.match(answers, /"code":-32601,"message":"there is no method asked"/);
  });

  it('counts what it has read', async () => {
    peer.connection.listen();
    const bytes = frame({ jsonrpc: '2.0', method: 'told' });
    peer.end.write(Buffer.concat([bytes, bytes.subarray(0, 5)]));
    for (let n = 0; n < 4; n++) await turn();
    assert.equal(peer.connection.receivedBytes, bytes.length + 5);
  });

  it('keeps the error of a handler that was cancelled if it is one of ours', async () => {
    const pair = new ConnectedPair().listen();
    try {
      pair.server.onRequest(
        Hold,
        ({ id }, token) =>
          new Promise((_resolve, reject) =>
            token.onCancellationRequested(() =>
              reject(id === 1 ? new BulkheadError(ErrorCodes.inputBusy, 'in use') : new Error('stopped')),
            ),
          ),
      );
      const source = new CancellationTokenSource();
      const calls = [1, 2].map((id) => pair.client.sendRequest(Hold, { id }, { token: source.token }));
      await turn();
      source.cancel();
      await rejectsWith(calls[0] as Promise<unknown>, ErrorCodes.inputBusy, /^in use$/);
      await assert.rejects(calls[1] as Promise<unknown>, (error: Error) => {
        assert.equal((error as BulkheadError).code, ErrorCodes.rpcCancelled);
        assert.equal(((error.cause as Error).cause as Error).message, 'stopped');
        return true;
      });
      pair.server.onRequest(new RequestType0<null, void>('throws'), () => {
        throw new BulkheadError(ErrorCodes.inputBusy, 'at once');
      });
      await rejectsWith(
        pair.client.sendRequest(new RequestType0<null, void>('throws')),
        ErrorCodes.inputBusy,
        /^at once$/,
      );
    } finally {
      pair.dispose();
    }
  });

  it('refuses calls after its end with what broke it', async () => {
    peer.connection.listen();
    const closed = closeOf(peer.connection);
    const error = new Error('broken');
    peer.near.destroy(error);
    await closed;
    await rejectsWith(
      peer.connection.sendRequest(Hold, {}),
      ErrorCodes.rpcClosed,
      /the connection is closed/,
      error,
    );
    assert.equal(peer.connection.sendNotification(new NotificationType0('told')), false);
  });

  it('ends its channel as soon as its queue is written, and leaves no timer', async () => {
    const clock = new FakeClock();
    try {
      peer.connection.listen();
      for (let n = 0; n < 8; n++) peer.connection.sendNotification(Note, { value: 'x'.repeat(50_000) });
      peer.connection.dispose();
      assert.equal(clock.pending, 1);
      await clock.settle();
      assert.equal(peer.near.destroyed, false);
      peer.end.resume();
      await clock.settle();
      assert.equal(peer.near.destroyed, true);
      assert.equal(clock.pending, 0);
    } finally {
      clock.restore();
    }
  });

  it('reports a notification that could not be sent with its method and the reason', () => {
    peer.connection.listen();
    const failures: { method: string; error: unknown }[] = [];
    peer.connection.onDidFailHandler((failure) => failures.push(failure));
    assert.equal(peer.connection.sendNotification(Note, { value: 1n }), false);
    assert.equal(failures[0]?.method, 'note');
    const { code, message, cause } = failures[0].error as BulkheadError;
    assert.equal(code, ErrorCodes.rpcUnencodable);
    assert.match(message, /^The call note to raw failed: a value can't be sent as JSON \(.*BigInt.*\)\.$/);
    assert.ok(cause instanceof TypeError);
  });

  it('has a method without a handler once the registration is disposed of', async () => {
    const registration = peer.connection.onNotification(Note, () => assert.fail('it was called'));
    registration.dispose();
    const seen: unknown[] = [];
    peer.connection.onDidReceiveUnknown((method) => seen.push(method));
    peer.connection.listen();
    peer.end.write(frame({ jsonrpc: '2.0', method: 'note', params: {} }));
    for (let n = 0; n < 4; n++) await turn();
    assert.deepEqual(seen, ['note']);
  });

  it('waits for answers without a deadline where that is asked for', async () => {
    const clock = new FakeClock();
    const pair = new ConnectedPair({ deadlineMs: 100 }).listen();
    try {
      let answer: (value: string) => void = () => {};
      pair.server.onRequest(Hold, () => new Promise((resolve) => (answer = resolve)));
      pair.client.waitWithoutDeadlines();
      const call = pair.client.sendRequest(Hold, {}, { deadlineMs: 50 });
      await clock.pass(3_600_000, 60_000);
      answer('late');
      assert.equal(await call, 'late');
    } finally {
      pair.dispose();
      clock.restore();
    }
  });
});
