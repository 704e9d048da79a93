import type { ExtraTagKind, StreamTag, StreamTagKind } from '../../../src/media/stream-tag.js';
import { aacFrame, avcFrame, avcHeader, metadata } from '../../support/flv.js';

/** A tag whose body is what its kind says, unless a test wants another one. */
type MainKind = Exclude<StreamTagKind, ExtraTagKind>;

export function tag(kind: MainKind, timestampMs: number, payload = payloadOf(kind)): StreamTag {
  return { kind, timestampMs, payload, readAtMs: performance.now() };
}

/** What a new session starts with: `[metadata, headers, keyframe, sound]`, all at 0. */
export function startingPoint(): StreamTag[] {
  return [
    tag('metadata', 0),
    tag('video-header', 0),
    tag('audio-header', 0),
    tag('keyframe', 0),
    tag('audio', 3),
  ];
}

function payloadOf(kind: MainKind): Buffer {
  switch (kind) {
    case 'metadata':
      return metadata(1);
    case 'video-header':
      return avcHeader(1);
    case 'audio-header':
    case 'audio':
      return aacFrame(1);
    default:
      return avcFrame(kind, 1);
  }
}
