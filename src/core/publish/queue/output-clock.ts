import {
  isExtraHeader,
  isExtraKind,
  isVideoFrame,
  type StreamTag,
  trackKey,
} from '../../../media/stream-tag.js';
import { parseVideoPayload, withCompositionTime } from '../../../media/video-payload.js';
import type { SentTimes } from './sent-tags.js';

/**
 * Keeps timestamps of one output strictly increasing on each track across its sessions, since viewers may have
 * stayed with the server while there was no session. A new session begins with a keyframe that may have been sent
 * before: that one and the following frames are compressed into the next milliseconds, and sound that has been sent
 * is dropped.
 */
export class OutputClock {
  private lastFrameMs = -1;
  private lastAudioMs = -1;
  /** Of each further track, by `trackKey`. */
  private readonly lastExtraMs = new Map<string, number>();

  /**
   * The tag with its timestamp for sending, or undefined if it has been sent before.
   * @param runUp whether it belongs to what a session starts with
   */
  next(tag: StreamTag, runUp: boolean): StreamTag | undefined {
    if (isExtraKind(tag.kind)) return this.nextExtra(tag);
    if (isVideoFrame(tag)) {
      const timestampMs = Math.max(tag.timestampMs, this.lastFrameMs + 1);
      this.lastFrameMs = timestampMs;
      return moved(tag, timestampMs);
    }
    if (tag.kind === 'audio') {
      if (runUp && tag.timestampMs <= this.lastAudioMs) return undefined;
      this.lastAudioMs = Math.max(tag.timestampMs, this.lastAudioMs + 1);
      return moved(tag, this.lastAudioMs);
    }
    // With any other timestamp ffmpeg treats metadata as subtitles.
    if (tag.kind === 'metadata') return moved(tag, 0);
    const last = tag.kind === 'audio-header' ? this.lastAudioMs : this.lastFrameMs;
    return moved(tag, Math.max(tag.timestampMs, last));
  }

  /** The server does not have what was sent after these times: that is sent again, at its own time. */
  rewind({ frameMs, audioMs }: SentTimes): void {
    this.lastFrameMs = Math.min(this.lastFrameMs, frameMs);
    this.lastAudioMs = Math.min(this.lastAudioMs, audioMs);
  }

  /** Frames and sound of further tracks are never sent again; a header is, with each session. */
  private nextExtra(tag: StreamTag): StreamTag {
    const key = trackKey(tag);
    const timestampMs = Math.max(tag.timestampMs, this.lastExtraMs.get(key) ?? 0);
    if (!isExtraHeader(tag)) this.lastExtraMs.set(key, timestampMs);
    return { ...tag, timestampMs };
  }
}

function moved(tag: StreamTag, timestampMs: number): StreamTag {
  if (timestampMs === tag.timestampMs) return tag;
  const payload = isVideoFrame(tag)
    ? shiftComposition(tag.payload, timestampMs - tag.timestampMs)
    : tag.payload;
  return { ...tag, timestampMs, payload };
}

/**
 * Reduces the composition time by `laterMs`, to no less than 0: a frame that is decoded later is still shown at its
 * original time, or immediately.
 */
function shiftComposition(payload: Buffer, laterMs: number): Buffer {
  const { compositionMs } = parseVideoPayload(payload);
  return compositionMs > 0 ? withCompositionTime(payload, Math.max(0, compositionMs - laterMs)) : payload;
}
