/** Builds FLV, so that tests need no encoder for a stream, and can write a timeline's output to a file. */

const TAG_TYPES = { audio: 8, video: 9, script: 18 } as const;

export interface FlvInput {
  readonly kind: keyof typeof TAG_TYPES;
  /** Any integer; written as the low 32 bits. */
  readonly ms: number;
  readonly payload: Buffer;
}

export const FLV_PREAMBLE = Buffer.from([0x46, 0x4c, 0x56, 1, 0b101, 0, 0, 0, 9, 0, 0, 0, 0]);

export function flvTag({ kind, ms, payload }: FlvInput): Buffer {
  const bytes = Buffer.alloc(11 + payload.length + 4);
  const ms32 = Number(BigInt.asUintN(32, BigInt(ms)));
  bytes.writeUInt8(TAG_TYPES[kind], 0);
  bytes.writeUIntBE(payload.length, 1, 3);
  bytes.writeUIntBE(ms32 & 0xffffff, 4, 3);
  bytes.writeUInt8(ms32 >>> 24, 7);
  payload.copy(bytes, 11);
  bytes.writeUInt32BE(11 + payload.length, 11 + payload.length);
  return bytes;
}

export function flvFile(tags: readonly FlvInput[]): Buffer {
  return Buffer.concat([FLV_PREAMBLE, ...tags.map(flvTag)]);
}

/** `bytes` in pieces, whose lengths are given and repeated. */
export function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const length = Math.max(1, lengths[n % Math.max(1, lengths.length)] ?? bytes.length);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

/** AAC-LC, 48 kHz, stereo, as ffmpeg announces it. */
export const AAC_HEADER = Buffer.from([0xaf, 0, 0x11, 0x90, 0x56, 0xe5, 0]);

export function aacFrame(id: number): Buffer {
  const payload = Buffer.from([0xaf, 1, 0, 0, 0, 0]);
  payload.writeUInt32BE(id, 2);
  return payload;
}

/** A sequence header; equal numbers give equal headers. */
export function avcHeader(id: number): Buffer {
  return Buffer.from([0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, id]);
}

const NAL_HEADERS = { keyframe: 0x65, interframe: 0x41, disposable: 0x01 } as const;

/** A frame of one slice, with its number as content. */
export function avcFrame(kind: keyof typeof NAL_HEADERS, id: number, compositionMs = 0): Buffer {
  const payload = Buffer.alloc(14);
  payload.writeUInt8(kind === 'keyframe' ? 0x17 : 0x27, 0);
  payload.writeUInt8(1, 1);
  payload.writeIntBE(compositionMs, 2, 3);
  payload.writeUInt32BE(5, 5);
  payload.writeUInt8(NAL_HEADERS[kind], 9);
  payload.writeUInt32BE(id, 10);
  return payload;
}

/** `onMetaData` with one property; equal numbers give equal metadata. */
export function metadata(id: number): Buffer {
  const key = Buffer.from('\x02\x00\x0aonMetaData\x08\x00\x00\x00\x01\x00\x02id\x00', 'latin1');
  const value = Buffer.alloc(8);
  value.writeDoubleBE(id);
  return Buffer.concat([key, value, Buffer.from([0, 0, 9])]);
}
