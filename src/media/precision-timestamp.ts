import { type SeiCodec, userDataSei, withUnitBeforeSlices } from './sei.js';
import { accessUnitOf } from './video-payload.js';

/**
 * The time at which a frame was taken, inside the frame: the Precision Time Stamp of MISB ST 0604, in microseconds since 1970, UTC. It survives
 * servers, protocols and files that keep the encoded video.
 */

const UUIDS: Readonly<Record<SeiCodec, Buffer>> = {
  h264: Buffer.from('MISPmicrosectime', 'latin1'),
  hevc: Buffer.from('a8687dd4d7593758a5cef0338b6545f1', 'hex'),
};
const UUID_BYTES = 16;
/** It is not known whether the clock follows another one; time goes on evenly; the other bits are reserved (ST 0603). */
const TIME_STATUS = 0x9f;
/** The time status, and eight bytes with 0xff after each second one, so that they are the same with emulation prevention. */
const DATA_BYTES = 12;
const SEPARATORS = [3, 6, 9];
const SEPARATOR = 0xff;

/** The body of a video tag with the time of its frame, ms since 1970. The body itself for codecs that have no such messages. */
export function withPrecisionTimestamp(payload: Buffer, timeMs: number): Buffer {
  const unit = accessUnitOf(payload);
  if (unit === undefined || (unit.codec !== 'h264' && unit.codec !== 'hevc')) return payload;
  const { codec, start } = unit;
  const sei = userDataSei(codec, { uuid: UUIDS[codec], data: timestampData(timeMs) });
  return withUnitBeforeSlices(payload, start, codec, sei);
}

function timestampData(timeMs: number): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(Math.round(timeMs * 1000)));
  const parts = [0, 2, 4, 6].map((from) => [...time.subarray(from, from + 2)]);
  return Buffer.from([TIME_STATUS, ...parts.flatMap((part, n) => (n === 0 ? part : [SEPARATOR, ...part]))]);
}

/**
 * Finds the timestamps in a stream of any format that keeps frames whole. The messages are distinguished from everything else by their identifiers, and
 * none of their bytes is ever escaped.
 */
export class PrecisionTimestampScanner {
  private rest: Buffer = Buffer.alloc(0);

  /** The times of the frames that this piece completes, ms since 1970. */
  push(chunk: Buffer): number[] {
    const bytes = Buffer.concat([this.rest, chunk]);
    const found: { readonly at: number; readonly timeMs: number }[] = [];
    let complete = Math.max(0, bytes.length - (UUID_BYTES + DATA_BYTES - 1));
    for (const uuid of Object.values(UUIDS)) {
      for (let at = bytes.indexOf(uuid); at >= 0; at = bytes.indexOf(uuid, at + 1)) {
        const data = bytes.subarray(at + UUID_BYTES, at + UUID_BYTES + DATA_BYTES);
        if (data.length < DATA_BYTES) break;
        complete = Math.max(complete, at + 1);
        const timeMs = timeOf(data);
        if (timeMs !== undefined) found.push({ at, timeMs });
      }
    }
    this.rest = bytes.subarray(complete);
    return found.sort((a, b) => a.at - b.at).map(({ timeMs }) => timeMs);
  }
}

function timeOf(data: Buffer): number | undefined {
  if (SEPARATORS.some((at) => data[at] !== SEPARATOR)) return undefined;
  const time = Buffer.from([...data.subarray(1)].filter((_, index) => !SEPARATORS.includes(index + 1)));
  return Number(time.readBigUInt64BE()) / 1000;
}
