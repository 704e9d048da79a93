import type { OnReadOpts } from 'node:net';
import type { Size } from '../base/geometry.js';

/**
 * Reads NUT, the one format in which every ffmpeg writes raw frames, PCM and any codec with exact timestamps. A packet's payload is read
 * from the socket straight to its place.
 *
 * @see https://git.ffmpeg.org/gitweb/nut.git/blob_plain/HEAD:/docs/nut.txt, version 3
 */

export interface NutSink {
  /** Where a packet's payload goes: as many bytes; undefined if it is not wanted. `size` is that of a video stream's frames. */
  place(stream: number, bytes: number, size: Size | undefined): Buffer | undefined;
  /** A packet is complete. `timestampS` counts in seconds. */
  take(stream: number, timestampS: number, payload: Buffer): void;
  /** The data is no NUT: nothing more will be taken. */
  fail(error: Error): void;
  /** Whether to read on. */
  readonly wantsMore: boolean;
}

const FILE_ID = Buffer.from('nut/multimedia container\0');
const START_CODE_BYTES = 8;
/** The first byte of every start code; no frame begins with it. */
const N = 0x4e;
const MAIN = 0x4e4d7a561f5f04adn;
const STREAM = 0x4e5311405bf2f9dbn;
const SYNCPOINT = 0x4e4be4adeeca4569n;
const CHECKSUM_BYTES = 4;
/** A packet of more bytes than this has a checksum after its size. */
const LONG_PACKET = 4096;
/** A payload of more bytes than this has no elided beginning. */
const LONG_PAYLOAD = 4096;
const MAX_HEADER_BYTES = 65_536;
const MAX_STREAMS = 8;
/** `stream_class` of video. */
const VIDEO = 0;

const FLAG = {
  codedPts: 8,
  streamId: 16,
  sizeMsb: 32,
  checksum: 64,
  reserved: 128,
  sideData: 256,
  headerIndex: 1024,
  matchTime: 2048,
  coded: 4096,
  invalid: 8192,
} as const;

interface FrameCode {
  readonly flags: number;
  readonly stream: number;
  readonly sizeMul: number;
  readonly sizeLsb: number;
  readonly ptsDelta: number;
  readonly reserved: number;
  readonly headerIndex: number;
}

interface TimeBase {
  readonly num: number;
  readonly den: number;
}

interface Stream {
  readonly timeBase: TimeBase;
  readonly ptsShift: number;
  /** Of video. */
  readonly size: Size | undefined;
  lastPts: number;
}

interface Pending {
  readonly stream: number;
  readonly timestampS: number;
  /** Undefined if it is not wanted. */
  readonly payload: Buffer | undefined;
  readonly bytes: number;
  at: number;
}

/** Reads numbers from bytes; beyond their end it reads zeros and says so. */
class Cursor {
  at = 0;
  /** More was read than there is. */
  short = false;

  constructor(
    private readonly bytes: Buffer,
    private readonly end: number,
  ) {}

  get left(): number {
    return this.end - this.at;
  }

  byte(): number {
    if (this.at >= this.end) {
      this.short = true;
      return 0;
    }
    return this.bytes[this.at++] as number;
  }

  unsigned(): number {
    let value = 0;
    for (;;) {
      const byte = this.byte();
      value = value * 128 + (byte & 127);
      if (value > Number.MAX_SAFE_INTEGER) throw new Error('a number is too large');
      if ((byte & 128) === 0) return value;
    }
  }

  signed(): number {
    const value = this.unsigned() + 1;
    return value % 2 === 1 ? -(value - 1) / 2 : value / 2;
  }

  skip(bytes: number): void {
    this.at += bytes;
    if (this.at > this.end) this.short = true;
  }

  startCode(): bigint {
    if (this.left < START_CODE_BYTES) {
      this.short = true;
      return 0n;
    }
    const code = this.bytes.readBigUInt64BE(this.at);
    this.at += START_CODE_BYTES;
    return code;
  }

  take(bytes: number): Buffer {
    const taken = Buffer.from(this.bytes.subarray(this.at, Math.min(this.end, this.at + bytes)));
    this.skip(bytes);
    return taken;
  }
}

export class NutDemuxer {
  readonly onread: OnReadOpts;
  /** What has been read and not been understood yet: headers, and the beginnings of payloads. */
  private scratch: Buffer;
  private filled = 0;
  private pending: Pending | undefined;
  private toSkip = 0;
  private begun = false;
  private failed = false;
  private timeBases: TimeBase[] = [];
  private frameCodes: (FrameCode | undefined)[] = [];
  private elided: Buffer[] = [];
  private readonly streams: Stream[] = [];

  /** @param scratchBytes What is read at once where no payload has begun: few bytes if payloads are long, since they are copied. */
  constructor(
    private readonly sink: NutSink,
    scratchBytes: number,
  ) {
    this.scratch = Buffer.allocUnsafe(scratchBytes);
    this.onread = { buffer: () => this.target(), callback: (bytes) => this.read(bytes) };
  }

  /** Known before the first packet. */
  get streamCount(): number {
    return this.streams.length;
  }

  /** Takes bytes that have been read elsewhere: for packets that are small. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && !this.failed; ) {
      const bytes = chunk.copy(this.target(), 0, at);
      at += bytes;
      this.read(bytes);
    }
  }

  /** Nothing more will come: the payload that had begun belongs to nobody. */
  abandon(): void {
    this.pending = undefined;
    this.failed = true;
  }

  /** Where the next bytes are to be read to. */
  private target(): Uint8Array {
    const { pending, scratch } = this;
    if (pending?.payload !== undefined) return pending.payload.subarray(pending.at);
    const skipped = pending === undefined ? this.toSkip : pending.bytes - pending.at;
    return skipped > 0
      ? scratch.subarray(0, Math.min(skipped, scratch.length))
      : scratch.subarray(this.filled);
  }

  private read(bytes: number): boolean {
    if (this.failed) return true;
    try {
      if (this.pending !== undefined) this.advance(this.pending, bytes);
      else if (this.toSkip > 0) this.toSkip -= bytes;
      else this.parse(bytes);
    } catch (error) {
      this.failed = true;
      this.sink.fail(error as Error);
      return true;
    }
    return this.sink.wantsMore;
  }

  private advance(pending: Pending, bytes: number): void {
    pending.at += bytes;
    if (pending.at < pending.bytes) return;
    this.pending = undefined;
    if (pending.payload !== undefined) this.sink.take(pending.stream, pending.timestampS, pending.payload);
  }

  private parse(bytes: number): void {
    const end = this.filled + bytes;
    let at = 0;
    while (at < end) {
      const cursor = new Cursor(this.scratch.subarray(at, end), end - at);
      if (!this.begun) {
        const id = cursor.take(FILE_ID.length);
        if (cursor.short) break;
        if (!id.equals(FILE_ID)) throw new Error('it does not begin like NUT');
        this.begun = true;
      } else if (this.scratch[at] === N) {
        this.parsePacket(cursor);
        if (cursor.short) break;
        const skipped = Math.min(this.toSkip, cursor.left);
        cursor.skip(skipped);
        this.toSkip -= skipped;
      } else {
        const pending = this.parseFrame(cursor);
        if (cursor.short || pending === undefined) break;
        const present = Math.min(pending.bytes - pending.at, cursor.left);
        if (pending.payload !== undefined) {
          this.scratch.copy(pending.payload, pending.at, at + cursor.at, at + cursor.at + present);
        }
        cursor.skip(present);
        this.pending = pending;
        this.advance(pending, present);
      }
      at += cursor.at;
    }
    this.filled = end - at;
    this.scratch.copy(this.scratch, 0, at, end);
    if (this.filled === this.scratch.length) this.grow();
  }

  /** For a header that is longer than what is read at once. */
  private grow(): void {
    if (this.scratch.length >= MAX_HEADER_BYTES) throw new Error('a header is too long');
    const larger = Buffer.allocUnsafe(this.scratch.length * 2);
    this.scratch.copy(larger);
    this.scratch = larger;
  }

  private parsePacket(cursor: Cursor): void {
    const code = cursor.startCode();
    const size = cursor.unsigned();
    if (size > LONG_PACKET) cursor.skip(CHECKSUM_BYTES);
    if (cursor.short) return;
    if (code !== MAIN && code !== STREAM && code !== SYNCPOINT) {
      this.toSkip = size;
      return;
    }
    if (size > cursor.left) {
      cursor.short = true;
      return;
    }
    const body = new Cursor(cursor.take(size), size);
    if (code === MAIN) this.parseMain(body);
    else if (code === STREAM) this.parseStream(body);
    else this.parseSyncpoint(body);
    if (body.short) throw new Error('a header is too short');
  }

  private parseMain(header: Cursor): void {
    const version = header.unsigned();
    if (version !== 3) throw new Error(`its version is ${version}, not 3`);
    const streams = header.unsigned();
    if (streams > MAX_STREAMS) throw new Error(`it has ${streams} streams`);
    header.unsigned(); // max_distance
    const timeBases = header.unsigned();
    if (timeBases > MAX_STREAMS) throw new Error(`it has ${timeBases} time bases`);
    this.timeBases = Array.from({ length: timeBases }, () => ({
      num: header.unsigned(),
      den: header.unsigned(),
    }));
    this.frameCodes = parseFrameCodes(header);
    const elided = header.unsigned();
    if (elided > 127) throw new Error(`it has ${elided} elided headers`);
    this.elided = [Buffer.alloc(0), ...Array.from({ length: elided }, () => header.take(header.unsigned()))];
  }

  private parseStream(header: Cursor): void {
    const id = header.unsigned();
    const isVideo = header.unsigned() === VIDEO;
    header.skip(header.unsigned()); // fourcc
    const timeBase = this.timeBases[header.unsigned()];
    const ptsShift = header.unsigned();
    for (let field = 0; field < 3; field++) header.unsigned(); // max_pts_distance, decode_delay, stream_flags
    header.skip(header.unsigned()); // codec_specific_data
    const size = isVideo ? { width: header.unsigned(), height: header.unsigned() } : undefined;
    if (id >= MAX_STREAMS || timeBase === undefined || ptsShift > 31) throw new Error('a stream is invalid');
    // Headers are repeated; the clock goes on.
    this.streams[id] ??= { timeBase, ptsShift, size, lastPts: 0 };
  }

  /** Timestamps count from it. */
  private parseSyncpoint(header: Cursor): void {
    const coded = header.unsigned();
    const count = this.timeBases.length;
    const base = this.timeBases[coded % count];
    if (base === undefined) throw new Error('a syncpoint is invalid');
    const pts = BigInt(Math.floor(coded / count));
    for (const stream of this.streams) {
      const { num, den } = stream.timeBase;
      stream.lastPts = Number((pts * BigInt(base.num) * BigInt(den)) / (BigInt(base.den) * BigInt(num)));
    }
  }

  private parseFrame(cursor: Cursor): Pending | undefined {
    const code = this.frameCodes[cursor.byte()];
    if (code === undefined) throw new Error('a frame has no code');
    let { flags, stream: id, headerIndex, reserved } = code;
    if ((flags & FLAG.coded) !== 0) flags ^= cursor.unsigned();
    if ((flags & (FLAG.invalid | FLAG.sideData)) !== 0) throw new Error('a frame is invalid');
    if ((flags & FLAG.streamId) !== 0) id = cursor.unsigned();
    const coded = (flags & FLAG.codedPts) === 0 ? undefined : cursor.unsigned();
    const msb = (flags & FLAG.sizeMsb) === 0 ? 0 : cursor.unsigned();
    if ((flags & FLAG.matchTime) !== 0) cursor.signed();
    if ((flags & FLAG.headerIndex) !== 0) headerIndex = cursor.unsigned();
    if ((flags & FLAG.reserved) !== 0) reserved = cursor.unsigned();
    for (let i = 0; i < reserved && !cursor.short; i++) cursor.unsigned();
    if ((flags & FLAG.checksum) !== 0) cursor.skip(CHECKSUM_BYTES);
    if (cursor.short) return undefined;
    const stream = this.streams[id];
    const bytes = code.sizeLsb + msb * code.sizeMul;
    const prefix = this.elided[bytes > LONG_PAYLOAD ? 0 : headerIndex];
    if (stream === undefined || prefix === undefined || prefix.length > bytes) {
      throw new Error('a frame is invalid');
    }
    stream.lastPts = ptsOf(stream, coded, code.ptsDelta);
    const timestampS = (stream.lastPts * stream.timeBase.num) / stream.timeBase.den;
    const payload = this.sink.place(id, bytes, stream.size);
    prefix.copy(payload ?? prefix);
    return { stream: id, timestampS, payload, bytes, at: prefix.length };
  }
}

function parseFrameCodes(header: Cursor): (FrameCode | undefined)[] {
  const codes: (FrameCode | undefined)[] = [];
  let [ptsDelta, sizeMul, stream, headerIndex] = [0, 1, 0, 0];
  while (codes.length < 256) {
    const flags = header.unsigned();
    const fields = header.unsigned();
    if (fields > 0) ptsDelta = header.signed();
    if (fields > 1) sizeMul = header.unsigned();
    if (fields > 2) stream = header.unsigned();
    const size = fields > 3 ? header.unsigned() : 0;
    const reserved = fields > 4 ? header.unsigned() : 0;
    let count = fields > 5 ? header.unsigned() : sizeMul - size;
    if (fields > 6) header.signed(); // match_time_delta
    if (fields > 7) headerIndex = header.unsigned();
    for (let field = 8; field < fields && !header.short; field++) header.unsigned();
    if (header.short || count <= 0) throw new Error('its frame codes are invalid');
    for (let i = 0; count > 0 && codes.length < 256; count--) {
      if (codes.length === N) {
        codes.push(undefined);
        count++;
        continue;
      }
      codes.push({ flags, stream, sizeMul, sizeLsb: size + i, ptsDelta, reserved, headerIndex });
      i++;
    }
  }
  return codes;
}

/** A timestamp is coded by its low bits, or whole and shifted beyond these. */
function ptsOf({ lastPts, ptsShift }: Stream, coded: number | undefined, delta: number): number {
  if (coded === undefined) return lastPts + delta;
  const range = 2 ** ptsShift;
  if (coded >= range) return coded - range;
  const lowest = lastPts - Math.floor((range - 1) / 2);
  return lowest + ((((coded - lowest) % range) + range) % range);
}
