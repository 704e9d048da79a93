import assert from 'node:assert/strict';
import { NotificationType, RequestType } from 'vscode-jsonrpc/node';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';

const Add = new RequestType<{ a: number; b: number }, number, void>('add');
const Note = new NotificationType<{ n: number }>('note');

describe('RpcConnection', () => {
  it('calls and notifies', async () => {
    const [left, right] = createInMemoryPair();
    const client = new RpcConnection(left, { peer: 'server' });
    const server = new RpcConnection(right, { peer: 'client' });
    const notes: number[] = [];
    server.onRequest(Add, ({ a, b }) => a + b);
    server.onNotification(Note, ({ n }) => notes.push(n));
    server.listen();
    client.listen();
    client.sendNotification(Note, { n: 1 });
    assert.equal(await client.sendRequest(Add, { a: 1, b: 2 }), 3);
    assert.deepEqual(notes, [1]);
    client.dispose();
    await new Promise<void>((resolve) => (server.closed ? resolve() : server.onDidClose(() => resolve())));
    server.dispose();
  });
});
