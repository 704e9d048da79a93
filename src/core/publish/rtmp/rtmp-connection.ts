import type { Socket } from 'node:net';
import type { Disposable } from 'vscode-jsonrpc';
import { type Amf0Object, type Amf0Value, isAmf0Object, readAmf0, writeAmf0 } from '../amf0.js';
import { AckWatch } from './ack-watch.js';
import { ChunkReader } from './chunk-reader.js';
import { ChunkWriter } from './chunk-writer.js';
import { Handshake } from './handshake.js';
import {
  ChunkStream,
  MessageType,
  pingResponse,
  type RtmpMessage,
  UserControlEvent,
  uint32Message,
} from './messages.js';
import { SocketWriter } from './socket-writer.js';

/** As OBS: large enough to cost nothing, small enough for every server. */
const CHUNK_SIZE = 4096;
/** How often the server is asked to acknowledge, bytes. */
const ACKNOWLEDGEMENT_WINDOW = 500_000;

/** What a server says with `onStatus`, or with the error of a command. */
export interface StatusInfo {
  readonly level: string;
  readonly code: string;
  readonly description: string;
  /** Where to go, in a ReconnectRequest. */
  readonly tcUrl: string | undefined;
}

/** The server answered a command with `_error`. */
export class RtmpCommandError extends Error {
  override readonly name = 'RtmpCommandError';

  constructor(readonly info: StatusInfo) {
    // Not the server's text: it may hold the stream key, and an error's message can get anywhere.
    super('the server answered with an error');
  }
}

/** The connection is gone; `cause` is set when it broke, and not when the server closed it. */
export class RtmpClosedError extends Error {
  override readonly name = 'RtmpClosedError';
}

export interface RtmpConnectionOwner {
  onStatus(info: StatusInfo): void;
  /** Once; whatever was awaited has been rejected with the same error. */
  onClosed(error: RtmpClosedError): void;
  onFlush(): void;
  onDrain(): void;
}

interface Deferred<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

/**
 * One RTMP connection as a client sees it: handshake, chunks, commands and their answers, and what the protocol asks
 * for by itself (acknowledgements, pings, bandwidth checks).
 */
export class RtmpConnection implements Disposable {
  readonly acks = new AckWatch(ACKNOWLEDGEMENT_WINDOW);
  readonly writer: SocketWriter;
  private readonly chunkWriter = new ChunkWriter();
  private readonly chunkReader = new ChunkReader((message) => this.onMessage(message));
  private readonly calls = new Map<number, Deferred<Amf0Value[]>>();
  private shake: (Deferred<void> & { readonly state: Handshake }) | undefined;
  private lastTransaction = 0;
  private bytesRead = 0;
  private bytesAcknowledged = 0;
  private peerWindow = 0;
  private window = 0;
  private bandwidthChecked = false;
  private closed: RtmpClosedError | undefined;
  private broken: Error | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly owner: RtmpConnectionOwner,
  ) {
    this.writer = new SocketWriter(
      socket,
      () => owner.onFlush(),
      () => owner.onDrain(),
    );
    socket.on('data', (bytes: Buffer) => this.onData(bytes));
    socket.on('error', (error) => {
      this.broken ??= error;
    });
    // Half-open is of no use to a publisher: when the server ends its side, it has ended the session.
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.onClose());
    if (socket.destroyed) process.nextTick(() => this.onClose());
  }

  /** Shakes hands, then tells the chunk size. */
  async handshake(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      if (this.closed) {
        reject(this.closed);
        return;
      }
      const state = new Handshake();
      this.shake = { resolve, reject, state };
      this.writer.write(state.hello);
    });
    this.write(ChunkStream.control, uint32Message(MessageType.setChunkSize, CHUNK_SIZE));
    this.chunkWriter.chunkSize = CHUNK_SIZE;
  }

  /** Asks the server to acknowledge now and then; goes after `connect`, as with other publishers. */
  requestAcknowledgements(): void {
    this.window = ACKNOWLEDGEMENT_WINDOW;
    this.write(ChunkStream.control, uint32Message(MessageType.windowAcknowledgementSize, this.window));
  }

  /**
   * Calls a command of the connection and returns what the server answers after the transaction id.
   * @throws {RtmpCommandError | RtmpClosedError}
   */
  call(command: string, ...args: Amf0Value[]): Promise<Amf0Value[]> {
    return new Promise((resolve, reject) => {
      if (this.closed) reject(this.closed);
      else this.calls.set(this.send(0, command, ...args), { resolve, reject });
    });
  }

  /** Sends a command whose answer does not matter; returns its transaction id. */
  send(streamId: number, command: string, ...args: Amf0Value[]): number {
    const transaction = ++this.lastTransaction;
    this.command(streamId, command, transaction, ...args);
    return transaction;
  }

  write(chunkStream: number, message: RtmpMessage, prefix?: Buffer): void {
    if (this.closed) return;
    this.writer.write(this.chunkWriter.write(chunkStream, message, prefix));
  }

  /** Closes with a reason that `onClosed` tells; what is still unwritten is lost. */
  fail(error: Error): void {
    this.broken ??= error;
    this.socket.destroy();
  }

  /** Ends our side once all is written; the server then closes. */
  end(): void {
    this.socket.end();
  }

  dispose(): void {
    this.socket.destroy();
  }

  private command(streamId: number, name: string, transaction: number, ...args: Amf0Value[]): void {
    const payload = writeAmf0(name, transaction, ...args);
    this.write(ChunkStream.command, { type: MessageType.commandAmf0, streamId, timestamp: 0, payload });
  }

  private onData(bytes: Buffer): void {
    this.bytesRead += bytes.length;
    try {
      const rest = this.shake === undefined ? bytes : this.continueHandshake(this.shake, bytes);
      if (rest.length > 0) this.chunkReader.push(rest);
      this.acknowledge();
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private continueHandshake(shake: Deferred<void> & { readonly state: Handshake }, bytes: Buffer): Buffer {
    const { reply, rest } = shake.state.push(bytes);
    if (reply !== undefined) this.writer.write(reply);
    if (rest === undefined) return Buffer.alloc(0);
    this.shake = undefined;
    shake.resolve();
    return rest;
  }

  private acknowledge(): void {
    if (this.peerWindow === 0 || this.bytesRead - this.bytesAcknowledged < this.peerWindow) return;
    this.bytesAcknowledged = this.bytesRead;
    this.write(ChunkStream.control, uint32Message(MessageType.acknowledgement, this.bytesRead));
  }

  private onMessage(message: RtmpMessage): void {
    const { type, payload } = message;
    switch (type) {
      case MessageType.commandAmf0:
        this.onCommand(payload);
        break;
      case MessageType.commandAmf3:
        this.onCommand(payload.subarray(1));
        break;
      case MessageType.acknowledgement:
        this.acks.acknowledged(this.writer.bytesTaken, performance.now());
        break;
      case MessageType.windowAcknowledgementSize:
        if (payload.length >= 4) this.peerWindow = payload.readUInt32BE();
        break;
      case MessageType.setPeerBandwidth:
        this.onPeerBandwidth(payload);
        break;
      case MessageType.userControl:
        if (payload.length >= 6 && payload.readUInt16BE() === UserControlEvent.pingRequest) {
          this.write(ChunkStream.control, pingResponse(payload.subarray(2)));
        }
        break;
    }
  }

  /** The server limits what may be unacknowledged: answered with a window that is not larger (section 5.4.5). */
  private onPeerBandwidth(payload: Buffer): void {
    if (payload.length < 4) return;
    const window = Math.min(payload.readUInt32BE(), ACKNOWLEDGEMENT_WINDOW);
    if (window === 0 || window === this.window) return;
    this.window = window;
    this.write(ChunkStream.control, uint32Message(MessageType.windowAcknowledgementSize, window));
  }

  private onCommand(payload: Buffer): void {
    let values: Amf0Value[];
    try {
      values = readAmf0(payload);
    } catch {
      // A command that cannot be read is one that nobody here has asked for: no reason to end a broadcast.
      return;
    }
    const [name, transaction, ...args] = values;
    if (typeof transaction !== 'number') return;
    switch (name) {
      case '_result':
        this.calls.get(transaction)?.resolve(args);
        this.calls.delete(transaction);
        break;
      case '_error':
        this.calls.get(transaction)?.reject(new RtmpCommandError(statusOf(args)));
        this.calls.delete(transaction);
        break;
      case 'onStatus':
        this.owner.onStatus(statusOf(args));
        break;
      case 'onBWDone':
        if (!this.bandwidthChecked) this.send(0, '_checkbw', null);
        this.bandwidthChecked = true;
        break;
      case '_onbwcheck':
        this.command(0, '_result', transaction, null, 0);
        break;
      case 'ping':
        this.send(0, 'pong', null);
        break;
      case 'close':
        this.socket.destroy();
        break;
    }
  }

  private onClose(): void {
    const reason = this.broken?.message ?? 'the server closed the connection';
    const error = new RtmpClosedError(reason, this.broken === undefined ? {} : { cause: this.broken });
    this.closed = error;
    this.shake?.reject(error);
    this.shake = undefined;
    for (const call of this.calls.values()) call.reject(error);
    this.calls.clear();
    this.owner.onClosed(error);
  }
}

/** The information object among a command's arguments; servers put it in different places. */
function statusOf(args: readonly Amf0Value[]): StatusInfo {
  const info: Amf0Object =
    args.filter(isAmf0Object).find((object) => 'code' in object || 'description' in object) ?? {};
  const text = (value: Amf0Value) => (typeof value === 'string' ? value : '');
  return {
    level: text(info['level']),
    code: text(info['code']),
    description: text(info['description']),
    tcUrl: text(info['tcUrl']) || undefined,
  };
}
