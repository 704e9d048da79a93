import type { StreamTag } from '../media/stream-tag.js';
import type { RtmpServerSession } from '../rtmp/rtmp-server-session.js';
import type { Viewer } from './live-stream.js';
import { ViewerGate } from './viewer-gate.js';

/** Someone who plays a stream by RTMP. */
export class RtmpViewer implements Viewer {
  private readonly gate: ViewerGate;

  constructor(private readonly session: RtmpServerSession) {
    this.gate = new ViewerGate(() => session.writer.backlogBytes);
  }

  onTag(tag: StreamTag): void {
    const verdict = this.gate.judge(tag);
    if (verdict === 'cut off') this.session.dispose();
    if (verdict !== 'send') return;
    const { kind, timestampMs, payload } = tag;
    this.session.send(
      kind === 'metadata' ? kind : kind === 'audio' || kind === 'audio-header' ? 'audio' : 'video',
      timestampMs,
      payload,
    );
  }

  onEnd(): void {
    this.session.endPlayback();
  }
}
