/**
 * What a tag is to the stream. `disposable` is a video frame that no other refers to (nal_ref_idc 0): the first to go
 * when a queue is full.
 */
export type StreamTagKind =
  | 'metadata'
  | 'video-header'
  | 'audio-header'
  | 'keyframe'
  | 'interframe'
  | 'disposable'
  | 'audio';

/** One FLV tag on the broadcast's timeline, on its way from the timeline to the outputs. Never changed once made. */
export interface StreamTag {
  readonly kind: StreamTagKind;
  /** DTS on the broadcast's timeline, ms, from 0; not wrapped at 2^32: whoever writes 32-bit fields wraps it. */
  readonly timestampMs: number;
  /**
   * The FLV tag's body, which is an RTMP message's payload too: for AVC the five-byte header with the composition time,
   * then NAL units with four-byte lengths. `metadata` is the AMF0 of `onMetaData` without `@setDataFrame`.
   */
  readonly payload: Buffer;
  /** `performance.now()` when its last byte was read from the encoder; for the time a tag spends in the core. */
  readonly readAtMs: number;
}

/** Whether a tag of this kind is a frame of video, as opposed to a header, sound or metadata. */
export function isVideoFrameKind(kind: StreamTagKind): boolean {
  return kind === 'keyframe' || kind === 'interframe' || kind === 'disposable';
}

/** Whether the tag is a frame, as opposed to a header, sound or metadata. */
export function isVideoFrame({ kind }: StreamTag): boolean {
  return isVideoFrameKind(kind);
}

/** The type of the FLV tag, and of the RTMP message, that carries a tag of this kind. */
export function carrierOf(kind: StreamTagKind): 'audio' | 'video' | 'metadata' {
  if (kind === 'metadata') return kind;
  return kind === 'audio' || kind === 'audio-header' ? 'audio' : 'video';
}
