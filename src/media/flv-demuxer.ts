import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

export type FlvTagKind = 'audio' | 'video' | 'script';

/** One tag of an FLV stream. */
export interface FlvTag {
  readonly kind: FlvTagKind;
  /**
   * DTS, ms, including TimestampExtended and unwrapped: the first one is read as the signed 32-bit number that the
   * format defines, and later ones continue from it across 2^31 and 2^32.
   */
  readonly timestampMs: number;
  /** The tag's body. A view of its chunk, unless it arrived in several. */
  readonly payload: Buffer;
  /** The tag's stream id, where that is not 0. */
  readonly stream?: number;
}

/** FLV header and PreviousTagSize0. */
const PREAMBLE_BYTES = 13;
const TAG_HEADER_BYTES = 11;
const PREVIOUS_TAG_SIZE_BYTES = 4;
const TAG_KINDS: ReadonlyMap<number, FlvTagKind> = new Map([
  [8, 'audio'],
  [9, 'video'],
  [18, 'script'],
]);

/** Maximum tag size, bytes: keyframes of a 100 Mbit/s stream are far smaller. */
const DEFAULT_MAX_TAG_BYTES = 8 * 1024 * 1024;

type Unit = 'preamble' | 'tag-header' | 'tag-body';

/**
 * Splits an FLV byte stream, which may arrive in any chunks, into tags. Each byte of a tag is copied at most once. A
 * format error is permanent: nothing after it can be trusted, so it does not search for the next tag.
 *
 * @see Adobe Flash Video File Format Specification 10.1, annex E.
 */
export class FlvDemuxer {
  private unit: Unit = 'preamble';
  /** Number of bytes missing from the unit. */
  private missing = PREAMBLE_BYTES;
  /** The unit, if it began in an earlier chunk: allocated in full, filled except for the last `missing` bytes. */
  private partial: Buffer | undefined;
  private kind: FlvTagKind = 'script';
  private timestampMs = 0;
  private stream = 0;
  private lastRawMs: number | undefined;
  private lastMs = 0;
  private failure: BulkheadError | undefined;

  constructor(
    private readonly onTag: (tag: FlvTag) => void,
    private readonly maxTagBytes = DEFAULT_MAX_TAG_BYTES,
    /** The highest stream id of a tag. The format has 0 alone; the encoder's renditions have others. */
    private readonly maxStream = 0,
  ) {}

  /**
   * Takes the next bytes, and calls back for each tag that they complete. The demuxer keeps the chunk.
   *
   * @throws BulkheadError `media.invalid`; each later call throws it again.
   */
  push(chunk: Buffer): void {
    if (this.failure !== undefined) throw this.failure;
    let offset = 0;
    while (chunk.length - offset >= this.missing) {
      const end = offset + this.missing;
      const unit = this.complete(chunk, offset, end);
      offset = end;
      this.take(unit);
    }
    if (offset === chunk.length) return;
    this.partial ??= Buffer.allocUnsafe(this.missing);
    this.missing -= chunk.copy(this.partial, this.partial.length - this.missing, offset);
  }

  private complete(chunk: Buffer, start: number, end: number): Buffer {
    const { partial } = this;
    if (partial === undefined) return chunk.subarray(start, end);
    chunk.copy(partial, partial.length - this.missing, start, end);
    this.partial = undefined;
    return partial;
  }

  private take(unit: Buffer): void {
    switch (this.unit) {
      case 'preamble':
        this.takePreamble(unit);
        break;
      case 'tag-header':
        this.takeTagHeader(unit);
        break;
      case 'tag-body':
        this.takeTagBody(unit);
        break;
    }
  }

  private takePreamble(bytes: Buffer): void {
    if (bytes.toString('latin1', 0, 3) !== 'FLV') this.fail('it does not begin with "FLV"');
    const version = bytes.readUInt8(3);
    if (version !== 1) this.fail(`its version is ${version}, expected 1`);
    if ((bytes.readUInt8(4) & 0b1111_1010) !== 0) this.fail('reserved bits are set in its header');
    const dataOffset = bytes.readUInt32BE(5);
    if (dataOffset !== 9) this.fail(`its header is ${dataOffset} bytes long, expected 9`);
    if (bytes.readUInt32BE(9) !== 0) this.fail('a tag before the first one is claimed');
    this.expect('tag-header', TAG_HEADER_BYTES);
  }

  private takeTagHeader(bytes: Buffer): void {
    const type = bytes.readUInt8(0);
    const kind = TAG_KINDS.get(type);
    if (kind === undefined) this.fail(`a tag has the type ${type}, expected 8, 9 or 18`);
    const size = bytes.readUIntBE(1, 3);
    if (size > this.maxTagBytes)
      this.fail(`a tag is ${size} bytes long, more than the ${this.maxTagBytes} allowed`);
    this.stream = bytes.readUIntBE(8, 3);
    if (this.stream > this.maxStream)
      this.fail(`a tag has the stream id ${this.stream}, expected ${this.maxStream} at most`);
    this.kind = kind;
    this.timestampMs = this.unwrap((bytes.readUInt8(7) << 24) | bytes.readUIntBE(4, 3), kind);
    this.expect('tag-body', size + PREVIOUS_TAG_SIZE_BYTES);
  }

  private takeTagBody(bytes: Buffer): void {
    const size = bytes.length - PREVIOUS_TAG_SIZE_BYTES;
    const claimed = bytes.readUInt32BE(size);
    if (claimed !== size + TAG_HEADER_BYTES)
      this.fail(`a tag of ${size + TAG_HEADER_BYTES} bytes is followed by the size ${claimed}`);
    this.expect('tag-header', TAG_HEADER_BYTES);
    const { kind, timestampMs, stream } = this;
    const payload = bytes.subarray(0, size);
    this.onTag(stream === 0 ? { kind, timestampMs, payload } : { kind, timestampMs, payload, stream });
  }

  /** Script tags may have any timestamp: others do not continue from theirs. */
  private unwrap(rawMs: number, kind: FlvTagKind): number {
    const ms = this.lastRawMs === undefined ? rawMs : this.lastMs + ((rawMs - this.lastRawMs) | 0);
    if (kind !== 'script') {
      this.lastRawMs = rawMs;
      this.lastMs = ms;
    }
    return ms;
  }

  private expect(unit: Unit, bytes: number): void {
    this.unit = unit;
    this.missing = bytes;
  }

  private fail(what: string): never {
    this.partial = undefined;
    this.failure = new BulkheadError(
      ErrorCodes.mediaInvalid,
      `The encoder's stream is not valid FLV: ${what}.`,
      {
        where: 'encoder',
        remedy:
          'Restarting the encoder; if this repeats, choose another ffmpeg with "ffmpeg" in the configuration.',
      },
    );
    throw this.failure;
  }
}
