import { connect, type Socket } from 'node:net';
import { type Amf0Value, writeAmf0 } from '../../src/media/amf0.js';
import { FlvDemuxer } from '../../src/media/flv-demuxer.js';
import type { LiveServerStartResult } from '../../src/protocol/live-server.js';
import { ChunkWriter } from '../../src/rtmp/chunk-writer.js';
import { ChunkStream, MessageType, uint32Message } from '../../src/rtmp/messages.js';
import type { RtmpConnection } from '../../src/rtmp/rtmp-connection.js';
import { avcHeader } from './flv.js';
import { openPublishing, PUBLISHING_STREAM } from './rtmp-publishing.js';

const FPS = 60;
const GOP_FRAMES = 60;
const COUNTER_AT = 10;

/** Publishes numbered frames that are not decodable, at a bitrate for which ffmpeg would need a whole core. */
export class NumberedPublisher {
  private readonly startedAtMs = performance.now();
  private sent = 0;
  private readonly timer = setInterval(() => this.sendDue(), 5);

  private constructor(
    private readonly connection: RtmpConnection,
    private readonly frameBytes: number,
  ) {}

  static async start(
    { publishUrl, rtmpPort }: LiveServerStartResult,
    kbps: number,
  ): Promise<NumberedPublisher> {
    const key = publishUrl.slice(publishUrl.lastIndexOf('/') + 1);
    const connection = await openPublishing(rtmpPort, 'live', key);
    const publisher = new NumberedPublisher(connection, Math.round((kbps * 125) / FPS));
    publisher.send(0, avcHeader(1));
    return publisher;
  }

  stop(): void {
    clearInterval(this.timer);
    this.connection.dispose();
  }

  private sendDue(): void {
    const due = ((performance.now() - this.startedAtMs) * FPS) / 1000;
    for (; this.sent < due; this.sent += 1) {
      const isKeyframe = this.sent % GOP_FRAMES === 0;
      const frame = Buffer.alloc(this.frameBytes, 0x55);
      Buffer.from([isKeyframe ? 0x17 : 0x27, 1, 0, 0, 0]).copy(frame);
      frame.writeUInt32BE(frame.length - 9, 5);
      frame[9] = isKeyframe ? 0x65 : 0x41;
      frame.writeUInt32BE(this.sent, COUNTER_AT);
      this.send(Math.round((this.sent * 1000) / FPS), frame);
    }
  }

  private send(timestamp: number, payload: Buffer): void {
    this.connection.write(ChunkStream.video, {
      type: MessageType.video,
      streamId: PUBLISHING_STREAM,
      timestamp,
      payload,
    });
  }
}

/** A viewer over HTTP that reads everything, and counts missing frames. */
export class CountingViewer {
  frames = 0;
  missing = 0;
  private last: number | undefined;

  private constructor(private readonly leave: AbortController) {}

  static async start({ playUrl }: LiveServerStartResult): Promise<CountingViewer> {
    const leave = new AbortController();
    const { body } = await fetch(playUrl, { signal: leave.signal });
    const viewer = new CountingViewer(leave);
    const demuxer = new FlvDemuxer(({ payload }) => viewer.take(payload));
    void (async () => {
      for await (const bytes of body ?? []) demuxer.push(Buffer.from(bytes));
    })().catch(() => {});
    return viewer;
  }

  stop(): void {
    this.leave.abort();
  }

  private take(payload: Buffer): void {
    if (payload.readUInt8(1) !== 1) return;
    const counter = payload.readUInt32BE(COUNTER_AT);
    if (this.last !== undefined) this.missing += counter - this.last - 1;
    this.last = counter;
    this.frames += 1;
  }
}

export type DeafKind = 'rtmp' | 'http' | 'websocket';

/** Connections that request the stream and read nothing; each one closed by the server is replaced. */
export class DeafViewers {
  /** Number of connections closed by the server. */
  ended = 0;
  private readonly sockets = new Set<Socket>();
  private stopped = false;

  constructor(
    private readonly addresses: LiveServerStartResult,
    count: number,
    kinds: readonly DeafKind[] = ['rtmp', 'http', 'websocket'],
  ) {
    for (let index = 0; index < count; index += 1) this.open(kinds[index % kinds.length] ?? 'http');
  }

  stop(): void {
    this.stopped = true;
    for (const socket of this.sockets) socket.destroy();
  }

  private open(kind: DeafKind): void {
    const { rtmpPort, httpPort } = this.addresses;
    const socket = connect(kind === 'rtmp' ? rtmpPort : httpPort, '127.0.0.1');
    this.sockets.add(socket);
    socket.pause();
    socket.on('error', () => {});
    socket.write(kind === 'rtmp' ? playRequest() : httpRequest(kind));
    // A socket that is not read does not detect its close; a write does.
    const probe = setInterval(() => socket.write(NOTHING_SAID[kind]), 1000);
    socket.once('close', () => {
      clearInterval(probe);
      this.sockets.delete(socket);
      if (this.stopped) return;
      this.ended += 1;
      setTimeout(() => !this.stopped && this.open(kind), 100);
    });
  }
}

/** Something that a viewer may send at any time. */
const NOTHING_SAID: Readonly<Record<DeafKind, Buffer>> = {
  rtmp: new ChunkWriter().write(ChunkStream.control, uint32Message(MessageType.acknowledgement, 0)),
  http: Buffer.from('\r\n'),
  // A pong.
  websocket: Buffer.from([0x8a, 0x80, 0, 0, 0, 0]),
};

/** A player's complete request, sent without waiting for answers. */
export function playRequest(): Buffer {
  const chunks = new ChunkWriter();
  const command = (streamId: number, ...values: Amf0Value[]) =>
    chunks.write(ChunkStream.command, {
      type: MessageType.commandAmf0,
      streamId,
      timestamp: 0,
      payload: writeAmf0(...values),
    });
  return Buffer.concat([
    Buffer.from([3]),
    Buffer.alloc(2 * 1536),
    command(0, 'connect', 1, { app: 'live' }),
    command(0, 'createStream', 2, null),
    command(1, 'play', 3, null, 'stream'),
  ]);
}

function httpRequest(kind: 'http' | 'websocket'): string {
  const head = 'GET /live/stream.flv HTTP/1.1\r\nHost: 127.0.0.1\r\n';
  if (kind === 'http') return `${head}\r\n`;
  const key = Buffer.alloc(16).toString('base64');
  return `${head}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`;
}
