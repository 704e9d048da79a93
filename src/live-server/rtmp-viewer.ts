import { carrierOf, type StreamTag } from '../media/stream-tag.js';
import type { RtmpMedia, RtmpServerSession } from '../rtmp/rtmp-server-session.js';
import type { Viewer } from './live-stream.js';
import { type GateLimits, ViewerGate } from './viewer-gate.js';

/** Tags converted for the sessions, shared by all viewers. */
const mediaOf = new WeakMap<StreamTag, RtmpMedia>();

/** A viewer that plays a stream over RTMP. */
export class RtmpViewer implements Viewer {
  private readonly gate: ViewerGate;

  constructor(
    private readonly session: RtmpServerSession,
    limits: Partial<GateLimits> = {},
  ) {
    this.gate = new ViewerGate(() => session.writer.backlogBytes, limits);
  }

  onTag(tag: StreamTag): void {
    const verdict = this.gate.judge(tag);
    if (verdict === 'cut off') this.session.dispose();
    if (verdict !== 'send') return;
    const media = mediaOf.get(tag) ?? toMedia(tag);
    mediaOf.set(tag, media);
    this.session.send(media);
  }

  onEnd(): void {
    this.session.endPlayback();
  }
}

function toMedia({ kind, timestampMs, payload }: StreamTag): RtmpMedia {
  return { kind: carrierOf(kind), timestampMs, payload };
}
