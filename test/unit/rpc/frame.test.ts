import assert from 'node:assert/strict';
import fc from 'fast-check';
import sinon from 'sinon';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { encodeFrame, FRAME_HEADER_BYTES, FrameDecoder } from '../../../src/rpc/frame.js';

function encode(bodies: readonly string[]): Buffer {
  return Buffer.concat(bodies.map(encodeFrame));
}

function decode(
  chunks: readonly Buffer[],
  maxBodyBytes = 1 << 20,
): { bodies: string[]; isMidFrame: boolean } {
  const decoder = new FrameDecoder(maxBodyBytes);
  const bodies: string[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk, (buffer, start, end) => bodies.push(buffer.toString('utf8', start, end)));
  }
  return { bodies, isMidFrame: decoder.isMidFrame };
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}

const bodiesArbitrary = fc.array(
  fc.oneof(
    fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }),
    fc.nat(3000).map((n) => 'x'.repeat(n + 1)),
  ),
  { maxLength: 12 },
);

describe('FrameDecoder', () => {
  it('returns the same bodies for any chunks', () => {
    fc.assert(
      fc.property(bodiesArbitrary, fc.array(fc.nat()), (bodies, cuts) => {
        const bytes = encode(bodies);
        const chunks = cutAt(
          bytes,
          cuts.map((cut) => cut % (bytes.length + 1)),
        );
        assert.deepEqual(decode(chunks), { bodies, isMidFrame: false });
      }),
    );
  });

  it('accepts single bytes', () => {
    const bodies = ['{"a":1}', 'ß→🎥', 'x'];
    const bytes = encode(bodies);
    assert.deepEqual(decode([...bytes].map((byte) => Buffer.from([byte]))), { bodies, isMidFrame: false });
  });

  it('detects a stream that ended within a frame', () => {
    const bytes = encode(['first', 'second']);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length }), (length) => {
        const atEdge = [0, 9, bytes.length].includes(length);
        assert.equal(decode([bytes.subarray(0, length)]).isMidFrame, !atEdge);
      }),
    );
  });

  it('joins a large body once, whatever the size of its chunks', () => {
    const body = 'x'.repeat(8 * 1024 * 1024);
    const bytes = encode([body]);
    const chunks = cutAt(
      bytes,
      Array.from({ length: 8000 }, (_, index) => index * 1000),
    );
    const concat = sinon.spy(Buffer, 'concat');
    try {
      assert.deepEqual(decode(chunks, body.length).bodies, [body]);
      assert.ok(concat.callCount <= 2, `joined ${concat.callCount} times`);
    } finally {
      concat.restore();
    }
  });

  it('passes on a body that came in one chunk without a copy', () => {
    const bytes = encode(['first', 'second']);
    const buffers: Buffer[] = [];
    new FrameDecoder(100).push(bytes, (buffer) => buffers.push(buffer));
    assert.deepEqual(
      buffers.map((buffer) => buffer === bytes),
      [true, true],
    );
  });

  for (const [what, length] of [
    ['empty', 0],
    ['too large', 101],
    ['absurdly large', 0xffff_ffff],
  ] as const) {
    it(`refuses a frame that is ${what} as soon as its header has arrived`, () => {
      const header = Buffer.alloc(FRAME_HEADER_BYTES);
      header.writeUInt32BE(length);
      assert.throws(
        () => decode([encode(['ok']), header], 100),
        (error: unknown) => error instanceof BulkheadError && error.code === ErrorCodes.rpcFraming,
      );
    });
  }

  it('takes a body as large as allowed, and of one byte', () => {
    const bodies = ['x'.repeat(100), 'y'];
    assert.deepEqual(decode([encode(bodies)], 100), { bodies, isMidFrame: false });
    assert.throws(() => decode([encode(['x'.repeat(101)])], 100), {
      message: 'a message of 101 bytes was announced; 1 to 100 are allowed',
    });
  });
});
