import type { Duplex } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { type Amf0Object, type Amf0Value, isAmf0Object, readAmf0, writeAmf0 } from './amf0.js';
import { ChunkReader } from './chunk-reader.js';
import { ChunkWriter } from './chunk-writer.js';
import type { Handshake } from './handshake.js';
import {
  ChunkStream,
  MessageType,
  pingResponse,
  type RtmpMessage,
  UserControlEvent,
  uint32Message,
} from './messages.js';
import { SocketWriter } from './socket-writer.js';

/** As OBS: large enough to cost nothing, small enough for every peer. */
const CHUNK_SIZE = 4096;
/** A peer that wants to be acknowledged more often than this gets no more of them, bytes. */
const MIN_PEER_WINDOW = 1024;
/** So many answers wait for the socket at most; a peer that takes none of them needs no more. */
const MAX_WAITING_ANSWERS = 64;

/** A command: a call, its answer, or what one side tells the other. */
export interface RtmpCommand {
  readonly name: string;
  /** 0 where no answer is wanted. */
  readonly transaction: number;
  readonly args: readonly Amf0Value[];
  /** Message stream. */
  readonly streamId: number;
}

/** The connection is gone; `cause` is set when it broke, and not when the peer closed it. */
export class RtmpClosedError extends Error {
  override readonly name = 'RtmpClosedError';
}

export interface RtmpPeerOptions {
  /** Bound of one message and of all unfinished ones together, bytes. */
  readonly maxMessageBytes?: number;
  readonly handshake: Handshake;
  /** What was written has just been handed to the socket. */
  readonly onFlush?: () => void;
  /** The socket has taken all that was written. */
  readonly onDrain?: () => void;
}

/**
 * What both sides of an RTMP connection do: the handshake, chunks, and what the protocol asks for by itself
 * (acknowledgements, pings). Whoever has it hands it the bytes that come.
 */
export abstract class RtmpPeer implements Disposable {
  readonly writer: SocketWriter;
  protected readonly chunkReader: ChunkReader;
  private readonly chunkWriter = new ChunkWriter();
  /** Undefined once it is done. */
  private unfinishedHandshake: Handshake | undefined;
  private bytesRead = 0;
  private bytesAcknowledged = 0;
  /** How often the peer wants to be acknowledged, bytes. */
  private peerWindow: number | undefined;
  private waitingAnswers = 0;
  private closed: RtmpClosedError | undefined;
  private broken: Error | undefined;

  protected constructor(
    protected readonly socket: Duplex,
    { maxMessageBytes, handshake, onFlush, onDrain }: RtmpPeerOptions,
  ) {
    this.unfinishedHandshake = handshake;
    this.chunkReader = new ChunkReader((message) => this.take(message), maxMessageBytes);
    this.writer = new SocketWriter(
      socket,
      () => {
        this.waitingAnswers = 0;
        onFlush?.();
      },
      () => onDrain?.(),
    );
    socket.on('error', (error) => {
      this.broken ??= error;
    });
    // Half-open is of no use: a peer that ends its side has ended the session.
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.close());
    if (socket.destroyed) process.nextTick(() => this.close());
  }

  /** Why nothing can be sent any more; undefined while it can. */
  get closeReason(): RtmpClosedError | undefined {
    return this.closed;
  }

  /** Sends a command. */
  command(streamId: number, name: string, transaction: number, ...args: Amf0Value[]): void {
    this.write(ChunkStream.command, {
      type: MessageType.commandAmf0,
      streamId,
      timestamp: 0,
      payload: writeAmf0(name, transaction, ...args),
    });
  }

  write(chunkStream: number, message: RtmpMessage, prefix?: Buffer): void {
    if (!this.closed) this.writeEncoded(this.encode(chunkStream, message, prefix));
  }

  /** A message as `write` would send it now. */
  protected encode(chunkStream: number, message: RtmpMessage, prefix?: Buffer): Buffer {
    return this.chunkWriter.write(chunkStream, message, prefix);
  }

  protected writeEncoded(bytes: Buffer): void {
    if (!this.closed) this.writer.write(bytes);
  }

  /** Closes with a reason; what is still unwritten is lost. */
  fail(error: Error): void {
    this.broken ??= error;
    this.socket.destroy();
  }

  /** Ends our side once all is written; the peer then closes. */
  end(): void {
    this.socket.end();
  }

  dispose(): void {
    this.socket.destroy();
  }

  /** Takes what has come, cut anywhere. Never throws: what breaks the protocol closes the connection. */
  protected push(bytes: Buffer): void {
    this.bytesRead += bytes.length;
    try {
      const rest =
        this.unfinishedHandshake === undefined
          ? bytes
          : this.continueHandshake(this.unfinishedHandshake, bytes);
      if (rest.length > 0) this.chunkReader.push(rest);
      this.acknowledge();
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Has the peer told the chunk size that is used from here on. */
  protected announceChunkSize(): void {
    this.write(ChunkStream.control, uint32Message(MessageType.setChunkSize, CHUNK_SIZE));
    this.chunkWriter.chunkSize = CHUNK_SIZE;
  }

  /** Sends what the peer has asked for; drops it where the peer takes nothing. */
  protected answer(message: RtmpMessage): void {
    if (this.mayAnswer()) this.write(ChunkStream.control, message);
  }

  /** Whether an answer may be sent; it then counts as sent. */
  protected mayAnswer(): boolean {
    if (this.waitingAnswers >= MAX_WAITING_ANSWERS) return false;
    this.waitingAnswers += 1;
    return true;
  }

  /** The handshake is done. */
  protected abstract onHandshake(): void;

  protected abstract onCommand(command: RtmpCommand): void;

  /** Any message but commands and those that are answered here. */
  protected abstract onMessage(message: RtmpMessage): void;

  /** The connection is gone. Once. */
  protected abstract onClosed(error: RtmpClosedError): void;

  private continueHandshake(handshake: Handshake, bytes: Buffer): Buffer {
    const { reply, rest } = handshake.push(bytes);
    if (reply !== undefined) this.writer.write(reply);
    if (rest === undefined) return Buffer.alloc(0);
    this.unfinishedHandshake = undefined;
    this.onHandshake();
    return rest;
  }

  private acknowledge(): void {
    if (this.peerWindow === undefined || this.bytesRead - this.bytesAcknowledged < this.peerWindow) return;
    this.bytesAcknowledged = this.bytesRead;
    this.answer(uint32Message(MessageType.acknowledgement, this.bytesRead));
  }

  private take(message: RtmpMessage): void {
    // What came before had us close: what comes after it in the same bytes is nobody's.
    if (this.socket.destroyed) return;
    const { type, payload, streamId } = message;
    switch (type) {
      case MessageType.commandAmf0:
        this.takeCommand(payload, streamId);
        break;
      case MessageType.commandAmf3:
        this.takeCommand(payload.subarray(1), streamId);
        break;
      case MessageType.windowAcknowledgementSize:
        if (payload.length >= 4) this.peerWindow = Math.max(payload.readUInt32BE(), MIN_PEER_WINDOW);
        break;
      case MessageType.userControl:
        if (payload.length >= 6 && payload.readUInt16BE() === UserControlEvent.pingRequest) {
          this.answer(pingResponse(payload.subarray(2)));
        }
        break;
      default:
        this.onMessage(message);
    }
  }

  private takeCommand(payload: Buffer, streamId: number): void {
    let values: Amf0Value[];
    try {
      values = readAmf0(payload);
    } catch {
      // A command that cannot be read is one that nobody here has asked for: no reason to end a broadcast.
      return;
    }
    const [name, transaction, ...args] = values;
    if (typeof name === 'string' && typeof transaction === 'number') {
      this.onCommand({ name, transaction, args, streamId });
    }
  }

  private close(): void {
    if (this.closed !== undefined) return;
    const reason = this.broken?.message ?? 'the peer closed the connection';
    const error = new RtmpClosedError(reason, this.broken === undefined ? {} : { cause: this.broken });
    this.closed = error;
    this.onClosed(error);
  }
}

/** The text in a property of an object; empty where there is none. */
export function textOf(object: Amf0Object | undefined, name: string): string {
  const value = object?.[name];
  return typeof value === 'string' ? value : '';
}

/** The first object among a command's arguments that has one of these properties; peers put it in different places. */
export function objectWith(args: readonly Amf0Value[], ...names: readonly string[]): Amf0Object | undefined {
  return args.filter(isAmf0Object).find((object) => names.some((name) => name in object));
}
