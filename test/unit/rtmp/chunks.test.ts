import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ChunkReader } from '../../../src/rtmp/chunk-reader.js';
import { ChunkWriter } from '../../../src/rtmp/chunk-writer.js';
import {
  MessageType,
  type RtmpMessage,
  RtmpProtocolError,
  uint32Message,
} from '../../../src/rtmp/messages.js';
import { cut } from '../../support/flv.js';

const timestamp = fc.oneof(
  fc.nat(10_000),
  fc.integer({ min: 0xfffff0, max: 0x100000f }),
  fc.integer({ min: 0xfffffff0, max: 0xffffffff }),
);
const payload = fc.uint8Array({ maxLength: 1500 }).map((bytes) => Buffer.from(bytes));
const message = fc.record(
  {
    type: fc.constantFrom(MessageType.audio, MessageType.video, MessageType.commandAmf0),
    streamId: fc.nat(9),
    timestamp,
    payload,
  },
  { noNullPrototype: true },
);
const pieces = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 });

function read(bytes: readonly Buffer[], max?: number): RtmpMessage[] {
  const messages: RtmpMessage[] = [];
  const reader = new ChunkReader((read) => messages.push(read), max);
  for (const piece of bytes) reader.push(piece);
  return messages;
}

/** Chunks as a peer may write them: any header type, several messages at a time, wide chunk stream ids. */
class TerseWriter {
  private readonly before = new Map<number, RtmpMessage & { delta: number }>();

  constructor(private readonly chunkSize: number) {}

  chunks(chunkStream: number, next: RtmpMessage): Buffer[] {
    const last = this.before.get(chunkStream);
    const delta = last === undefined ? 0 : (next.timestamp - last.timestamp) >>> 0;
    const same = last !== undefined && last.streamId === next.streamId;
    const sameKind = same && last.type === next.type && last.payload.length === next.payload.length;
    const headerType = !same ? 0 : !sameKind ? 1 : delta !== last.delta ? 2 : 3;
    const time = headerType === 0 ? next.timestamp : delta;
    this.before.set(chunkStream, { ...next, delta: time });

    const extended = time >= 0xffffff;
    const field = Buffer.alloc(3);
    field.writeUIntBE(extended ? 0xffffff : time, 0, 3);
    const kind = Buffer.alloc(4);
    kind.writeUIntBE(next.payload.length, 0, 3);
    kind[3] = next.type;
    const stream = Buffer.alloc(4);
    stream.writeUInt32LE(next.streamId);
    const more = Buffer.alloc(extended ? 4 : 0);
    if (extended) more.writeUInt32BE(time);
    const header = [field, kind, stream].slice(0, 3 - headerType);

    const chunks = [
      Buffer.concat([
        basicHeader(headerType, chunkStream),
        ...header,
        more,
        next.payload.subarray(0, this.chunkSize),
      ]),
    ];
    for (let at = this.chunkSize; at < next.payload.length; at += this.chunkSize) {
      chunks.push(
        Buffer.concat([basicHeader(3, chunkStream), more, next.payload.subarray(at, at + this.chunkSize)]),
      );
    }
    return chunks;
  }
}

function basicHeader(headerType: number, chunkStream: number): Buffer {
  const type = headerType << 6;
  if (chunkStream < 64) return Buffer.from([type | chunkStream]);
  if (chunkStream < 320) return Buffer.from([type, chunkStream - 64]);
  return Buffer.from([type | 1, (chunkStream - 64) & 0xff, (chunkStream - 64) >> 8]);
}

describe('RTMP chunks', () => {
  it('are read as written, at any chunk size and in any pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 2, max: 31 }), message), { maxLength: 12 }),
        fc.integer({ min: 1, max: 2000 }),
        pieces,
        (sent, chunkSize, lengths) => {
          const writer = new ChunkWriter();
          const head = writer.write(2, uint32Message(MessageType.setChunkSize, chunkSize));
          writer.chunkSize = chunkSize;
          const bytes = Buffer.concat([
            head,
            ...sent.map(([stream, message]) => writer.write(stream, message)),
          ]);
          const [, ...got] = read(cut(bytes, lengths));
          assert.deepEqual(
            got,
            sent.map(([, message]) => message),
          );
        },
      ),
    );
  });

  it('carry a prefix as part of the payload', () => {
    fc.assert(
      fc.property(payload, payload, fc.integer({ min: 1, max: 300 }), (prefix, rest, chunkSize) => {
        const writer = new ChunkWriter();
        const head = writer.write(2, uint32Message(MessageType.setChunkSize, chunkSize));
        writer.chunkSize = chunkSize;
        const bytes = writer.write(5, { type: 18, streamId: 1, timestamp: 0, payload: rest }, prefix);
        const [, got] = read([head, bytes]);
        assert.deepEqual(got?.payload, Buffer.concat([prefix, rest]));
      }),
    );
  });

  it('may have every type of header, on interleaved chunk streams', () => {
    const streams = fc.constantFrom(3, 63, 64, 319, 320, 65_599);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(streams, message), { minLength: 1, maxLength: 20 }),
        fc.infiniteStream(fc.nat(5)),
        pieces,
        (sent, turns, lengths) => {
          const writer = new TerseWriter(128);
          const byStream = new Map<number, Buffer[]>();
          for (const [stream, message] of sent) {
            byStream.set(stream, [...(byStream.get(stream) ?? []), ...writer.chunks(stream, message)]);
          }
          const waiting = [...byStream.values()];
          const wire: Buffer[] = [];
          while (waiting.some((chunks) => chunks.length > 0)) {
            const open = waiting.filter((chunks) => chunks.length > 0);
            const chunk = open[(turns.next().value ?? 0) % open.length]?.shift();
            if (chunk !== undefined) wire.push(chunk);
          }
          const got = read(cut(Buffer.concat(wire), lengths));
          const key = ({ timestamp, type, streamId, payload }: RtmpMessage) =>
            `${timestamp} ${type} ${streamId} ${payload.toString('hex')}`;
          assert.deepEqual(got.map(key).sort(), sent.map(([, message]) => key(message)).sort());
        },
      ),
    );
  });

  it('repeat an extended timestamp on every chunk of a message', () => {
    const writer = new ChunkWriter();
    const bytes = writer.write(4, {
      type: 9,
      streamId: 1,
      timestamp: 2 ** 32 + 0x1000000,
      payload: Buffer.alloc(129),
    });
    assert.equal(bytes.length, 12 + 4 + 128 + 1 + 4 + 1);
    assert.equal(bytes.toString('hex', 1, 4), 'ffffff');
    assert.equal(bytes.toString('hex', 12, 16), '01000000');
    assert.equal(bytes.toString('hex', 144, 149), 'c401000000');
  });

  it('of messages at a regular distance need no header but the first two', () => {
    const writer = new TerseWriter(128);
    const sent = [100, 120, 140, 160].map((timestamp) => ({
      type: 8,
      streamId: 1,
      timestamp,
      payload: Buffer.alloc(3, timestamp),
    }));
    const bytes = sent.flatMap((message) => writer.chunks(4, message));
    assert.deepEqual(
      bytes.map(({ length }) => length),
      [15, 7, 4, 4],
    );
    assert.deepEqual(read(bytes), sent);
  });

  it('of a message on a chunk stream with a wide number can be aborted', () => {
    for (const stream of [64, 65, 319, 320, 65_599]) {
      const writer = new TerseWriter(128);
      const message = { type: 8, streamId: 1, timestamp: 0, payload: Buffer.alloc(200, 1) };
      const [begun] = writer.chunks(stream, message);
      const abort = new ChunkWriter().write(2, uint32Message(MessageType.abort, stream));
      const whole = new TerseWriter(128).chunks(stream, message);
      assert.deepEqual(read([begun!, abort, ...whole]).at(-1), message, String(stream));
    }
  });

  it('of an aborted message are forgotten', () => {
    const writer = new ChunkWriter();
    const whole = writer.write(4, { type: 8, streamId: 1, timestamp: 0, payload: Buffer.alloc(300, 1) });
    const abort = writer.write(2, uint32Message(MessageType.abort, 4));
    const after = { type: 8, streamId: 1, timestamp: 5, payload: Buffer.alloc(200, 2) };
    const got = read([whole.subarray(0, 12 + 128), abort, writer.write(4, after)]);
    assert.deepEqual(got.at(-1), after);
    assert.equal(got.length, 2);
  });

  it('of aborted messages use no memory', () => {
    const writer = new ChunkWriter();
    const message = { type: 8, streamId: 1, timestamp: 0, payload: Buffer.alloc(1500, 1) };
    const begun = writer.write(4, message).subarray(0, 12 + 128);
    const abort = writer.write(2, uint32Message(MessageType.abort, 4));
    const bytes = Array.from({ length: 50 }, () => [begun, abort]).flat();
    assert.deepEqual(read([...bytes, writer.write(4, message)], 2000).at(-1), message);
    // Of what was never begun, or has ended, there is nothing to abort.
    const none = writer.write(2, uint32Message(MessageType.abort, 9));
    const got = read([none, writer.write(4, message), abort, none, writer.write(4, message)], 1500);
    assert.equal(got.filter(({ type }) => type === 8).length, 2);
  });

  it('of one byte each cost a message no more than its own size', () => {
    const writer = new ChunkWriter();
    const head = writer.write(2, uint32Message(MessageType.setChunkSize, 1));
    writer.chunkSize = 1;
    const payload = Buffer.alloc(60_000, 'chunk');
    const bytes = writer.write(4, { type: 9, streamId: 1, timestamp: 0, payload });
    const got = read(cut(Buffer.concat([head, bytes]), [1])).at(-1)?.payload;
    assert.ok(got);
    assert.ok(got.equals(payload));
    assert.equal(got.buffer.byteLength, payload.length, 'a buffer of its own');
  });

  it('are rejected when they break the protocol or exceed the limits', () => {
    const writer = new ChunkWriter();
    const big = writer.write(4, { type: 8, streamId: 1, timestamp: 0, payload: Buffer.alloc(2000) });
    const broken: Record<string, Buffer[]> = {
      'message of 2000 bytes': [big],
      'without a full header': [Buffer.from([0xc4, 1, 2, 3])],
      'inside another': [big.subarray(0, 140), big],
      'chunk size of 0': [writer.write(2, uint32Message(MessageType.setChunkSize, 0))],
      'too short': [
        writer.write(2, { ...uint32Message(MessageType.setChunkSize, 0), payload: Buffer.alloc(2) }),
      ],
    };
    for (const [what, bytes] of Object.entries(broken)) {
      const max = what.includes('2000') ? 1999 : 4000;
      assert.throws(() => read(bytes, max), { name: RtmpProtocolError.name, message: new RegExp(what) });
    }
    const unfinished = Array.from({ length: 20 }, (_, i) =>
      writer
        .write(3 + i, { type: 8, streamId: 1, timestamp: 0, payload: Buffer.alloc(2000) })
        .subarray(0, 140),
    );
    assert.throws(() => read(unfinished, 2000), /unfinished/);
    const begun = (stream: number, length: number) =>
      writer
        .write(stream, { type: 8, streamId: 1, timestamp: 0, payload: Buffer.alloc(length) })
        .subarray(0, 140);
    assert.equal(read([begun(3, 1000), begun(4, 1000)], 2000).length, 0);
    assert.throws(() => read([begun(3, 1000), begun(4, 1001)], 2000), /unfinished/);
    const streams = Array.from({ length: 65 }, (_, i) =>
      writer.write(i, { type: 8, streamId: 1, timestamp: 0, payload: Buffer.alloc(1) }),
    ).map((bytes, i) => Buffer.concat([basicHeader(0, 64 + i), bytes.subarray(1)]));
    assert.throws(() => read(streams), /chunk streams/);
  });

  it('cause only protocol errors for any bytes, and are read the same in any pieces', () => {
    const outcome = (pieces: readonly Buffer[]): string => {
      const seen: string[] = [];
      const reader = new ChunkReader(({ type, timestamp, payload }) => {
        assert.ok(payload.length <= 2000);
        seen.push(`${type} ${timestamp} ${payload.toString('hex')}`);
      }, 2000);
      try {
        for (const piece of pieces) reader.push(piece);
      } catch (error) {
        assert.ok(error instanceof RtmpProtocolError, String(error));
        seen.push(error.message);
      }
      return seen.join('\n');
    };
    const mutated = fc
      .tuple(
        fc.array(fc.tuple(fc.integer({ min: 2, max: 6 }), message), { maxLength: 6 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
        fc.nat(),
      )
      .map(([sent, changes, end]) => {
        const writer = new TerseWriter(128);
        const bytes = Buffer.concat(sent.flatMap(([stream, message]) => writer.chunks(stream, message)));
        for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
        return bytes.subarray(0, end % (bytes.length + 1) || bytes.length);
      });
    const any = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(any, mutated), pieces, (bytes, lengths) => {
        assert.equal(outcome(cut(bytes, lengths)), outcome([bytes]));
      }),
      { numRuns: 1000 },
    );
  });
});
