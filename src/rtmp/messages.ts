/** RTMP messages (Adobe, "Real Time Messaging Protocol", 1.0, sections 5.4, 6 and 7). */

export const MessageType = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAcknowledgementSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  /** Preceded by one byte, like `commandAmf3`. */
  dataAmf3: 15,
  dataAmf0: 18,
  /** A command preceded by one byte for AMF0 or AMF3; the rest is AMF0 with all known servers. */
  commandAmf3: 17,
  commandAmf0: 20,
} as const;

export const UserControlEvent = {
  streamBegin: 0,
  pingRequest: 6,
  pingResponse: 7,
} as const;

/** Chunk streams, all below 32: nginx-rtmp's maximum. */
export const ChunkStream = {
  control: 2,
  command: 3,
  audio: 4,
  data: 5,
  video: 6,
} as const;

export interface RtmpMessage {
  readonly type: number;
  /** Message stream: 0 for the connection itself, else the result of createStream. */
  readonly streamId: number;
  /** ms, unsigned 32 bits. */
  readonly timestamp: number;
  readonly payload: Buffer;
}

/** A message with one unsigned 32-bit number, like most control messages. */
export function uint32Message(type: number, value: number): RtmpMessage {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value >>> 0);
  return { type, streamId: 0, timestamp: 0, payload };
}

/** Tells a client that its message stream is ready (section 7.1.7). */
export function streamBegin(streamId: number): RtmpMessage {
  const payload = Buffer.alloc(6);
  payload.writeUInt16BE(UserControlEvent.streamBegin);
  payload.writeUInt32BE(streamId, 2);
  return { type: MessageType.userControl, streamId: 0, timestamp: 0, payload };
}

/** Answers a ping: `stamp` is the four bytes of the request (section 7.1.7). */
export function pingResponse(stamp: Buffer): RtmpMessage {
  const payload = Buffer.alloc(6);
  payload.writeUInt16BE(UserControlEvent.pingResponse);
  stamp.copy(payload, 2, 0, 4);
  return { type: MessageType.userControl, streamId: 0, timestamp: 0, payload };
}

/** The peer broke the protocol: its further data cannot be interpreted. */
export class RtmpProtocolError extends Error {
  override readonly name = 'RtmpProtocolError';
}
