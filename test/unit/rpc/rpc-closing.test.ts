import assert from 'node:assert/strict';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { FakeClock } from '../../support/fake-clock.js';
import {
  Add,
  ConnectedPair,
  closeOf,
  Hold,
  Note,
  RawPeer,
  rejectsWith,
  turn,
  until,
} from './connected-pair.js';

describe('RpcConnection, closing', () => {
  let pair: ConnectedPair;

  beforeEach(() => {
    pair = new ConnectedPair().listen();
    pair.server.onRequest(Hold, () => new Promise(() => {}));
    pair.server.onRequest(Add, ({ a, b }) => a + b);
  });
  afterEach(() => pair.dispose());

  it('rejects the pending calls of both sides when one is disposed', async () => {
    pair.client.onRequest(Hold, () => new Promise(() => {}));
    const calls = [pair.client.sendRequest(Hold, {}), pair.client.sendRequest(Hold, {})];
    const back = pair.server.sendRequest(Hold, {});
    await turn();
    pair.client.dispose();
    for (const call of [...calls, back]) {
      await rejectsWith(call, ErrorCodes.rpcClosed, /hold to \w+ failed: the connection is closed/);
    }
  });

  it('rejects the pending calls when the peer crashes', async () => {
    const call = pair.client.sendRequest(Hold, {});
    await turn();
    pair.serverEnd.destroy();
    await rejectsWith(call, ErrorCodes.rpcClosed);
    assert.equal(pair.client.closed, true);
  });

  it('reports an orderly end once and without an error, after calls have been rejected', async () => {
    const events: string[] = [];
    pair.client.onDidClose((reason) => {
      assert.deepEqual(reason, {});
      events.push('closed');
    });
    const call = pair.client.sendRequest(Hold, {}).catch(() => events.push('rejected'));
    await turn();
    pair.server.dispose();
    await call;
    pair.client.dispose();
    await turn();
    assert.deepEqual(events, ['closed', 'rejected']);
  });

  it("reports the error that broke the channel, and uses it as the cause of the calls' errors", async () => {
    const broken = closeOf(pair.client);
    const call = pair.client.sendRequest(Hold, {});
    const error = Object.assign(new Error('read EIO'), { code: 'EIO' });
    pair.clientEnd.destroy(error);
    assert.equal(await broken, error);
    await rejectsWith(call, ErrorCodes.rpcClosed, undefined, error);
  });

  it('treats a reset as a close', async () => {
    const closed = closeOf(pair.client);
    pair.clientEnd.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    assert.equal(await closed, undefined);
  });

  it('rejects calls and drops notifications afterwards, and never throws', async () => {
    pair.client.dispose();
    pair.client.dispose();
    pair.client.listen();
    assert.equal(pair.client.sendNotification(Note, { value: 1 }), false);
    await rejectsWith(pair.client.sendRequest(Add, { a: 1, b: 1 }), ErrorCodes.rpcClosed);
    pair.client.onRequest(Add, () => 0).dispose();
    pair.client.onNotification(Note, () => {}).dispose();
  });

  it('handles messages read before the end', async () => {
    const seen: unknown[] = [];
    pair.client.onNotification(Note, ({ value }) => seen.push(value));
    const closed = closeOf(pair.client).then(() => seen.push('closed'));
    const call = pair.client.sendRequest(Add, { a: 1, b: 2 }).then((sum) => seen.push(sum));
    await until(() => pair.serverEnd.readableLength === 0);
    await turn();
    pair.server.sendNotification(Note, { value: 'last words' });
    pair.server.dispose();
    await Promise.all([call, closed]);
    assert.deepEqual(seen, [3, 'last words', 'closed']);
  });

  it('sends messages queued before `dispose`', async () => {
    const seen: unknown[] = [];
    pair.client.onNotification(Note, ({ value }) => seen.push(value));
    const closed = closeOf(pair.client);
    for (let value = 0; value < 3; value++) pair.server.sendNotification(Note, { value });
    pair.server.dispose();
    await closed;
    assert.deepEqual(seen, [0, 1, 2]);
  });

  it('does not wait forever for a peer that does not read', async () => {
    const clock = new FakeClock();
    try {
      const peer = new RawPeer();
      peer.connection.listen();
      for (let n = 0; n < 8; n++) peer.connection.sendNotification(Note, { value: 'x'.repeat(50_000) });
      peer.connection.dispose();
      await clock.pass(900);
      assert.equal(peer.near.destroyed, false);
      await clock.pass(100);
      assert.equal(peer.near.destroyed, true);
      peer.dispose();
    } finally {
      clock.restore();
    }
  });

  it('ends its channel at once where nothing waits to be written', () => {
    const peer = new RawPeer();
    peer.connection.listen();
    peer.connection.dispose();
    assert.equal(peer.near.destroyed, true);
    peer.dispose();
  });

  it('sends no answer after a handler has disposed of the connection', async () => {
    const closed = closeOf(pair.client);
    let later = 0;
    pair.server.onNotification(Note, ({ value }) => {
      if (value === 'stop') pair.server.dispose();
      else later += 1;
    });
    pair.client.sendNotification(Note, { value: 'stop' });
    pair.client.sendNotification(Note, { value: 'go on' });
    await closed;
    assert.equal(later, 0);
  });

  it('reports a channel that was closed before it was created', async () => {
    const [near, far] = createInMemoryPair();
    near.destroy();
    far.destroy();
    await turn();
    const connection = new RpcConnection(near, { peer: 'nobody' });
    const closed = closeOf(connection);
    connection.listen();
    await closed;
  });

  it('reports a channel that was closed before it listened', async () => {
    const peer = new RawPeer();
    peer.near.destroy();
    await turn();
    const closed = closeOf(peer.connection);
    peer.connection.listen();
    await closed;
    peer.dispose();
  });
});
