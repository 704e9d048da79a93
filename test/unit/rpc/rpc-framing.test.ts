import assert from 'node:assert/strict';
import { once } from 'node:events';
import fc from 'fast-check';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import { FrameDecoder } from '../../../src/rpc/frame.js';
import {
  Add,
  ConnectedPair,
  closeOf,
  frame,
  Hold,
  Note,
  RawPeer,
  rejectsWith,
  turn,
  until,
} from './connected-pair.js';

/** All bytes written to a server in an exchange with one message of each kind. */
async function recordExchange(): Promise<Buffer> {
  const pair = new ConnectedPair();
  const chunks: Buffer[] = [];
  const write = pair.clientEnd.write.bind(pair.clientEnd) as (chunk: Buffer) => boolean;
  pair.clientEnd.write = (chunk: unknown) => {
    chunks.push(chunk as Buffer);
    return write(chunk as Buffer);
  };
  serve(pair.server, []);
  pair.client.onRequest(Add, ({ a, b }) => a + b);
  pair.listen();
  pair.client.sendNotification(Note, { value: 'grüße 🎥' });
  await Promise.all([
    pair.client.sendRequest(Add, { a: 1, b: 2 }),
    pair.client.sendRequest(Hold, { id: 7 }).catch(() => {}),
    pair.server.sendRequest(Add, { a: 3, b: 4 }),
  ]);
  await pair.client.sendRequest(Hold, { id: 8 }, { deadlineMs: 1 }).catch(() => {});
  pair.client.sendNotification(Note, { value: null });
  await turn();
  await turn();
  pair.dispose();
  return Buffer.concat(chunks);
}

function serve(connection: ConnectedPair['server'], handled: unknown[]): void {
  connection.onNotification(Note, ({ value }) => handled.push(['note', value]));
  connection.onRequest(Add, ({ a, b }) => {
    handled.push(['add', a, b]);
    return a + b;
  });
  connection.onRequest(Hold, ({ id }, token) => {
    handled.push(['hold', id]);
    if (id === 7) throw new Error('refused');
    return new Promise((resolve) => token.onCancellationRequested(() => resolve(handled.push('cancelled'))));
  });
}

/** A server's answers to the recording, cut in pieces. */
async function replay(recording: Buffer, cuts: readonly number[]) {
  const peer = new RawPeer();
  const handled: unknown[] = [];
  const answers: Buffer[] = [];
  serve(peer.connection, handled);
  peer.end.on('data', (chunk: Buffer) => answers.push(chunk));
  peer.connection.listen();
  const closed = closeOf(peer.connection);
  // Pushed to the stream's reading side: each piece is read as one chunk.
  let start = 0;
  for (const end of [...cuts, recording.length]) {
    if (end > start) peer.near.push(recording.subarray(start, end));
    start = end;
    await turn();
  }
  await turn();
  const answered = once(peer.end, 'end');
  peer.end.end();
  const error = await closed;
  await answered;
  peer.dispose();
  return { handled, answers: parseAnswers(Buffer.concat(answers)), error };
}

/**
 * By request, without the stacks: both the order and the stacks depend on which messages were read
 * together.
 */
function parseAnswers(bytes: Buffer): unknown[] {
  const answers: { id: number }[] = [];
  const withoutStack = (key: string, value: unknown) => (key === 'stack' ? undefined : value);
  new FrameDecoder(1 << 20).push(bytes, (buffer, start, end) => {
    answers.push(...[JSON.parse(buffer.toString('utf8', start, end), withoutStack)].flat());
  });
  return answers.sort((a, b) => a.id - b.id);
}

describe('RpcConnection, framing', () => {
  let peer: RawPeer;

  beforeEach(() => {
    peer = new RawPeer();
    peer.connection.listen();
  });
  afterEach(() => peer.dispose());

  it('handles a recorded exchange the same for any chunks', async () => {
    const recording = await recordExchange();
    const whole = await replay(recording, []);
    assert.deepEqual(whole.handled, [
      ['note', 'grüße 🎥'],
      ['add', 1, 2],
      ['hold', 7],
      ['hold', 8],
      'cancelled',
      ['note', null],
    ]);
    assert.equal(whole.error, undefined);
    for (let cut = 1; cut < recording.length; cut++) {
      assert.deepEqual(await replay(recording, [cut]), whole, `cut at byte ${cut}`);
    }
    assert.deepEqual(await replay(recording, [...recording.keys()]), whole, 'cut at every byte');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(recording.length), { maxLength: 12 }), async (cuts) => {
        assert.deepEqual(
          await replay(
            recording,
            cuts.sort((a, b) => a - b),
          ),
          whole,
        );
      }),
      { numRuns: 50 },
    );
  });

  for (const [what, bytes] of [
    ['a line of text', Buffer.from('(node:1) Warning: something is deprecated\n')],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['an empty frame', Buffer.alloc(4)],
    ['a frame that is not JSON', Buffer.concat([Buffer.from([0, 0, 0, 5]), Buffer.from('hello')])],
    ['a frame that is neither an object nor a batch', frame('text')],
    ['a batch of something else', frame([1, 2])],
    ['a batch of batches', frame([[{ jsonrpc: '2.0', method: 'note', params: { value: 'within' } }]])],
    ['null', frame(null)],
  ] as const) {
    it(`closes, and never resynchronises, after ${what}`, async () => {
      const notes: unknown[] = [];
      peer.connection.onNotification(Note, ({ value }) => notes.push(value));
      const closed = closeOf(peer.connection);
      const call = peer.connection.sendRequest(Hold, {});
      const note = (value: string) => frame({ jsonrpc: '2.0', method: 'note', params: { value } });
      peer.end.write(Buffer.concat([note('before'), bytes, note('after')]));
      await rejectsWith(Promise.reject(await closed), ErrorCodes.rpcFraming);
      await rejectsWith(call, ErrorCodes.rpcClosed);
      assert.deepEqual(notes, ['before']);
    });
  }

  it('distinguishes an end within a message from an orderly end', async () => {
    const closed = closeOf(peer.connection);
    peer.end.end(frame({ jsonrpc: '2.0', method: 'note' }).subarray(0, 10));
    await rejectsWith(Promise.reject(await closed), ErrorCodes.rpcFraming, /within a message/);
  });

  const strange = { depthSize: 'small' } as const;
  const anyParams = fc.dictionary(fc.string(), fc.jsonValue(strange));
  const anyMethod = fc.oneof(
    fc.constantFrom('add', 'note', '$/cancelRequest', '$/progress', '$/setTrace', '$/logTrace'),
    fc.string({ minLength: 1 }),
  );

  it('answers the next request after whatever valid messages a peer sends', async () => {
    peer.connection.onRequest(Add, ({ a, b }) => a + b);
    peer.connection.onNotification(Note, () => {});
    let answered = '';
    peer.end.on('data', (chunk: Buffer) => {
      answered += chunk.toString('utf8');
    });
    const id = fc.oneof(fc.nat(5), fc.string());
    const message = fc.oneof(
      fc.record({ id, method: anyMethod, params: anyParams }, { requiredKeys: ['method'] }),
      fc.record({ id, result: fc.jsonValue(strange) }),
      fc.record({ id, error: fc.record({ code: fc.integer(), message: fc.string(), data: fc.jsonValue() }) }),
    );
    let nextId = 1000;
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 20 }), fc.boolean(), async (messages, inBatches) => {
        nextId += 1;
        const next = { jsonrpc: '2.0', id: nextId, method: 'add', params: { a: nextId, b: 1 } };
        peer.end.write(
          inBatches ? frame([...messages, next]) : Buffer.concat([...messages, next].map(frame)),
        );
        await until(() => peer.connection.closed || answered.includes(`"result":${nextId + 1}}`));
        assert.equal(peer.connection.closed, false);
      }),
      { numRuns: 200 },
    );
  });

  it('closes after whatever is not a valid message', async () => {
    const id = fc.oneof(fc.nat(5), fc.string());
    const notAnId = fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.array(fc.nat()),
      fc.constant('x'.repeat(300)),
    );
    const notAnObject = fc.oneof(
      fc.string(),
      fc.nat(),
      fc.boolean(),
      fc.array(fc.jsonValue()),
      fc.constant(null),
    );
    const invalid = fc.oneof(
      anyParams.filter((value) => !('method' in value)),
      fc.record({ id: notAnId, method: anyMethod }),
      fc.record({
        id,
        method: fc.oneof(notAnObject, anyParams).filter((value) => typeof value !== 'string'),
      }),
      fc.record({ id, method: fc.constantFrom('', 'x'.repeat(300)) }),
      fc.record({ id, method: anyMethod, params: notAnObject }),
      fc.record({ id: notAnId, result: fc.jsonValue() }),
      fc.record({ id, error: notAnObject }),
      fc.record({ id, error: fc.record({ code: fc.string(), message: fc.string() }) }),
      fc.record({ id }),
    );
    await fc.assert(
      fc.asyncProperty(invalid, async (message) => {
        const raw = new RawPeer();
        const closed = closeOf(raw.connection);
        raw.connection.listen();
        raw.end.write(frame(message));
        await rejectsWith(Promise.reject(await closed), ErrorCodes.rpcFraming, /a message is not valid/);
        raw.dispose();
      }),
      { numRuns: 300 },
    );
  });
});
