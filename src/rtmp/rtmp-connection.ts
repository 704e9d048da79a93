import type { Duplex } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { AckWatch } from './ack-watch.js';
import { type Amf0Object, type Amf0Value, isAmf0Object, readAmf0, writeAmf0 } from './amf0.js';
import { ChunkReader } from './chunk-reader.js';
import { ChunkWriter } from './chunk-writer.js';
import { Handshake } from './handshake.js';
import { Intake } from './intake.js';
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
/** A server that wants to be acknowledged more often than this gets no more of them, bytes. */
const MIN_PEER_WINDOW = 1024;
/** So many answers wait for the socket at most; a server that takes none of them needs no more. */
const MAX_WAITING_ANSWERS = 64;

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
  private readonly intake: Intake;
  private readonly calls = new Map<number, Deferred<Amf0Value[]>>();
  private shake: (Deferred<void> & { readonly state: Handshake }) | undefined;
  private lastTransaction = 0;
  private bytesRead = 0;
  private bytesAcknowledged = 0;
  /** How often the server wants to be acknowledged, bytes. */
  private peerWindow: number | undefined;
  private window = 0;
  private bandwidthChecked = false;
  private waitingAnswers = 0;
  private closed: RtmpClosedError | undefined;
  private broken: Error | undefined;

  constructor(
    private readonly socket: Duplex,
    private readonly owner: RtmpConnectionOwner,
  ) {
    this.writer = new SocketWriter(
      socket,
      () => {
        this.waitingAnswers = 0;
        owner.onFlush();
      },
      () => owner.onDrain(),
    );
    this.intake = new Intake(socket, (bytes) => this.onData(bytes));
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

  /** Why nothing can be sent any more; undefined while it can. */
  get closeReason(): RtmpClosedError | undefined {
    return this.closed;
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
    this.write(ChunkStream.command, commandMessage(streamId, command, transaction, ...args));
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

  /** Sends what the server has asked for. */
  private answer(message: RtmpMessage, chunkStream: number = ChunkStream.control): void {
    if (this.waitingAnswers >= MAX_WAITING_ANSWERS) return;
    this.waitingAnswers += 1;
    this.write(chunkStream, message);
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
    if (this.peerWindow === undefined || this.bytesRead - this.bytesAcknowledged < this.peerWindow) return;
    this.bytesAcknowledged = this.bytesRead;
    this.answer(uint32Message(MessageType.acknowledgement, this.bytesRead));
  }

  private onMessage(message: RtmpMessage): void {
    // What came before had us close: what comes after it in the same bytes is nobody's.
    if (this.socket.destroyed) return;
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
        if (payload.length >= 4) this.peerWindow = Math.max(payload.readUInt32BE(), MIN_PEER_WINDOW);
        break;
      case MessageType.setPeerBandwidth:
        this.onPeerBandwidth(payload);
        break;
      case MessageType.userControl:
        if (payload.length >= 6 && payload.readUInt16BE() === UserControlEvent.pingRequest) {
          this.answer(pingResponse(payload.subarray(2)));
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
    this.answer(uint32Message(MessageType.windowAcknowledgementSize, window));
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
        this.answer(commandMessage(0, '_result', transaction, null, 0), ChunkStream.command);
        break;
      case 'ping':
        this.answer(commandMessage(0, 'pong', ++this.lastTransaction, null), ChunkStream.command);
        break;
      case 'close':
        this.socket.destroy();
        break;
    }
  }

  private onClose(): void {
    this.intake.dispose();
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

function commandMessage(
  streamId: number,
  name: string,
  transaction: number,
  ...args: Amf0Value[]
): RtmpMessage {
  return {
    type: MessageType.commandAmf0,
    streamId,
    timestamp: 0,
    payload: writeAmf0(name, transaction, ...args),
  };
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
