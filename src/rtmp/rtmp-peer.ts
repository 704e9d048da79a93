import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Disposable } from 'vscode-jsonrpc';
import { type Amf0Object, type Amf0Value, isAmf0Object, readAmf0, writeAmf0 } from '../media/amf0.js';
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

/** As in OBS: large enough for low overhead, small enough for every peer. */
const CHUNK_SIZE = 4096;
/** A peer that requests a smaller acknowledgement window gets acknowledgements at this interval, bytes. */
const MIN_PEER_WINDOW = 1024;
/** Maximum number of answers waiting for the socket; a peer that reads none of them needs no more. */
const MAX_WAITING_ANSWERS = 64;

/** A command: a call, its answer, or a notification. */
export interface RtmpCommand {
  readonly name: string;
  /** 0 if no answer is expected. */
  readonly transaction: number;
  readonly args: readonly Amf0Value[];
  /** Message stream. */
  readonly streamId: number;
}

/** The connection has closed; `cause` is set if it broke rather than was closed by the peer. */
export class RtmpClosedError extends Error {
  override readonly name = 'RtmpClosedError';
}

export interface RtmpPeerOptions {
  /** Maximum size of one message and of all unfinished ones together, bytes. */
  readonly maxMessageBytes?: number;
  readonly handshake: Handshake;
  /** Written data has just been passed to the socket. */
  readonly onFlush?: () => void;
  /** The socket has accepted all written data. */
  readonly onDrain?: () => void;
}

/**
 * The common part of both sides of an RTMP connection: the handshake, chunks, and protocol control messages
 * (acknowledgements, pings). The owner passes it the bytes received.
 */
export abstract class RtmpPeer implements Disposable {
  readonly writer: SocketWriter;
  protected readonly chunkReader: ChunkReader;
  protected readonly chunkWriter = new ChunkWriter();
  /** Undefined once it is complete. */
  private unfinishedHandshake: Handshake | undefined;
  private bytesRead = 0;
  private bytesAcknowledged = 0;
  /** How often the peer wants an acknowledgement, bytes. */
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
    // A half-open connection is of no use: a peer that ends its side has ended the session.
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.close());
    if (socket.destroyed) process.nextTick(() => this.close());
  }

  /** Why nothing can be sent any more; undefined while open. */
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

  /** Encodes a message like `write`. */
  protected encode(chunkStream: number, message: RtmpMessage, prefix?: Buffer): Buffer {
    return this.chunkWriter.write(chunkStream, message, prefix);
  }

  protected writeEncoded(bytes: Buffer): void {
    if (!this.closed) this.writer.write(bytes);
  }

  /** Closes with a reason; unwritten data is lost. */
  fail(error: Error): void {
    this.broken ??= error;
    this.socket.destroy();
  }

  /** Closes with a reason, and tells the peer at once, without TLS: a usual end would only come after what the kernel still holds. */
  reset(error: Error): void {
    this.broken ??= error;
    // Node 20 crashes if what is below a TLS socket is reset.
    const isTcp = this.socket instanceof Socket && !(this.socket instanceof TLSSocket);
    if (isTcp) this.socket.resetAndDestroy();
    else this.socket.destroy();
  }

  /** Ends our side after everything has been written; the peer then closes. */
  end(): void {
    this.socket.end();
  }

  dispose(): void {
    this.socket.destroy();
  }

  /** Takes received bytes in any chunks. Never throws: a protocol error closes the connection. */
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

  /** Announces our chunk size to the peer and uses it from now on. */
  protected announceChunkSize(): void {
    this.write(ChunkStream.control, uint32Message(MessageType.setChunkSize, CHUNK_SIZE));
    this.chunkWriter.chunkSize = CHUNK_SIZE;
  }

  /** Sends an answer to the peer; drops it if the peer does not read. */
  protected answer(message: RtmpMessage): void {
    if (this.mayAnswer()) this.write(ChunkStream.control, message);
  }

  /** Whether an answer may be sent; if so, it counts as sent. */
  protected mayAnswer(): boolean {
    if (this.waitingAnswers >= MAX_WAITING_ANSWERS) return false;
    this.waitingAnswers += 1;
    return true;
  }

  /** The handshake is complete. */
  protected abstract onHandshake(): void;

  protected abstract onCommand(command: RtmpCommand): void;

  /** Any message except commands and those answered here. */
  protected abstract onMessage(message: RtmpMessage): void;

  /** The connection has closed. Called once. */
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
    // A previous message closed the connection: the rest of the bytes is ignored.
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
      // An unreadable command cannot be an expected one: no reason to end a broadcast.
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

/** A string property of an object; empty if there is none. */
export function textOf(object: Amf0Object | undefined, name: string): string {
  const value = object?.[name];
  return typeof value === 'string' ? value : '';
}

/**
 * The first object among a command's arguments that has one of these properties; its position differs between peers.
 */
export function objectWith(args: readonly Amf0Value[], ...names: readonly string[]): Amf0Object | undefined {
  return args.filter(isAmf0Object).find((object) => names.some((name) => name in object));
}
