import type { Disposable } from 'vscode-jsonrpc';
import { ordinaryAudio, ordinaryVideo } from '../media/enhanced-packets.js';
import { GopCache } from '../media/gop-cache.js';
import { isVideoFrameKind, type StreamTag } from '../media/stream-tag.js';
import type { RtmpSink } from '../rtmp/rtmp-server-session.js';
import { tagKindOf, type Viewer } from './live-stream.js';

/** After this long without a frame, the last GOP is too old to begin with, ms. */
const FRESH_MS = 1000;

/** One publisher's stream. */
interface Publication {
  readonly gop: GopCache;
  /** When its last frame arrived, `performance.now()`. */
  frameAtMs: number;
}

/**
 * What is published to an ingest that the encoder decodes. A viewer waits for a publisher's next keyframe, or begins with the last GOP if
 * that is recent, and is ended with its publisher: the next publisher's stream may have other tracks and other timestamps. Enhanced RTMP's
 * further tracks are left out, and H.264 and AAC go on under FLV's own headers, which every ffmpeg reads.
 */
export class IngestStream implements Disposable {
  private readonly viewers = new Set<Viewer>();
  private readonly waiting = new Set<Viewer>();
  private current: Publication | undefined;

  /** Accepts a publisher; the viewers of the previous one are ended. */
  publish(): RtmpSink {
    this.endViewers();
    const publication: Publication = { gop: new GopCache(), frameAtMs: Number.NEGATIVE_INFINITY };
    this.current = publication;
    return {
      take: (kind, timestampMs, payload) => {
        if (this.current !== publication) return;
        const ordinary =
          kind === 'video' ? ordinaryVideo(payload) : kind === 'audio' ? ordinaryAudio(payload) : payload;
        const tagKind = tagKindOf(kind, ordinary);
        if (tagKind === undefined) return;
        const readAtMs = performance.now();
        this.take(publication, { kind: tagKind, timestampMs, payload: ordinary, readAtMs });
      },
      end: () => {
        if (this.current !== publication) return;
        this.current = undefined;
        this.endViewers();
      },
    };
  }

  /** @returns a function to call when the viewer disconnects */
  watch(viewer: Viewer): () => void {
    if (!this.begin(viewer)) this.waiting.add(viewer);
    return () => {
      this.viewers.delete(viewer);
      this.waiting.delete(viewer);
    };
  }

  /** Drops its viewers. */
  dispose(): void {
    this.current = undefined;
    this.viewers.clear();
    this.waiting.clear();
  }

  private take(publication: Publication, tag: StreamTag): void {
    const { gop } = publication;
    gop.push(tag);
    if (isVideoFrameKind(tag.kind)) publication.frameAtMs = tag.readAtMs;
    for (const viewer of this.viewers) viewer.onTag(tag);
    if (tag.kind !== 'keyframe') return;
    for (const viewer of this.waiting) {
      if (this.begin(viewer)) this.waiting.delete(viewer);
    }
  }

  /** @returns false if there is no GOP to begin with */
  private begin(viewer: Viewer): boolean {
    const { current } = this;
    if (current === undefined || performance.now() - current.frameAtMs > FRESH_MS) return false;
    const tags = current.gop.snapshot();
    if (!tags.some(({ kind }) => kind === 'keyframe')) return false;
    for (const tag of tags) viewer.onTag(tag);
    this.viewers.add(viewer);
    return true;
  }

  private endViewers(): void {
    const viewers = [...this.viewers];
    this.viewers.clear();
    for (const viewer of viewers) viewer.onEnd();
  }
}
