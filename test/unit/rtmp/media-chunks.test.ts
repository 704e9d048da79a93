import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ChunkWriter } from '../../../src/rtmp/chunk-writer.js';
import { MediaChunks } from '../../../src/rtmp/media-chunks.js';
import { ChunkStream, MessageType } from '../../../src/rtmp/messages.js';

const payloads = [100, 9000].map((bytes) => Buffer.alloc(bytes, bytes & 0xff));
const prefixes = [undefined, Buffer.from('prefix')];

const sent = fc.record({
  chunkSize: fc.constantFrom(128, 4096),
  chunkStream: fc.constantFrom(ChunkStream.audio, ChunkStream.video),
  type: fc.constantFrom(MessageType.audio, MessageType.video),
  streamId: fc.constantFrom(1, 2),
  timestamp: fc.constantFrom(0, 40, 0x1000000),
  payload: fc.constantFrom(...payloads),
  prefix: fc.constantFrom(...prefixes),
});

describe('MediaChunks', () => {
  it('encodes once what is sent alike on several connections', () => {
    const chunks = new MediaChunks();
    const [payload = Buffer.alloc(0)] = payloads;
    const message = () => ({ type: MessageType.video, streamId: 1, timestamp: 40, payload });
    const first = chunks.encode(new ChunkWriter(), ChunkStream.video, message());
    assert.equal(chunks.encode(new ChunkWriter(), ChunkStream.video, message()), first);
  });

  it('encodes each message as its connection does by itself, whatever was sent before', () => {
    fc.assert(
      fc.property(fc.array(sent, { minLength: 2, maxLength: 20 }), (all) => {
        const chunks = new MediaChunks();
        for (const { chunkSize, chunkStream, prefix, ...message } of all) {
          const writer = new ChunkWriter();
          writer.chunkSize = chunkSize;
          const alone = writer.write(chunkStream, message, prefix);
          assert.deepEqual(chunks.encode(writer, chunkStream, message, prefix), alone);
        }
      }),
      { numRuns: 500 },
    );
  });
});
