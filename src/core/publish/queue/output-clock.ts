import { isVideoFrame, type StreamTag } from '../../../media/stream-tag.js';
import { parseVideoPayload, withCompositionTime } from '../../../media/video-payload.js';

/**
 * Keeps what one output sends in order over all its sessions: timestamps rise strictly on each
 * track, since viewers may have stayed with the server while the session was gone. A new session begins with a
 * keyframe that may have been sent before: that one and those up to the present are squeezed into the following
 * milliseconds, and sound that has been sent is left out.
 */
export class OutputClock {
  private lastFrameMs = -1;
  private lastAudioMs = -1;

  /**
   * The tag with the timestamp that it goes out with, or undefined when it has gone out before.
   * @param runUp whether it belongs to what a session starts with
   */
  next(tag: StreamTag, runUp: boolean): StreamTag | undefined {
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
    // At any other time ffmpeg takes metadata for subtitles.
    if (tag.kind === 'metadata') return moved(tag, 0);
    const last = tag.kind === 'audio-header' ? this.lastAudioMs : this.lastFrameMs;
    return moved(tag, Math.max(tag.timestampMs, last));
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
 * Takes `laterMs` off the composition time, to 0 at the least: a frame that is decoded later is still shown when it
 * was to be, or at once.
 */
function shiftComposition(payload: Buffer, laterMs: number): Buffer {
  const { compositionMs } = parseVideoPayload(payload);
  return compositionMs > 0 ? withCompositionTime(payload, Math.max(0, compositionMs - laterMs)) : payload;
}
