import type { RtmpSink } from '../../src/rtmp/rtmp-server-session.js';
import { AAC_HEADER, aacFrame, avcFrame, avcHeader, metadata } from './flv.js';

interface SeenTag {
  readonly kind: string;
  readonly timestampMs: number;
  readonly payload: Buffer;
}

/** A viewer of the live server that notes what it is sent. */
export class SeenViewer {
  readonly seen: string[] = [];
  readonly payloads: Buffer[] = [];
  readonly onTag = ({ kind, timestampMs, payload }: SeenTag) => {
    this.seen.push(`${kind} ${timestampMs}`);
    this.payloads.push(payload);
  };
  readonly onEnd = () => this.seen.push('end');
}

/** What {@link runUp} has sent, as a {@link SeenViewer} notes it. */
export const RUN_UP = ['metadata 0', 'video-header 0', 'audio-header 0', 'keyframe 0', 'audio 5'];

/** Sends the headers, a keyframe and a sound frame. */
export function runUp(sink: RtmpSink): RtmpSink {
  sink.take('metadata', 0, metadata(1));
  sink.take('video', 0, avcHeader(1));
  sink.take('audio', 0, AAC_HEADER);
  sink.take('video', 0, avcFrame('keyframe', 1));
  sink.take('audio', 5, aacFrame(1));
  return sink;
}
