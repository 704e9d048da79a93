import { randomInt } from 'node:crypto';

const HEADER_BYTES = 12;
const VERSION = 0x80;
const MARKER = 0x80;
const RANGE = 2 ** 32;

/** Longest payload of a packet, bytes: with all headers it fits into the 1280 bytes that every IPv6 network carries. */
export const MAX_PAYLOAD = 1180;

/**
 * The RTP packets of one track.
 *
 * @see RFC 3550 5.1
 */
export class RtpStream {
  readonly ssrc = randomInt(1, RANGE);
  packets = 0;
  /** Of payload. */
  bytes = 0;
  /** RFC 3550 asks for random ones. */
  private sequence = randomInt(0, 2 ** 15);
  private readonly firstTimestamp = randomInt(0, RANGE);

  constructor(
    /** Hz */
    private readonly clockRate: number,
    private payloadType = 0,
  ) {}

  /** What the other side has chosen. */
  use(payloadType: number): void {
    this.payloadType = payloadType;
  }

  timestamp(seconds: number): number {
    const ticks = (this.firstTimestamp + Math.round(seconds * this.clockRate)) % RANGE;
    return ticks < 0 ? ticks + RANGE : ticks;
  }

  /** @param isLast whether a frame of video ends with it */
  packet(payload: Buffer, seconds: number, isLast: boolean): Buffer {
    const packet = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
    packet[0] = VERSION;
    packet[1] = (isLast ? MARKER : 0) | this.payloadType;
    packet.writeUInt16BE(this.sequence, 2);
    packet.writeUInt32BE(this.timestamp(seconds), 4);
    packet.writeUInt32BE(this.ssrc, 8);
    payload.copy(packet, HEADER_BYTES);
    this.sequence = (this.sequence + 1) & 0xffff;
    this.packets += 1;
    this.bytes += payload.length;
    return packet;
  }
}
