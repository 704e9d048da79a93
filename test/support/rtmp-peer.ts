import { once } from 'node:events';
import { createServer, type Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { type Amf0Value, readAmf0, writeAmf0 } from '../../src/media/amf0.js';
import { ChunkReader } from '../../src/rtmp/chunk-reader.js';
import { ChunkWriter } from '../../src/rtmp/chunk-writer.js';
import { ChunkStream, MessageType, type RtmpMessage, uint32Message } from '../../src/rtmp/messages.js';

const HANDSHAKE_BYTES = 1 + 2 * 1536;
/** Different from what servers usually assign, to detect a publisher that assumes that value. */
export const STREAM_ID = 7;

export interface PeerCommand {
  readonly name: string;
  readonly transaction: number;
  readonly args: readonly Amf0Value[];
  readonly streamId: number;
}

/** How a scripted server misbehaves. Without options it is compliant. */
export interface PeerScript {
  /** Replaces the usual answer; return true if it was handled. */
  readonly onCommand?: (connection: PeerConnection, command: PeerCommand) => boolean;
  /** Called for each message of sound, frames or metadata. */
  readonly onMedia?: (connection: PeerConnection, message: RtmpMessage) => void;
  /** Called immediately for a new connection; return true to skip the handshake. */
  readonly onConnection?: (connection: PeerConnection) => boolean;
  /** Every byte in a separate packet. */
  readonly byteByByte?: boolean;
  readonly tls?: TlsOptions;
  readonly port?: number;
}

/** A live server controlled by the test. */
export class RtmpPeer {
  readonly connections: PeerConnection[] = [];
  port = 0;

  private constructor(
    private readonly server: Server,
    readonly script: PeerScript,
  ) {}

  static async start(script: PeerScript = {}): Promise<RtmpPeer> {
    const accept = (socket: Socket) => peer.accept(socket);
    const server = script.tls === undefined ? createServer(accept) : createTlsServer(script.tls, accept);
    const peer = new RtmpPeer(server, script);
    server.listen(script.port ?? 0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    peer.port = address.port;
    return peer;
  }

  url(app = 'live'): string {
    return `${this.script.tls === undefined ? 'rtmp' : 'rtmps'}://127.0.0.1:${this.port}/${app}`;
  }

  /** The latest connection. */
  get last(): PeerConnection {
    const connection = this.connections.at(-1);
    if (connection === undefined) throw new Error('nobody has connected');
    return connection;
  }

  async stop(): Promise<void> {
    for (const { socket } of this.connections) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private accept(socket: Socket): void {
    socket.setNoDelay(true);
    this.connections.push(new PeerConnection(socket, this.script));
  }
}

/** The server's end of one connection: a socket, or a channel in memory. */
export class PeerConnection {
  readonly openedAtMs = performance.now();
  readonly commands: PeerCommand[] = [];
  /** All messages but commands, in order. */
  readonly messages: RtmpMessage[] = [];
  closed = false;
  bytesRead = 0;
  private shake = Buffer.alloc(0);
  private greeted = false;
  private readonly writer = new ChunkWriter();
  private readonly reader = new ChunkReader((message) => this.onMessage(message), 1 << 24);
  private readonly outgoing: Buffer[] = [];
  private dribbling = false;

  constructor(
    readonly socket: Duplex,
    private readonly script: PeerScript,
  ) {
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
    });
    if (script.onConnection?.(this) === true) return;
    socket.on('data', (bytes: Buffer) => this.onData(bytes));
  }

  /** Sound, frames and metadata so far. */
  get media(): RtmpMessage[] {
    const media: number[] = [MessageType.audio, MessageType.video, MessageType.dataAmf0];
    return this.messages.filter(({ type }) => media.includes(type));
  }

  command(name: string): PeerCommand | undefined {
    return this.commands.find((command) => command.name === name);
  }

  write(bytes: Buffer): void {
    if (this.script.byteByByte !== true) {
      this.socket.write(bytes);
      return;
    }
    this.outgoing.push(bytes);
    if (!this.dribbling) this.dribble();
  }

  send(message: RtmpMessage, chunkStream: number = ChunkStream.control): void {
    this.write(this.writer.write(chunkStream, message));
  }

  invoke(name: string, transaction: number, ...args: Amf0Value[]): void {
    const payload = writeAmf0(name, transaction, ...args);
    this.send({ type: MessageType.commandAmf0, streamId: 0, timestamp: 0, payload }, ChunkStream.command);
  }

  status(level: string, code: string, description = '', more: Record<string, string> = {}): void {
    this.invoke('onStatus', 0, null, { level, code, description, ...more });
  }

  refuseConnect(command: PeerCommand, code: string, description: string): void {
    this.invoke('_error', command.transaction, null, { level: 'error', code, description });
  }

  /** Resets the connection, as a killed server's operating system does. */
  reset(): void {
    if (this.socket instanceof Socket) this.socket.resetAndDestroy();
    else this.socket.destroy();
  }

  /** The answer of a compliant server. */
  answer({ name, transaction }: PeerCommand): void {
    switch (name) {
      case 'connect':
        this.send(uint32Message(MessageType.windowAcknowledgementSize, 5_000_000));
        this.send({
          ...uint32Message(MessageType.setPeerBandwidth, 0),
          payload: Buffer.from([0, 0x4c, 0x4b, 0x40, 2]),
        });
        this.send(uint32Message(MessageType.setChunkSize, 512));
        this.writer.chunkSize = 512;
        this.invoke(
          '_result',
          transaction,
          { fmsVer: 'FMS/3,0,1,123', capabilities: 31 },
          { level: 'status', code: 'NetConnection.Connect.Success', description: 'x'.repeat(700) },
        );
        break;
      case 'releaseStream':
      case 'FCPublish':
        this.invoke('_error', transaction, null, {
          level: 'error',
          code: 'NetConnection.Call.Failed',
          description: 'no such method',
        });
        break;
      case 'createStream':
        this.invoke('_result', transaction, null, STREAM_ID);
        break;
      case 'publish':
        this.status('status', 'NetStream.Publish.Start', 'published');
        break;
    }
  }

  private onData(bytes: Buffer): void {
    this.bytesRead += bytes.length;
    if (this.shake.length < HANDSHAKE_BYTES) {
      this.shake = Buffer.concat([this.shake, bytes]);
      if (!this.greeted && this.shake.length >= 1537) {
        this.greeted = true;
        const c1 = this.shake.subarray(1, 1537);
        this.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(1536, 0x5a), c1]));
      }
      if (this.shake.length < HANDSHAKE_BYTES) return;
      if (!this.shake.subarray(1537, HANDSHAKE_BYTES).equals(Buffer.alloc(1536, 0x5a))) {
        throw new Error('C2 is not S1');
      }
      this.reader.push(this.shake.subarray(HANDSHAKE_BYTES));
      return;
    }
    this.reader.push(bytes);
  }

  private onMessage(message: RtmpMessage): void {
    if (message.type !== MessageType.commandAmf0) {
      this.messages.push(message);
      if (message.type >= MessageType.audio) this.script.onMedia?.(this, message);
      return;
    }
    const [name, transaction, ...args] = readAmf0(message.payload);
    const command = {
      name: String(name),
      transaction: Number(transaction),
      args,
      streamId: message.streamId,
    };
    this.commands.push(command);
    if (this.script.onCommand?.(this, command) !== true) this.answer(command);
  }

  private dribble(): void {
    const next = this.outgoing[0];
    this.dribbling = next !== undefined && !this.closed;
    if (next === undefined || this.closed) return;
    this.socket.write(next.subarray(0, 1));
    if (next.length === 1) this.outgoing.shift();
    else this.outgoing[0] = next.subarray(1);
    setImmediate(() => this.dribble());
  }
}
