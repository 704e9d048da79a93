import { parseAudioPayload } from '../media/audio-payload.js';
import { GopCache } from '../media/gop-cache.js';
import type { StreamTag, StreamTagKind } from '../media/stream-tag.js';
import { parseVideoPayload } from '../media/video-payload.js';
import type { RtmpMediaKind, RtmpSink } from '../rtmp/rtmp-server-session.js';

/** Someone who watches a stream. */
export interface Viewer {
  /** The next tag; the first ones are metadata, headers and the last GOP. */
  onTag(tag: StreamTag): void;
  /** The stream is over. */
  onEnd(): void;
}

/** One stream: what its publisher sends goes to its viewers, each of whom starts with the last GOP. */
export class LiveStream {
  private readonly viewers = new Set<Viewer>();
  private current: { readonly gop: GopCache } | undefined;

  /** Takes a publisher; the one before has no say any more, and its viewers are told that it is over. */
  publish(): RtmpSink {
    if (this.current !== undefined) this.endViewers();
    const publication = { gop: new GopCache() };
    this.current = publication;
    return {
      take: (kind, timestampMs, payload) => {
        if (this.current !== publication) return;
        const tagKind = kindOf(kind, payload);
        if (tagKind === undefined) return;
        const tag = { kind: tagKind, timestampMs, payload, readAtMs: performance.now() };
        publication.gop.push(tag);
        for (const viewer of this.viewers) viewer.onTag(tag);
      },
      end: () => {
        if (this.current !== publication) return;
        this.current = undefined;
        this.endViewers();
      },
    };
  }

  /** @returns what is called when the viewer goes */
  watch(viewer: Viewer): () => void {
    for (const tag of this.current?.gop.snapshot() ?? []) viewer.onTag(tag);
    this.viewers.add(viewer);
    return () => this.viewers.delete(viewer);
  }

  private endViewers(): void {
    for (const viewer of this.viewers) viewer.onEnd();
    this.viewers.clear();
  }
}

/** Undefined for what no viewer needs. */
function kindOf(kind: RtmpMediaKind, payload: Buffer): StreamTagKind | undefined {
  if (kind === 'metadata') return 'metadata';
  if (kind === 'video') {
    const video = parseVideoPayload(payload).kind;
    return video === 'other' ? undefined : video === 'header' ? 'video-header' : video;
  }
  const audio = parseAudioPayload(payload);
  return audio === 'other' ? undefined : audio === 'header' ? 'audio-header' : 'audio';
}
