import { randomBytes } from 'node:crypto';
import { RtmpProtocolError } from './messages.js';

const VERSION = 3;
const PACKET_BYTES = 1536;
const S0_S1_BYTES = 1 + PACKET_BYTES;

/** What to do after some bytes of the handshake have come. */
export interface HandshakeStep {
  /** C2, once, when S1 is whole. */
  readonly reply?: Buffer;
  /** Set when the handshake is done: what came after it. */
  readonly rest?: Buffer;
}

/** The client's side of the simple handshake (section 5.2): C0 and C1, then C2 with S1 echoed, then S2 awaited. */
export class Handshake {
  readonly hello: Buffer;
  private received = Buffer.alloc(0);
  private echoed = false;

  constructor() {
    // C1: a time of 0, four zero bytes (anything else asks for the digest handshake), random bytes.
    this.hello = Buffer.concat([Buffer.from([VERSION]), Buffer.alloc(8), randomBytes(PACKET_BYTES - 8)]);
  }

  /** Takes bytes, cut anywhere. @throws {RtmpProtocolError} when the server does not speak RTMP. */
  push(bytes: Buffer): HandshakeStep {
    this.received = Buffer.concat([this.received, bytes]);
    const version = this.received[0];
    if (version !== undefined && version !== VERSION) {
      throw new RtmpProtocolError(`the server does not speak RTMP: its first byte is ${version}, not 3`);
    }
    const step: { reply?: Buffer; rest?: Buffer } = {};
    if (!this.echoed && this.received.length >= S0_S1_BYTES) {
      this.echoed = true;
      step.reply = this.received.subarray(1, S0_S1_BYTES);
    }
    // S2 is not compared with C1: some servers answer with bytes of their own, and all clients take them.
    const end = S0_S1_BYTES + PACKET_BYTES;
    if (this.received.length >= end) step.rest = this.received.subarray(end);
    return step;
  }
}
