import { MessageType, type RtmpMessage, RtmpProtocolError } from './messages.js';

const EXTENDED_TIMESTAMP = 0xffffff;
/** Size of the message header after the basic header, by type, bytes. */
const HEADER_BYTES = [11, 7, 3, 0] as const;
/** Maximum total size of basic header, message header and extended timestamp. */
const MAX_HEADER_BYTES = 3 + 11 + 4;
const MAX_CHUNK_STREAMS = 64;
/** A server's answers are a few hundred bytes; bandwidth checks, if it makes any, some tens of kB. */
const DEFAULT_MAX_MESSAGE_BYTES = 1 << 17;
const NOTHING = Buffer.alloc(0);

interface ChunkStreamState {
  timestamp: number;
  /** Timestamp increment for messages without their own timestamp. */
  delta: number;
  extended: boolean;
  length: number;
  type: number;
  streamId: number;
  /** The message so far, allocated in full, filled up to `received`; undefined between messages. */
  payload: Buffer | undefined;
  received: number;
}

/**
 * Assembles messages from chunks (section 5.3) that arrive in any pieces. SetChunkSize and Abort are applied here and
 * handed on like the rest. The memory per peer is bounded, and each byte is copied once, for any chunk size.
 */
export class ChunkReader {
  private chunkSize = 128;
  /** The beginning of a chunk's header. */
  private pending: Buffer = NOTHING;
  /** The chunk whose payload is being read, and how many bytes are missing. */
  private chunk: { readonly state: ChunkStreamState; missing: number } | undefined;
  /** Total size of the unfinished messages, bytes. */
  private claimed = 0;
  private readonly streams = new Map<number, ChunkStreamState>();

  /** @param maxMessageBytes maximum size of one message and of all unfinished ones together, bytes */
  constructor(
    private readonly onMessage: (message: RtmpMessage) => void,
    public maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES,
  ) {}

  /** Takes bytes and hands on the messages that they complete. @throws {RtmpProtocolError} */
  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      at += this.chunk === undefined ? this.takeHeader(bytes, at) : this.takePayload(bytes, at);
    }
  }

  /** Takes the part of the bytes that belongs to a chunk's header, and returns its length. */
  private takeHeader(bytes: Buffer, at: number): number {
    const { pending } = this;
    const next = bytes.subarray(at, at + MAX_HEADER_BYTES - pending.length);
    const header = pending.length === 0 ? next : Buffer.concat([pending, next]);
    const used = this.readHeader(header);
    this.pending = used === 0 ? Buffer.from(header) : NOTHING;
    return (used === 0 ? header.length : used) - pending.length;
  }

  private takePayload(bytes: Buffer, at: number): number {
    const { chunk } = this;
    const payload = chunk?.state.payload;
    if (chunk === undefined || payload === undefined) return 0;
    const end = Math.min(bytes.length, at + chunk.missing);
    const taken = bytes.copy(payload, chunk.state.received, at, end);
    chunk.state.received += taken;
    chunk.missing -= taken;
    if (chunk.missing === 0) this.endChunk(chunk.state, payload);
    return taken;
  }

  /** Parses the header at the start of `data` and returns its length, or 0 if it is incomplete. */
  private readHeader(data: Buffer): number {
    const basic = data[0];
    if (basic === undefined) return 0;
    const headerType = basic >> 6;
    let at = 1;
    let chunkStream = basic & 0x3f;
    if (chunkStream < 2) {
      const idBytes = chunkStream + 1;
      if (data.length < at + idBytes) return 0;
      chunkStream = 64 + data.readUIntLE(at, idBytes);
      at += idBytes;
    }

    const headerBytes = HEADER_BYTES[headerType] ?? 0;
    if (data.length < at + headerBytes) return 0;
    const previous = this.streams.get(chunkStream);
    if (previous === undefined && headerType !== 0) {
      throw new RtmpProtocolError(`chunk stream ${chunkStream} begins without a full header`);
    }
    const timeField = headerType < 3 ? data.readUIntBE(at, 3) : 0;
    const extended = headerType < 3 ? timeField === EXTENDED_TIMESTAMP : previous?.extended === true;
    const payloadAt = at + headerBytes + (extended ? 4 : 0);
    if (data.length < payloadAt) return 0;

    const state = previous ?? this.open(chunkStream);
    if (state.payload === undefined) {
      const time = extended ? data.readUInt32BE(payloadAt - 4) : timeField;
      state.extended = extended;
      if (headerType < 2) {
        state.length = data.readUIntBE(at + 3, 3);
        state.type = data.readUInt8(at + 6);
      }
      if (headerType === 0) state.streamId = data.readUInt32LE(at + 7);
      if (headerType < 3) state.delta = time;
      // Type 3 uses the last delta; after type 0 that is its timestamp (section 5.3.1.2.4).
      state.timestamp = headerType === 0 ? time : (state.timestamp + state.delta) >>> 0;
    } else if (headerType !== 3) {
      throw new RtmpProtocolError(`chunk stream ${chunkStream} begins a message inside another`);
    }
    this.beginChunk(state);
    return payloadAt;
  }

  private open(chunkStream: number): ChunkStreamState {
    if (this.streams.size >= MAX_CHUNK_STREAMS) {
      throw new RtmpProtocolError(`more than ${MAX_CHUNK_STREAMS} chunk streams`);
    }
    const state: ChunkStreamState = {
      timestamp: 0,
      delta: 0,
      extended: false,
      length: 0,
      type: 0,
      streamId: 0,
      payload: undefined,
      received: 0,
    };
    this.streams.set(chunkStream, state);
    return state;
  }

  private beginChunk(state: ChunkStreamState): void {
    const payload = state.payload ?? this.claim(state);
    const missing = Math.min(this.chunkSize, payload.length - state.received);
    if (missing === 0) this.endChunk(state, payload);
    else this.chunk = { state, missing };
  }

  private claim(state: ChunkStreamState): Buffer {
    const { length } = state;
    if (length > this.maxMessageBytes) {
      throw new RtmpProtocolError(`a message of ${length} bytes; at most ${this.maxMessageBytes} are taken`);
    }
    if (this.claimed + length > this.maxMessageBytes) {
      throw new RtmpProtocolError(`more than ${this.maxMessageBytes} bytes of unfinished messages`);
    }
    this.claimed += length;
    state.payload = Buffer.allocUnsafe(length);
    state.received = 0;
    return state.payload;
  }

  private endChunk(state: ChunkStreamState, payload: Buffer): void {
    this.chunk = undefined;
    if (state.received < payload.length) return;
    this.release(state, payload);
    const { type, streamId, timestamp } = state;
    const message: RtmpMessage = { type, streamId, timestamp, payload };
    this.obey(message);
    this.onMessage(message);
  }

  private release(state: ChunkStreamState, payload: Buffer): void {
    this.claimed -= payload.length;
    state.payload = undefined;
  }

  private obey({ type, payload }: RtmpMessage): void {
    if (type !== MessageType.setChunkSize && type !== MessageType.abort) return;
    if (payload.length < 4) throw new RtmpProtocolError('a control message that is too short');
    const value = payload.readUInt32BE();
    if (type === MessageType.setChunkSize) {
      if (value < 1 || value > 0x7fffffff) throw new RtmpProtocolError(`a chunk size of ${value}`);
      this.chunkSize = value;
      return;
    }
    const aborted = this.streams.get(value);
    if (aborted?.payload !== undefined) this.release(aborted, aborted.payload);
  }
}
