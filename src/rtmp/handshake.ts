import { randomBytes } from 'node:crypto';
import { RtmpProtocolError } from './messages.js';

const VERSION = 3;
const PACKET_BYTES = 1536;
const FIRST_PART_BYTES = 1 + PACKET_BYTES;

/** What to do after some bytes of the handshake have been received. */
export interface HandshakeStep {
  /** To be sent, once, when the peer's first packet is complete. */
  readonly reply?: Buffer;
  /** Set when the handshake is complete: the bytes after it. */
  readonly rest?: Buffer;
}

/** One side's part of the simple handshake (section 5.2). */
export interface Handshake {
  /** Takes bytes in any chunks. @throws {RtmpProtocolError} if the peer does not speak RTMP. */
  push(bytes: Buffer): HandshakeStep;
}

/** Collects what the peer sends: its version and first packet, then its echo of ours. */
abstract class SimpleHandshake implements Handshake {
  private received = Buffer.alloc(0);
  private replied = false;

  constructor(private readonly peer: 'client' | 'server') {}

  push(bytes: Buffer): HandshakeStep {
    this.received = Buffer.concat([this.received, bytes]);
    const version = this.received[0];
    if (version !== undefined && version !== VERSION) {
      throw new RtmpProtocolError(
        `the ${this.peer} does not speak RTMP: its first byte is ${version}, not 3`,
      );
    }
    const step: { reply?: Buffer; rest?: Buffer } = {};
    if (!this.replied && this.received.length >= FIRST_PART_BYTES) {
      this.replied = true;
      step.reply = this.reply(this.received.subarray(1, FIRST_PART_BYTES));
    }
    // The echo is not compared with what was sent: some peers answer with other bytes, and all accept that.
    const end = FIRST_PART_BYTES + PACKET_BYTES;
    if (this.received.length >= end) step.rest = this.received.subarray(end);
    return step;
  }

  /** @param packet the peer's first packet */
  protected abstract reply(packet: Buffer): Buffer;
}

/** C0 and C1, then C2 with S1 echoed, then waits for S2. */
export class ClientHandshake extends SimpleHandshake {
  /** C0 and C1. */
  readonly firstPackets = firstPart();

  constructor() {
    super('server');
  }

  protected override reply(packet: Buffer): Buffer {
    return packet;
  }
}

/** Waits for C0 and C1, then S0, S1 and S2 with C1 echoed, then waits for C2. */
export class ServerHandshake extends SimpleHandshake {
  constructor() {
    super('client');
  }

  protected override reply(packet: Buffer): Buffer {
    return Buffer.concat([firstPart(), packet]);
  }
}

/** The version, a time of 0, four zero bytes (anything else asks for the digest handshake), random bytes. */
function firstPart(): Buffer {
  return Buffer.concat([Buffer.from([VERSION]), Buffer.alloc(8), randomBytes(PACKET_BYTES - 8)]);
}
