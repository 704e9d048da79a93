import assert from 'node:assert/strict';
import { RtmpOutput } from '../../../src/core/publish/rtmp/rtmp-output.js';
import { type Amf0Value, writeAmf0 } from '../../../src/media/amf0.js';
import type { StreamTag } from '../../../src/media/stream-tag.js';
import { ChunkWriter } from '../../../src/rtmp/chunk-writer.js';
import { MessageType, type RtmpMessage, uint32Message } from '../../../src/rtmp/messages.js';
import { avcFrame, avcHeader } from '../../support/flv.js';
import { type PeerConnection, RtmpPeer } from '../../support/rtmp-peer.js';
import { eventually } from '../../support/wait.js';

const FLOOD_MS = 600;
const FRAME_MS = 33;

const message = (type: number, payload: Buffer): RtmpMessage => ({
  type,
  streamId: 0,
  timestamp: 0,
  payload,
});
const command = (...values: Amf0Value[]) => message(MessageType.commandAmf0, writeAmf0(...values));

/** Messages that fit into 64 KiB, repeated. */
function flood(...messages: RtmpMessage[]): Buffer {
  const writer = new ChunkWriter();
  writer.chunkSize = 65_536;
  const once = Buffer.concat(messages.map((one) => writer.write(2, one)));
  const setChunkSize = new ChunkWriter().write(2, uint32Message(MessageType.setChunkSize, 65_536));
  const times = Math.max(1, Math.floor(60_000 / once.length));
  return Buffer.concat([setChunkSize, ...Array.from({ length: times }, () => once)]);
}

/** Each is sent endlessly by a server that has accepted the stream, with or without reading. */
const FLOODS: Readonly<Record<string, Buffer>> = {
  pings: flood(message(MessageType.userControl, Buffer.from([0, 6, 1, 2, 3, 4]))),
  'user control': flood(message(MessageType.userControl, Buffer.from([0, 31, 0, 0, 0, 0, 0, 0, 0, 0]))),
  acknowledgements: flood(uint32Message(MessageType.acknowledgement, 0xffffffff)),
  'windows of a byte and none': flood(
    uint32Message(MessageType.windowAcknowledgementSize, 1),
    uint32Message(MessageType.windowAcknowledgementSize, 0),
  ),
  bandwidths: flood(
    message(MessageType.setPeerBandwidth, Buffer.from([0, 0, 0, 1, 2])),
    message(MessageType.setPeerBandwidth, Buffer.from([0, 0, 0, 2, 2])),
  ),
  aborts: flood(uint32Message(MessageType.abort, 3), uint32Message(MessageType.abort, 2)),
  status: flood(command('onStatus', 0, null, { level: 'status', code: 'x', description: 'y' })),
  'bandwidth checks': flood(command('_onbwcheck', 1), command('onBWDone', 0), command('ping', 0)),
  'answers to nothing': flood(command('_result', 5, null), command('_error', 6, null)),
  'objects without end': flood(
    message(
      MessageType.commandAmf0,
      Buffer.concat([writeAmf0('onStatus', 0), Buffer.alloc(60_000, Buffer.from([0x03, 0, 1, 0x61]))]),
    ),
  ),
  'lists in lists': flood(
    message(
      MessageType.commandAmf0,
      Buffer.concat([writeAmf0('onStatus', 0), Buffer.alloc(60_000, Buffer.from([0x0a, 0, 0, 0, 255]))]),
    ),
  ),
  'empty messages of a byte': Buffer.concat([
    new ChunkWriter().write(3, message(MessageType.commandAmf0, Buffer.alloc(0))),
    Buffer.alloc(60_000, 0xc3),
  ]),
  frames: flood(message(MessageType.video, Buffer.alloc(30_000))),
};

describe('a live server that floods its publisher', () => {
  let peer: RtmpPeer;
  let output: RtmpOutput;
  let pusher: NodeJS.Timeout;
  /** Timestamps received by the server. */
  let got: number[];
  /** The last one that was pushed. */
  let pushed: number;

  async function goLive(): Promise<PeerConnection> {
    got = [];
    pushed = 0;
    peer = await RtmpPeer.start({ onMedia: (_, { timestamp }) => got.push(timestamp) });
    const make = (kind: StreamTag['kind'], timestampMs: number, payload: Buffer): StreamTag => ({
      kind,
      timestampMs,
      payload,
      readAtMs: performance.now(),
    });
    output = new RtmpOutput({ id: 'main', url: peer.url(), key: 'key' }, () => [
      make('video-header', 0, avcHeader(1)),
      make('keyframe', 0, avcFrame('keyframe', 0)),
    ]);
    output.start();
    pusher = setInterval(() => {
      pushed += FRAME_MS;
      output.push(make('interframe', pushed, avcFrame('interframe', pushed % 1000)));
    }, FRAME_MS);
    await eventually('it is live', () => (output.status().state === 'live' ? true : undefined));
    return peer.last;
  }

  afterEach(async () => {
    clearInterval(pusher);
    output.dispose();
    await peer.stop();
  });

  /** Writes the bytes again whenever they have been read, while `during` lasts. Returns how many were read. */
  async function pour(
    connection: PeerConnection,
    bytes: Buffer,
    during: () => Promise<unknown>,
  ): Promise<number> {
    let written = 0;
    const write = (): void => {
      for (let more = true; more && !connection.closed; written += bytes.length) {
        more = connection.socket.write(bytes);
      }
    };
    connection.socket.on('drain', write);
    write();
    await new Promise((resolve) => setTimeout(resolve, FLOOD_MS));
    await during();
    connection.socket.off('drain', write);
    return written - connection.socket.writableLength;
  }

  for (const [what, bytes] of Object.entries(FLOODS)) {
    it(`with ${what} is read slowly, and receives all media`, async () => {
      const connection = await goLive();
      const memory = process.memoryUsage().rss;
      const taken = await pour(connection, bytes, async () => {
        const newest = pushed;
        await eventually('what was pushed comes', () => (got.includes(newest) ? true : undefined));
      });
      // Most of it is in the kernel's buffers.
      assert.ok(taken < 16 * 2 ** 20, `${taken} bytes were taken`);
      const { sessions, droppedFrames } = output.status();
      assert.deepEqual([sessions, droppedFrames, peer.connections.length], [1, 0, 1]);
      const grownMb = (process.memoryUsage().rss - memory) / 2 ** 20;
      assert.ok(grownMb < 100, `${grownMb} MB more`);
    });
  }

  it('and reads nothing uses no memory', async () => {
    const connection = await goLive();
    connection.socket.pause();
    const memory = process.memoryUsage().rss;
    await pour(connection, FLOODS['pings'] ?? Buffer.alloc(0), async () => {});
    const grownMb = (process.memoryUsage().rss - memory) / 2 ** 20;
    assert.ok(grownMb < 100, `${grownMb} MB more`);
  });
});
