/** Kinds of the tags of a publisher's further tracks, in Enhanced RTMP's multitrack packets of one track each. */
const EXTRA_KINDS = [
  'extra-video-header',
  'extra-audio-header',
  'extra-keyframe',
  'extra-interframe',
  'extra-audio',
] as const;
export type ExtraTagKind = (typeof EXTRA_KINDS)[number];

/** All kinds; a tag that goes to another process has the index of its kind. */
export const STREAM_TAG_KINDS = [
  ...(['metadata', 'video-header', 'audio-header', 'keyframe', 'interframe', 'disposable', 'audio'] as const),
  ...EXTRA_KINDS,
] as const;

/**
 * Kind of a tag. `disposable` is a video frame that no other refers to (nal_ref_idc 0): the first to be dropped when a
 * queue is full.
 */
export type StreamTagKind = (typeof STREAM_TAG_KINDS)[number];

/** One FLV tag on the broadcast's timeline, passed from the timeline to the outputs. Immutable. */
export interface StreamTag {
  readonly kind: StreamTagKind;
  /** The track's number, from 1, if the kind is an {@link ExtraTagKind}; the main track has none. */
  readonly track?: number;
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
  return AUDIO_KINDS.has(kind) ? 'audio' : 'video';
}

const AUDIO_KINDS: ReadonlySet<StreamTagKind> = new Set([
  'audio',
  'audio-header',
  'extra-audio',
  'extra-audio-header',
]);

export function isExtraKind(kind: StreamTagKind): kind is ExtraTagKind {
  return (EXTRA_KINDS as readonly string[]).includes(kind);
}

/** Whether the tag is a video frame of a further track. */
export function isExtraFrame({ kind }: Pick<StreamTag, 'kind'>): boolean {
  return kind === 'extra-keyframe' || kind === 'extra-interframe';
}

export function isExtraAudio({ kind }: Pick<StreamTag, 'kind'>): boolean {
  return kind === 'extra-audio' || kind === 'extra-audio-header';
}

export function isExtraHeader({ kind }: Pick<StreamTag, 'kind'>): boolean {
  return kind === 'extra-video-header' || kind === 'extra-audio-header';
}

/** The same for all tags of one track, and for no other. */
export function trackKey({ kind, track = 0 }: Pick<StreamTag, 'kind' | 'track'>): string {
  return `${carrierOf(kind)} ${track}`;
}
