import { Refusals } from '../../src/core/publish/rtmp/refusals.js';
import { parseOutputAddress } from '../../src/core/publish/rtmp/rtmp-target.js';
import { FlvViewer } from '../../src/live-server/flv-viewer.js';
import { LiveStream } from '../../src/live-server/live-stream.js';
import { RtmpViewer } from '../../src/live-server/rtmp-viewer.js';
import { Amf0Error, type Amf0Value, readAmf0, writeAmf0 } from '../../src/media/amf0.js';
import { parseAudioPayload } from '../../src/media/audio-payload.js';
import { FlvDemuxer } from '../../src/media/flv-demuxer.js';
import { parseVideoPayload } from '../../src/media/video-payload.js';
import { BulkheadError } from '../../src/protocol/errors.js';
import {
  PluginFrameReader,
  pluginFrameBytes,
  writePluginFrameHead,
  writePluginPresence,
} from '../../src/protocol/plugin-frames.js';
import { ChunkReader } from '../../src/rtmp/chunk-reader.js';
import { ChunkWriter } from '../../src/rtmp/chunk-writer.js';
import { MessageType, type RtmpMessage, RtmpProtocolError, uint32Message } from '../../src/rtmp/messages.js';
import { RtmpCommandError, RtmpConnection } from '../../src/rtmp/rtmp-connection.js';
import { RtmpServerSession } from '../../src/rtmp/rtmp-server-session.js';
import type { Target } from '../target.js';
import { turns, Wire } from './wire.js';

const FLV_HEADER = Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);
const STATUS = {
  level: 'error',
  code: 'NetStream.Publish.BadName',
  description: 'in use',
  tcUrl: 'rtmp://b/x',
};

const command = (...values: readonly Amf0Value[]): RtmpMessage => ({
  type: MessageType.commandAmf0,
  streamId: 0,
  timestamp: 0,
  payload: writeAmf0(...values),
});
const ANSWERS: readonly RtmpMessage[] = [
  uint32Message(MessageType.windowAcknowledgementSize, 2_500_000),
  uint32Message(MessageType.setChunkSize, 60_000),
  {
    type: MessageType.setPeerBandwidth,
    streamId: 0,
    timestamp: 0,
    payload: Buffer.from([0, 38, 37, 160, 2]),
  },
  command('_result', 1, { fmsVer: 'FMS/3,0' }, STATUS),
  command('_error', 2, null, STATUS),
  command('onStatus', 0, null, STATUS),
  command('onBWDone', 0, null, 8192),
  command('_onbwcheck', 3, null, 'x'.repeat(200)),
  command('ping', 4, null),
  { type: MessageType.userControl, streamId: 0, timestamp: 0, payload: Buffer.from([0, 6, 0, 0, 0, 1]) },
  { type: MessageType.video, streamId: 1, timestamp: 0xffffff, payload: Buffer.alloc(300, 0x17) },
];

function chunks(messages: readonly RtmpMessage[]): Buffer {
  const writer = new ChunkWriter();
  return Buffer.concat(messages.map((message, index) => writer.write(2 + (index % 5), message)));
}

function flvTag(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(11);
  header[0] = type;
  header.writeUIntBE(payload.length, 1, 3);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(11 + payload.length);
  return Buffer.concat([header, payload, size]);
}

/** In two pieces, cut at a place that the input itself says. */
function pieces(input: Buffer): readonly Buffer[] {
  const at = input.length === 0 ? 0 : (input[input.length >> 1] ?? 0) % input.length;
  return [input.subarray(0, at), input.subarray(at)];
}

/** Metadata, both headers, a keyframe, a frame of another codec, and sound. */
export const FLV_SEED = Buffer.concat([
  FLV_HEADER,
  flvTag(18, writeAmf0('onMetaData', { width: 640, duration: 0 })),
  flvTag(8, Buffer.from([0xaf, 0, 0x11, 0x90])),
  flvTag(9, Buffer.from([0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, 0xff, 0xe1])),
  flvTag(9, Buffer.from([0x17, 1, 0, 0, 66, 0, 0, 0, 4, 0x65, 1, 2, 3])),
  flvTag(9, Buffer.from([0x90, 0x68, 0x76, 0x63, 0x31, 0, 0, 0, 0])),
  flvTag(8, Buffer.from([0xaf, 1, 0x21, 0x10])),
]);

const flv: Target = {
  name: 'flv',
  seeds: [FLV_SEED],
  run: (input) => {
    const demuxer = new FlvDemuxer(({ kind, payload }) => {
      if (kind === 'video') parseVideoPayload(payload);
      else if (kind === 'audio') parseAudioPayload(payload);
    });
    try {
      for (const piece of pieces(input)) demuxer.push(piece);
    } catch (error) {
      if (!(error instanceof BulkheadError)) throw error;
    }
  },
};

const amf0: Target = {
  name: 'amf0',
  seeds: [
    writeAmf0('connect', 1, { app: 'live', audioCodecs: 3575, capable: true, x: [1, null, undefined] }),
    writeAmf0('onStatus', 0, null, STATUS),
    writeAmf0(new Date(0), 'x'.repeat(300), [[[[{ a: { b: {} } }]]]]),
    Buffer.from([8, 0, 0, 0, 1, 0, 1, 0x61, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0x10, 0, 1, 0x61, 0, 0, 9]),
  ],
  run: (input) => {
    try {
      writeAmf0(...readAmf0(input));
    } catch (error) {
      if (!(error instanceof Amf0Error)) throw error;
    }
  },
};

const chunkReader: Target = {
  name: 'rtmp-chunks',
  seeds: [chunks(ANSWERS), chunks(ANSWERS.slice(4))],
  run: (input) => {
    const reader = new ChunkReader(({ payload }) => payload.at(0));
    try {
      for (const piece of pieces(input)) reader.push(piece);
    } catch (error) {
      if (!(error instanceof RtmpProtocolError)) throw error;
    }
  },
};

/** What is written is read again as it was, however it is cut and whatever it holds. */
const chunkRoundTrip: Target = {
  name: 'rtmp-both-ways',
  seeds: [Buffer.from([9, 0, 0, 0, 1, 0, 0, 0, 1, 200, 1, 2, 3, 4]), Buffer.alloc(600, 0xff)],
  maxBytes: 8 * 1024,
  run: (input) => {
    if (input.length < 10) return;
    const writer = new ChunkWriter();
    writer.chunkSize = 1 + (input[9] ?? 0) * 16;
    const sent: RtmpMessage = {
      type: MessageType.video,
      streamId: input.readUInt32LE(1),
      timestamp: input.readUInt32BE(5),
      payload: input.subarray(10),
    };
    const received: RtmpMessage[] = [];
    const reader = new ChunkReader((message) => received.push(message));
    reader.push(new ChunkWriter().write(2, uint32Message(MessageType.setChunkSize, writer.chunkSize)));
    for (const piece of pieces(writer.write(6, sent))) reader.push(piece);
    const [, message] = received;
    if (
      message === undefined ||
      message.timestamp !== sent.timestamp ||
      message.streamId !== sent.streamId ||
      !message.payload.equals(sent.payload)
    ) {
      throw new Error('a message was read otherwise than it was written');
    }
  },
};

const HANDSHAKE = Buffer.concat([Buffer.from([3]), Buffer.alloc(1536 * 2)]);

/** A server's side of a connection, and what is said to the streamer of it. */
const connection: Target = {
  name: 'rtmp-connection',
  seeds: [chunks(ANSWERS), chunks(ANSWERS.toReversed())],
  run: async (input) => {
    const wire = new Wire();
    const refusals = new Refusals(parseOutputAddress({ url: 'rtmp://a/live/key' }, 'outputs.a'), 'outputs.a');
    const client = new RtmpConnection(wire, {
      onStatus: (info) => void refusals.from(new RtmpCommandError(info), 'publish').sentence,
      onClosed: (error) => void refusals.from(error, 'live').sentence,
      onFlush: () => {},
      onDrain: () => {},
    });
    const ignore = () => {};
    client.handshake().catch(ignore);
    client.call('connect', {}).catch((error) => void refusals.from(error, 'connect').sentence);
    wire.feed(HANDSHAKE);
    wire.feed(input);
    await turns(3);
    client.dispose();
    await turns(1);
  },
};

const REQUESTS: readonly RtmpMessage[] = [
  request(0, 'connect', 1, { app: 'live', tcUrl: 'rtmp://a/live', flashVer: 'x' }),
  request(0, 'createStream', 2, null),
  request(1, 'publish', 3, null, 'stream?key=k', 'live'),
  {
    type: MessageType.video,
    streamId: 1,
    timestamp: 40,
    payload: Buffer.from([0x17, 1, 0, 0, 0, 0, 0, 0, 1, 0x65]),
  },
  request(1, 'play', 4, null, 'stream'),
  request(0, 'deleteStream', 5, null, 1),
];

function request(streamId: number, ...values: Amf0Value[]): RtmpMessage {
  return { type: MessageType.commandAmf0, streamId, timestamp: 0, payload: writeAmf0(...values) };
}

/** A client's side of a connection to the live server, with a viewer of what is published. */
const server: Target = {
  name: 'rtmp-server',
  seeds: [
    chunks(REQUESTS),
    chunks(REQUESTS.slice(0, 4)),
    chunks([...REQUESTS.slice(0, 2), ...REQUESTS.slice(4)]),
  ],
  run: async (input) => {
    const wire = new Wire();
    const stream = new LiveStream();
    const session = new RtmpServerSession(wire, {
      checkApp: () => {},
      publish: () => stream.publish(),
      play: (_request, player) => ({ end: stream.watch(new RtmpViewer(player)) }),
    });
    const viewer = new FlvViewer(stream, new AbortController().signal);
    wire.feed(HANDSHAKE);
    wire.feed(input);
    await turns(3);
    session.dispose();
    viewer.destroy();
    stream.dispose();
    await turns(1);
  },
};

/** Two frames, and that the plugin ends and runs again. */
const METERS = { plugin: 'acme.meters', source: 'meters' };
const PLUGIN_FRAMES = Buffer.concat([
  ...[writePluginFrameHead({ ...METERS, width: 8, height: 4 }), Buffer.alloc(128, 200)],
  ...[writePluginFrameHead({ ...METERS, width: 2, height: 2 }), Buffer.alloc(16, 100)],
  ...[writePluginPresence(METERS, 'gone'), writePluginPresence(METERS, 'awaited')],
]);

const pluginFrames: Target = {
  name: 'plugin-frames',
  seeds: [PLUGIN_FRAMES],
  run: (input) => {
    const reader = new PluginFrameReader({
      begin: (head) => (head.width > 4 ? Buffer.alloc(pluginFrameBytes(head)) : undefined),
      end: () => {},
      presence: () => {},
    });
    try {
      for (const piece of pieces(input)) reader.push(piece);
    } catch (error) {
      if (!/not a frame|cannot/.test((error as Error).message)) throw error;
    }
  },
};

export const mediaTargets: readonly Target[] = [
  ...[flv, amf0, chunkReader, chunkRoundTrip, connection, server],
  pluginFrames,
];
