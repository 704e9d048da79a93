import type { Duplex } from 'node:stream';
import type { Amf0Value } from '../media/amf0.js';
import { AckDelay } from './ack-delay.js';
import { AckWatch } from './ack-watch.js';
import { ClientHandshake } from './handshake.js';
import { Intake } from './intake.js';
import { MediaChunks } from './media-chunks.js';
import { ChunkStream, MessageType, type RtmpMessage, uint32Message } from './messages.js';
import { objectWith, type RtmpClosedError, type RtmpCommand, RtmpPeer, textOf } from './rtmp-peer.js';
import { SendWindow } from './send-window.js';

export { RtmpClosedError } from './rtmp-peer.js';

/** How often the server is asked to acknowledge, bytes: what it has beyond that is sent again after a lost connection. */
const ACKNOWLEDGEMENT_WINDOW = 32_000;

/** Of all connections. */
const media = new MediaChunks();

/** A server's `onStatus`, or the error of a command. */
export interface StatusInfo {
  readonly level: string;
  readonly code: string;
  readonly description: string;
  /** The new address of a ReconnectRequest. */
  readonly tcUrl: string | undefined;
}

/** The server answered a command with `_error`. */
export class RtmpCommandError extends Error {
  override readonly name = 'RtmpCommandError';

  constructor(readonly info: StatusInfo) {
    // Not the server's text: it may contain the stream key, and an error's message may be shown anywhere.
    super('the server answered with an error');
  }
}

export interface RtmpConnectionOwner {
  onStatus(info: StatusInfo): void;
  /** Called once; pending calls have been rejected with the same error. */
  onClosed(error: RtmpClosedError): void;
  onFlush(): void;
  /** Further data can be sent. */
  onDrain(): void;
}

interface Deferred<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

/** The client side of an RTMP connection: commands and their answers, and the bandwidth checks of some servers. */
export class RtmpConnection extends RtmpPeer {
  readonly acks = new AckWatch(ACKNOWLEDGEMENT_WINDOW);
  readonly ackDelay = new AckDelay();
  private readonly sendWindow = new SendWindow();
  private readonly intake: Intake;
  private readonly calls = new Map<number, Deferred<Amf0Value[]>>();
  private readonly firstPackets: Buffer;
  private pendingHandshake: Deferred<void> | undefined;
  private lastTransaction = 0;
  private window = 0;
  private bandwidthChecked = false;

  constructor(
    socket: Duplex,
    private readonly owner: RtmpConnectionOwner,
  ) {
    const handshake = new ClientHandshake();
    super(socket, {
      handshake,
      onFlush: () => {
        this.ackDelay.sent(this.writer.bytesPassed, performance.now());
        owner.onFlush();
      },
      onDrain: () => owner.onDrain(),
    });
    this.firstPackets = handshake.firstPackets;
    this.intake = new Intake(socket, (bytes) => this.push(bytes));
  }

  /** Whether further data should wait elsewhere. */
  get busy(): boolean {
    return this.writer.busy || this.isWindowFull;
  }

  get bytesTaken(): number {
    return this.writer.bytesTaken;
  }

  get bytesWritten(): number {
    return this.writer.bytesWritten;
  }

  /** How long the server has taken nothing while something waits, ms. */
  stalledMs(nowMs: number): number {
    const sinceMs = this.acks.sinceMs(nowMs);
    return this.isWindowFull ? sinceMs : Math.min(this.writer.stalledMs(nowMs), sinceMs);
  }

  private get isWindowFull(): boolean {
    return this.sendWindow.isFull(this.writer.bytesWritten, performance.now());
  }

  /** Performs the handshake, then announces the chunk size. */
  async handshake(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      if (this.closeReason) {
        reject(this.closeReason);
        return;
      }
      this.pendingHandshake = { resolve, reject };
      this.writer.write(this.firstPackets);
    });
    this.announceChunkSize();
  }

  /** Sends a media message, which several connections may send alike. */
  sendMedia(chunkStream: number, message: RtmpMessage, prefix?: Buffer): void {
    this.writeEncoded(media.encode(this.chunkWriter, chunkStream, message, prefix));
  }

  /** Asks the server to send acknowledgements; sent after `connect`, like other publishers do. */
  requestAcknowledgements(): void {
    this.window = ACKNOWLEDGEMENT_WINDOW;
    this.write(ChunkStream.control, uint32Message(MessageType.windowAcknowledgementSize, this.window));
  }

  /**
   * Calls a command of the connection and returns the server's answer after the transaction id.
   * @throws {RtmpCommandError | RtmpClosedError}
   */
  call(command: string, ...args: Amf0Value[]): Promise<Amf0Value[]> {
    return new Promise((resolve, reject) => {
      if (this.closeReason) reject(this.closeReason);
      else this.calls.set(this.send(0, command, ...args), { resolve, reject });
    });
  }

  /** Sends a command whose answer is ignored; returns its transaction id. */
  send(streamId: number, command: string, ...args: Amf0Value[]): number {
    const transaction = ++this.lastTransaction;
    this.command(streamId, command, transaction, ...args);
    return transaction;
  }

  protected override onHandshake(): void {
    this.pendingHandshake?.resolve();
    this.pendingHandshake = undefined;
  }

  protected override onMessage({ type, payload }: RtmpMessage): void {
    if (type === MessageType.acknowledgement) {
      const number = payload.length < 4 ? 0 : payload.readUInt32BE();
      const now = performance.now();
      this.acks.acknowledged(number, this.writer.bytesWritten, now);
      const delayMs = this.ackDelay.acknowledged(number, now);
      this.sendWindow.acknowledged(this.acks.receivedBytes, delayMs, now);
      if (!this.busy) this.owner.onDrain();
    } else if (type === MessageType.setPeerBandwidth) {
      this.onPeerBandwidth(payload);
    }
  }

  protected override onCommand({ name, transaction, args }: RtmpCommand): void {
    switch (name) {
      case '_result':
        this.calls.get(transaction)?.resolve([...args]);
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
        if (this.mayAnswer()) this.command(0, '_result', transaction, null, 0);
        break;
      case 'ping':
        if (this.mayAnswer()) this.send(0, 'pong', null);
        break;
      case 'close':
        this.socket.destroy();
        break;
    }
  }

  protected override onClosed(error: RtmpClosedError): void {
    this.intake.dispose();
    this.pendingHandshake?.reject(error);
    this.pendingHandshake = undefined;
    for (const call of this.calls.values()) call.reject(error);
    this.calls.clear();
    this.owner.onClosed(error);
  }

  /** The server limits unacknowledged data: answered with a window that is not larger (section 5.4.5). */
  private onPeerBandwidth(payload: Buffer): void {
    if (payload.length < 4) return;
    const window = Math.min(payload.readUInt32BE(), ACKNOWLEDGEMENT_WINDOW);
    if (window === 0 || window === this.window) return;
    this.window = window;
    this.answer(uint32Message(MessageType.windowAcknowledgementSize, window));
  }
}

function statusOf(args: readonly Amf0Value[]): StatusInfo {
  const info = objectWith(args, 'code', 'description');
  return {
    level: textOf(info, 'level'),
    code: textOf(info, 'code'),
    description: textOf(info, 'description'),
    tcUrl: textOf(info, 'tcUrl') || undefined,
  };
}
