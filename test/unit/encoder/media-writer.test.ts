import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, Socket } from 'node:net';
import { join } from 'node:path';
import sinon from 'sinon';
import { MediaWriter } from '../../../src/encoder/media-writer.js';
import { FLV_PREAMBLE, flvTag } from '../../../src/media/flv-writer.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const MIB = 1024 * 1024;
/** What a tag adds to its payload. */
const TAG_BYTES = 15;

describe('MediaWriter', () => {
  let folder: TempDir;
  let server: Server;
  let media: Socket;
  /** The core's end. */
  let core: Socket;
  let writer: MediaWriter;

  beforeEach(async () => {
    folder = tempDir('media-writer');
    const path = join(folder.path, 'media.sock');
    server = createServer().listen(path);
    await once(server, 'listening');
    media = new Socket().connect(path);
    [core] = await once(server, 'connection');
    writer = new MediaWriter(media);
  });
  afterEach(() => {
    media.destroy();
    core.destroy();
    server.close();
    folder.dispose();
  });

  const turn = () => new Promise((resolve) => setImmediate(resolve));

  /** All that comes until the end of the connection. */
  async function received(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of core) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  it('writes one FLV stream, complete at its end', async () => {
    writer.write('video', 0, Buffer.from('frame'));
    writer.write('audio', 21, Buffer.from('sound'));
    await turn();
    writer.write('video', 33, Buffer.from('next'));
    const bytes = received();
    await writer.end();
    const expected = [
      FLV_PREAMBLE,
      flvTag('video', 0, Buffer.from('frame')),
      flvTag('audio', 21, Buffer.from('sound')),
      flvTag('video', 33, Buffer.from('next')),
    ];
    assert.deepEqual(await bytes, Buffer.concat(expected));
    assert.equal(writer.bytesWritten, Buffer.concat(expected).length);
  });

  it('sends what is written in one turn by one call, in each turn', async () => {
    await turn();
    const single = sinon.spy(media, '_write');
    const together = sinon.spy(media, '_writev');
    for (const tags of [3, 1, 2]) {
      for (let tag = 0; tag < tags; tag++) writer.write('video', tag, Buffer.from('frame'));
      assert.equal(together.callCount, 0, 'the turn is not over');
      await turn();
      assert.equal(together.callCount, 1);
      // Each has its header, its payload and its size.
      assert.equal(together.firstCall.args[0].length, 3 * tags);
      together.resetHistory();
    }
    assert.equal(single.callCount, 0);
  });

  it('drops whole tags while 32 MiB wait for a core that does not read, and goes on once it does', async () => {
    const payload = Buffer.alloc(MIB);
    for (let tag = 0; tag < 40; tag++) writer.write('video', tag, payload);
    // With their headers these are a little more than 32 MiB; the last one began below that.
    const kept = 32;
    const bytes = received();
    while (media.writableLength > 0) await once(media, 'drain');
    writer.write('audio', 50, Buffer.from('later'));
    await writer.end();
    const expected = FLV_PREAMBLE.length + kept * (MIB + TAG_BYTES) + TAG_BYTES + 'later'.length;
    const stream = await bytes;
    assert.equal(stream.length, expected);
    assert.deepEqual(stream.subarray(-TAG_BYTES - 5), flvTag('audio', 50, Buffer.from('later')));
  });

  it('ends once the core has everything, not before', async () => {
    writer.write('video', 0, Buffer.alloc(8 * MIB));
    let ended = false;
    const end = writer.end().then(() => {
      ended = true;
    });
    for (let i = 0; i < 20; i++) await turn();
    assert.equal(ended, false, 'the core has not read it');
    const bytes = received();
    await end;
    assert.equal((await bytes).length, FLV_PREAMBLE.length + 8 * MIB + TAG_BYTES);
  });

  it('ends where the core is gone, before or meanwhile, and fails at nothing that is written then', async () => {
    writer.write('video', 0, Buffer.alloc(8 * MIB));
    const end = writer.end();
    core.destroy();
    await end;
    writer.write('video', 33, Buffer.from('frame'));
    await turn();
    await writer.end();
  });
});
