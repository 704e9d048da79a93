import { MessageType, type RtmpMessage } from './messages.js';
import { RtmpProtocolError } from './protocol-error.js';

const EXTENDED_TIMESTAMP = 0xffffff;
/** Bytes of the message header after the basic header, by its type. */
const HEADER_BYTES = [11, 7, 3, 0] as const;
const MAX_CHUNK_STREAMS = 64;
/** A server's answers are a few hundred bytes. */
const DEFAULT_MAX_MESSAGE_BYTES = 1 << 18;

interface ChunkStreamState {
  timestamp: number;
  /** What a message that starts without a timestamp of its own adds. */
  delta: number;
  extended: boolean;
  length: number;
  type: number;
  streamId: number;
  /** The message so far; undefined between messages. */
  parts: Buffer[] | undefined;
  received: number;
}

/**
 * Puts messages together from chunks (section 5.3), cut anywhere. SetChunkSize and Abort are obeyed here and handed on
 * like the rest. What one peer may make it hold is bounded.
 */
export class ChunkReader {
  private chunkSize = 128;
  private pending: Buffer = Buffer.alloc(0);
  private buffered = 0;
  private readonly streams = new Map<number, ChunkStreamState>();

  /** @param maxMessageBytes bound of one message and of all unfinished ones together, bytes */
  constructor(
    private readonly onMessage: (message: RtmpMessage) => void,
    private readonly maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES,
  ) {}

  /** Takes bytes and hands on the messages that they complete. @throws {RtmpProtocolError} */
  push(bytes: Buffer): void {
    let data = this.pending.length === 0 ? bytes : Buffer.concat([this.pending, bytes]);
    for (;;) {
      const used = this.readChunk(data);
      if (used === 0) break;
      data = data.subarray(used);
    }
    this.pending = data;
  }

  /** Reads one whole chunk at the start of `data` and returns its length, or 0 when it is not all there. */
  private readChunk(data: Buffer): number {
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

    const starting = previous?.parts === undefined;
    if (!starting && headerType !== 3) {
      throw new RtmpProtocolError(`chunk stream ${chunkStream} begins a message inside another`);
    }
    const length = headerType < 2 ? data.readUIntBE(at + 3, 3) : (previous?.length ?? 0);
    if (length > this.maxMessageBytes) {
      throw new RtmpProtocolError(`a message of ${length} bytes; at most ${this.maxMessageBytes} are taken`);
    }
    const received = starting ? 0 : (previous?.received ?? 0);
    const take = Math.min(this.chunkSize, length - received);
    if (data.length < payloadAt + take) return 0;

    const state = previous ?? this.open(chunkStream);
    if (starting) {
      const time = extended ? data.readUInt32BE(payloadAt - 4) : timeField;
      state.extended = extended;
      state.length = length;
      if (headerType < 2) state.type = data.readUInt8(at + 6);
      if (headerType === 0) state.streamId = data.readUInt32LE(at + 7);
      if (headerType < 3) state.delta = time;
      // Type 3 goes on by the last delta; after a type 0 that is its timestamp (section 5.3.1.2.4).
      state.timestamp = headerType === 0 ? time : (state.timestamp + state.delta) >>> 0;
      state.parts = [];
      state.received = 0;
    }
    this.append(state, data.subarray(payloadAt, payloadAt + take));
    return payloadAt + take;
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
      parts: undefined,
      received: 0,
    };
    this.streams.set(chunkStream, state);
    return state;
  }

  private append(state: ChunkStreamState, part: Buffer): void {
    const parts = state.parts ?? [];
    parts.push(part);
    state.received += part.length;
    this.buffered += part.length;
    if (this.buffered > this.maxMessageBytes) {
      throw new RtmpProtocolError(`more than ${this.maxMessageBytes} bytes of unfinished messages`);
    }
    if (state.received < state.length) return;
    this.buffered -= state.received;
    state.parts = undefined;
    const message: RtmpMessage = {
      type: state.type,
      streamId: state.streamId,
      timestamp: state.timestamp,
      payload: parts.length === 1 ? part : Buffer.concat(parts),
    };
    this.obey(message);
    this.onMessage(message);
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
    if (aborted?.parts === undefined) return;
    this.buffered -= aborted.received;
    aborted.parts = undefined;
  }
}
