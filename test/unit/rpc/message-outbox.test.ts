import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import type { Message, NotificationMessage } from 'vscode-jsonrpc/node';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import { FrameDecoder } from '../../../src/rpc/frame.js';
import type { MessageLimits } from '../../../src/rpc/message-limits.js';
import { MessageOutbox } from '../../../src/rpc/message-outbox.js';

const LIMITS: MessageLimits = { maxBytes: 20_000, maxDepth: 4, maxElements: 1000 };

describe('MessageOutbox', () => {
  let stream: PassThrough;
  let outbox: MessageOutbox;

  beforeEach(() => {
    stream = new PassThrough();
    outbox = new MessageOutbox(stream, LIMITS);
  });
  afterEach(() => {
    stream.destroy();
    outbox.dispose();
  });

  const note = (value: unknown): NotificationMessage => ({
    jsonrpc: '2.0',
    method: 'n',
    params: { value: value as string },
  });
  const bytesOf = (message: Message) => Buffer.byteLength(JSON.stringify(message));
  /** Without waiting; whether it was taken. */
  function write(message: Message): boolean {
    outbox.write(message).catch(() => {});
    return outbox.refusal === undefined;
  }
  /** The bodies of the frames that were written. */
  async function frames(): Promise<unknown[]> {
    await new Promise((resolve) => setImmediate(resolve));
    const bodies: unknown[] = [];
    const decoder = new FrameDecoder(1e6);
    decoder.push(stream.read() ?? Buffer.alloc(0), (buffer, start, end) =>
      bodies.push(JSON.parse(buffer.toString('utf8', start, end))),
    );
    return bodies;
  }

  it('has the messages of a turn leave in one frame, and one alone as it is', async () => {
    write(note(1));
    assert.deepEqual(await frames(), [note(1)]);
    for (const value of [2, 3, 4]) write(note(value));
    assert.deepEqual(await frames(), [[note(2), note(3), note(4)]]);
  });

  it('fills a frame with 8 KiB, brackets and commas included, and begins another', async () => {
    const first = note('x'.repeat(4000));
    const room = 8 * 1024 - 3 - bytesOf(first) - bytesOf(note(''));
    for (const [length, count] of [
      [room, 1],
      [room + 1, 2],
    ] as const) {
      write(first);
      write(note('x'.repeat(length)));
      assert.equal((await frames()).length, count);
    }
  });

  it('counts what waits', async () => {
    assert.equal(outbox.queuedBytes, 0);
    write(note(1));
    write(note(2));
    assert.equal(outbox.queuedBytes, 2 * (bytesOf(note(1)) + 1));
    await frames();
    assert.equal(outbox.queuedBytes, 0);
  });

  it('takes what is as large, as deep and of as many elements as allowed, and nothing beyond', () => {
    const room = LIMITS.maxBytes - bytesOf(note(''));
    assert.equal(write(note('x'.repeat(room))), true);
    assert.equal(write(note('x'.repeat(room + 1))), false);
    assert.equal(outbox.refusal?.code, ErrorCodes.rpcTooLarge);
    assert.match(outbox.refusal.message, /^a message of 20001 bytes was not sent; at most 20000 are allowed/);
    for (const padding of ['', 'x'.repeat(10_000)]) {
      assert.equal(write(note([[padding]])), true);
      assert.equal(write(note([[[padding]]])), false);
      assert.match(outbox.refusal?.message ?? '', /nested deeper than 4/);
    }
    assert.equal(write(note([...Array(900).fill(0), 'x'.repeat(10_000)])), true);
    assert.equal(write(note([...Array(1000).fill(0), 'x'.repeat(10_000)])), false);
  });

  it('says what cannot be said in JSON, once, and goes on', async () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    await assert.rejects(outbox.write(note(circle)), /can't be sent as JSON/);
    const throwing = {
      toJSON() {
        throw 'not an error,\n  but a text';
      },
    };
    await assert.rejects(
      outbox.write(note(throwing)),
      /a value can't be sent as JSON \(not an error, but a text\)/,
    );
    assert.equal(outbox.refusal?.code, ErrorCodes.rpcUnencodable);
    assert.equal(write(note(5)), true);
    assert.deepEqual(await frames(), [note(5)]);
  });

  it('writes what is queued before it ends, and nothing after', async () => {
    write(note(1));
    outbox.end();
    const circle: { self?: unknown } = {};
    circle.self = circle;
    for (const value of [2, circle]) assert.equal(write(note(value)), true, 'it is ignored');
    assert.equal(outbox.queuedBytes, stream.writableLength);
    outbox.end();
    assert.deepEqual(await frames(), [note(1)]);
    assert.equal(stream.writableEnded, true);
  });

  it('takes nothing once it is disposed of', async () => {
    outbox.dispose();
    assert.equal(write(note(1)), true);
    assert.deepEqual(await frames(), []);
    outbox.end();
    assert.equal(stream.writableEnded, false);
  });
});
