/**
 * Kind of a tag. `disposable` is a video frame that no other refers to (nal_ref_idc 0): the first to be dropped when a
 * queue is full.
 */
export type StreamTagKind =
  | 'metadata'
  | 'video-header'
  | 'audio-header'
  | 'keyframe'
  | 'interframe'
  | 'disposable'
  | 'audio';

/** One FLV tag on the broadcast's timeline, passed from the timeline to the outputs. Immutable. */
export interface StreamTag {
  readonly kind: StreamTagKind;
  /** DTS on the broadcast's timeline, ms, from 0; not wrapped at 2^32: writers of 32-bit fields wrap it. */
  readonly timestampMs: number;
  /**
   * The FLV tag's body, which is also an RTMP message's payload: for AVC the five-byte header with the composition
   * time, then NAL units with four-byte lengths. `metadata` is the AMF0 of `onMetaData` without `@setDataFrame`.
   */
  readonly payload: Buffer;
  /** `performance.now()` when its last byte was read from the encoder, to measure a tag's time in the core. */
  readonly readAtMs: number;
}

/** Whether a tag of this kind is a video frame rather than a header, sound or metadata. */
export function isVideoFrameKind(kind: StreamTagKind): boolean {
  return kind === 'keyframe' || kind === 'interframe' || kind === 'disposable';
}

/** Whether the tag is a video frame rather than a header, sound or metadata. */
export function isVideoFrame({ kind }: StreamTag): boolean {
  return isVideoFrameKind(kind);
}

/** The type of the FLV tag, and of the RTMP message, for a tag of this kind. */
export function carrierOf(kind: StreamTagKind): 'audio' | 'video' | 'metadata' {
  if (kind === 'metadata') return kind;
  return kind === 'audio' || kind === 'audio-header' ? 'audio' : 'video';
}
