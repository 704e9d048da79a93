import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FlvDemuxer, type FlvTag } from '../../../src/media/flv-demuxer.js';
import { FLV_PREAMBLE as WRITTEN_PREAMBLE, flvTag as writeTag } from '../../../src/media/flv-writer.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { cut, FLV_PREAMBLE, type FlvInput, flvFile, flvTag } from '../../support/flv.js';

function demux(chunks: Iterable<Buffer>, maxTagBytes?: number): FlvTag[] {
  const tags: FlvTag[] = [];
  const demuxer = new FlvDemuxer((tag) => tags.push(tag), maxTagBytes);
  for (const chunk of chunks) demuxer.push(chunk);
  return tags;
}

function assertInvalid(run: () => void, message: RegExp): void {
  assert.throws(run, (error: unknown) => {
    assert.ok(error instanceof BulkheadError);
    assert.equal(error.code, ErrorCodes.mediaInvalid);
    assert.match(error.message, message);
    return true;
  });
}

const payload = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
/** Tags whose timestamps go on from anywhere in the 32 bits, by steps that are small against them. */
const tags: fc.Arbitrary<FlvInput[]> = fc
  .record({
    startMs: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    steps: fc.array(
      fc.record({
        kind: fc.constantFrom('audio' as const, 'video' as const),
        stepMs: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: -(2 ** 30), max: 2 ** 30 })),
        payload: payload(300),
      }),
      { maxLength: 30 },
    ),
  })
  .map(({ startMs, steps }) => {
    let ms = startMs;
    return steps.map(({ kind, stepMs, payload }, n) => {
      if (n > 0) ms += stepMs;
      return { kind, ms, payload };
    });
  });

describe('FlvDemuxer', () => {
  it('gives the same tags for any cut of the bytes, across 2^31 and 2^32', () => {
    fc.assert(
      fc.property(tags, fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (input, lengths) => {
        const output = demux(cut(flvFile(input), lengths));
        assert.deepEqual(
          output.map(({ kind, timestampMs, payload }) => ({ kind, ms: timestampMs, payload })),
          input,
        );
      }),
    );
  });

  it('gives all the whole tags of a stream that ends anywhere, and no error', () => {
    fc.assert(
      fc.property(tags, fc.nat(), (input, seed) => {
        const file = flvFile(input);
        const end = seed % (file.length + 1);
        let whole = 0;
        for (let at = FLV_PREAMBLE.length; whole < input.length; whole++) {
          at += input[whole]!.payload.length + 15;
          if (at > end) break;
        }
        assert.equal(demux([file.subarray(0, end)]).length, whole);
      }),
    );
  });

  it('lets a script tag at 0 leave the clock alone', () => {
    const payload = Buffer.alloc(0);
    const tags = demux([
      flvFile([
        { kind: 'video', ms: 2 ** 31 - 1, payload },
        { kind: 'video', ms: 2 ** 31, payload },
        { kind: 'script', ms: 0, payload },
        { kind: 'video', ms: 2 ** 31 + 33, payload },
      ]),
    ]);
    assert.deepEqual(
      tags.filter(({ kind }) => kind === 'video').map(({ timestampMs }) => timestampMs),
      [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 33],
    );
  });

  it('passes on a view of a chunk that holds the whole tag, and copies one that came in pieces once', () => {
    const file = flvFile([{ kind: 'video', ms: 0, payload: Buffer.alloc(100_000, 7) }]);
    assert.equal(demux([file])[0]?.payload.buffer, file.buffer);
    const pieces = cut(file, [1]);
    assert.equal(pieces.length, file.length);
    assert.deepEqual(demux(pieces)[0]?.payload, Buffer.alloc(100_000, 7));
  });

  const broken: [what: string, at: number, byte: number, message: RegExp][] = [
    ['another signature', 0, 0x47, /does not begin with "FLV"/],
    ['another version', 3, 2, /version is 2/],
    ['reserved header bits', 4, 0x80, /reserved bits/],
    ['a longer header', 8, 10, /header is 10 bytes/],
    ['a first PreviousTagSize', 12, 1, /before the first one/],
    ['an encrypted tag', 13, 0x29, /type 41/],
    ['an unknown tag type', 13, 15, /type 15/],
    ['a stream id', 23, 1, /stream id/],
    ['a wrong PreviousTagSize', 31, 3, /followed by the size/],
  ];
  for (const [what, at, byte, message] of broken) {
    it(`refuses ${what} for good`, () => {
      const file = flvFile([{ kind: 'video', ms: 0, payload: Buffer.alloc(4) }]);
      file.writeUInt8(byte, at);
      const seen: FlvTag[] = [];
      const demuxer = new FlvDemuxer((tag) => seen.push(tag));
      assertInvalid(() => demuxer.push(file), message);
      assertInvalid(() => demuxer.push(flvTag({ kind: 'video', ms: 0, payload: Buffer.alloc(4) })), message);
      assert.deepEqual(seen, []);
    });
  }

  it('refuses a tag above the limit when it sees its size', () => {
    const file = flvFile([{ kind: 'video', ms: 0, payload: Buffer.alloc(101) }]);
    assertInvalid(() => demux([file.subarray(0, FLV_PREAMBLE.length + 11)], 100), /101 bytes long/);
    assert.equal(demux([file], 101).length, 1);
  });

  it('takes tags of up to 8 MiB', () => {
    const announce = (size: number) => {
      const file = flvFile([{ kind: 'video', ms: 0, payload: Buffer.alloc(0) }]);
      file.writeUIntBE(size, FLV_PREAMBLE.length + 1, 3);
      return () => demux([file.subarray(0, FLV_PREAMBLE.length + 11)]);
    };
    assert.deepEqual(announce(8 * 2 ** 20)(), []);
    assertInvalid(announce(8 * 2 ** 20 + 1), /8388609 bytes long/);
  });

  it('reads what the writer of the core writes', () => {
    const carriers = { audio: 'audio', video: 'video', metadata: 'script' } as const;
    fc.assert(
      fc.property(
        fc.constantFrom('audio' as const, 'video' as const, 'metadata' as const),
        fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        payload(300),
        (carrier, timestampMs, body) => {
          const [tag, ...more] = demux([WRITTEN_PREAMBLE, writeTag(carrier, timestampMs, body)]);
          assert.deepEqual([tag, more], [{ kind: carriers[carrier], timestampMs, payload: body }, []]);
        },
      ),
    );
  });

  it('answers any bytes with tags or a typed error', () => {
    fc.assert(
      fc.property(payload(300), fc.boolean(), (bytes, preamble) => {
        try {
          demux([preamble ? Buffer.concat([FLV_PREAMBLE, bytes]) : bytes], 200);
        } catch (error) {
          assert.ok(error instanceof BulkheadError);
        }
      }),
    );
  });
});
