/** Reports of RTP's control protocol. @see RFC 3550 6 */

const VERSION = 0x80;
const COUNT = 0x1f;
const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const PAYLOAD_FEEDBACK = 206;
const LOSS_INDICATION = 1;
const FULL_INTRA_REQUEST = 4;
const CNAME = 1;
const SENDER_REPORT_BYTES = 28;
const SENDER_INFO_BYTES = 20;
const HEADER_BYTES = 8;
const BLOCK_BYTES = 24;
/** From 1900 to 1970, s. */
const NTP_EPOCH_S = 2_208_988_800;
const RANGE = 2 ** 32;

/** A moment as NTP counts it, with 32 bits of fraction. */
function ntp(wallMs: number): { readonly seconds: number; readonly fraction: number } {
  const seconds = Math.floor(wallMs / 1000);
  return {
    seconds: (seconds + NTP_EPOCH_S) % RANGE,
    fraction: Math.floor(((wallMs - seconds * 1000) / 1000) * RANGE),
  };
}

/** The middle 32 bits of an NTP time, by which a receiver refers to a report; in 1/65536 s. */
export function compactNtp(wallMs: number): number {
  const { seconds, fraction } = ntp(wallMs);
  return ((seconds % 65_536) * 65_536 + Math.floor(fraction / 65_536)) % RANGE;
}

export interface SentSoFar {
  readonly ssrc: number;
  /** The same moment by both clocks: by these a receiver plays sound with its frame. */
  readonly wallMs: number;
  readonly timestamp: number;
  readonly packets: number;
  readonly bytes: number;
  /** The same for all tracks of this sender. */
  readonly name: string;
}

export function senderReport({ ssrc, wallMs, timestamp, packets, bytes, name }: SentSoFar): Buffer {
  const { seconds, fraction } = ntp(wallMs);
  const report = Buffer.alloc(SENDER_REPORT_BYTES);
  report[0] = VERSION;
  report[1] = SENDER_REPORT;
  report.writeUInt16BE(SENDER_REPORT_BYTES / 4 - 1, 2);
  report.writeUInt32BE(ssrc, 4);
  report.writeUInt32BE(seconds, 8);
  report.writeUInt32BE(fraction, 12);
  report.writeUInt32BE(timestamp, 16);
  report.writeUInt32BE(packets % RANGE, 20);
  report.writeUInt32BE(bytes % RANGE, 24);
  return Buffer.concat([report, description(ssrc, name)]);
}

function description(ssrc: number, name: string): Buffer {
  const text = Buffer.from(name);
  // A list of items ends with a zero, and with a whole word.
  const bytes = Math.ceil((HEADER_BYTES + 2 + text.length + 1) / 4) * 4;
  const packet = Buffer.alloc(bytes);
  packet[0] = VERSION | 1;
  packet[1] = SOURCE_DESCRIPTION;
  packet.writeUInt16BE(bytes / 4 - 1, 2);
  packet.writeUInt32BE(ssrc, 4);
  packet[8] = CNAME;
  packet[9] = text.length;
  text.copy(packet, 10);
  return packet;
}

/** What a receiver says of one track. */
export interface ReceiverReport {
  readonly ssrc: number;
  /** Share of the packets since its last report that it has not got. */
  readonly lost: number;
  /** The report of ours that it has got last, see `compactNtp`; 0 if none. */
  readonly lastReport: number;
  /** How long ago that was, in 1/65536 s. */
  readonly delay: number;
}

export interface Feedback {
  readonly reports: readonly ReceiverReport[];
  /** Whether it asks for a keyframe. */
  readonly wantsKeyframe: boolean;
}

/** Reads what a receiver has sent, as far as it can be read. */
export function parseFeedback(packet: Buffer): Feedback {
  const reports: ReceiverReport[] = [];
  let wantsKeyframe = false;
  for (let at = 0; at + HEADER_BYTES <= packet.length; ) {
    const count = (packet[at] ?? 0) & COUNT;
    const type = packet[at + 1];
    const end = at + (packet.readUInt16BE(at + 2) + 1) * 4;
    if (end > packet.length) break;
    if (type === RECEIVER_REPORT) reports.push(...blocks(packet.subarray(at + HEADER_BYTES, end), count));
    if (type === SENDER_REPORT) {
      reports.push(...blocks(packet.subarray(at + HEADER_BYTES + SENDER_INFO_BYTES, end), count));
    }
    if (type === PAYLOAD_FEEDBACK)
      wantsKeyframe ||= count === LOSS_INDICATION || count === FULL_INTRA_REQUEST;
    at = end;
  }
  return { reports, wantsKeyframe };
}

function blocks(bytes: Buffer, count: number): ReceiverReport[] {
  const reports: ReceiverReport[] = [];
  for (let at = 0; reports.length < count && at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) {
    reports.push({
      ssrc: bytes.readUInt32BE(at),
      lost: (bytes[at + 4] ?? 0) / 256,
      lastReport: bytes.readUInt32BE(at + 16),
      delay: bytes.readUInt32BE(at + 20),
    });
  }
  return reports;
}

/** How long a report and its answer have taken, ms; undefined if it answers none. */
export function roundTripMs({ lastReport, delay }: ReceiverReport, wallMs: number): number | undefined {
  if (lastReport === 0) return undefined;
  const elapsed = (compactNtp(wallMs) - lastReport - delay + 2 * RANGE) % RANGE;
  // Clocks that differ by a little make it negative.
  return elapsed < RANGE / 2 ? (elapsed * 1000) / 65_536 : undefined;
}
