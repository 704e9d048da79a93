import type { Disposable } from 'vscode-jsonrpc';
import { parseAudioPayload } from '../media/audio-payload.js';
import { GopCache } from '../media/gop-cache.js';
import type { StreamTag, StreamTagKind } from '../media/stream-tag.js';
import { parseVideoPayload } from '../media/video-payload.js';
import type { RtmpMediaKind, RtmpSink } from '../rtmp/rtmp-server-session.js';

/** A viewer of a stream. */
export interface Viewer {
  /** The next tag; the first ones are metadata, headers and the last GOP. */
  onTag(tag: StreamTag): void;
  /** The stream has ended. */
  onEnd(): void;
}

/** How long viewers are kept after their publisher has disconnected unexpectedly, ms: it usually reconnects. */
const GRACE_MS = 30_000;
/** Timestamps of a new publisher continue if they are ahead by at most this plus the elapsed time, ms. */
const MAX_JUMP_MS = 5000;

interface Publication {
  readonly gop: GopCache;
  /** Difference of its timestamps to those sent to viewers, ms; undefined before its first media. */
  offsetMs: number | undefined;
}

/**
 * One stream: its publisher's media is sent to its viewers, each starting with the last GOP. Viewers are kept when the
 * publisher disconnects unexpectedly and reconnects, with continuous timestamps.
 */
export class LiveStream implements Disposable {
  private readonly viewers = new Set<Viewer>();
  private current: Publication | undefined;
  private grace: NodeJS.Timeout | undefined;
  /** The newest media sent to viewers. */
  private last: { readonly timestampMs: number; readonly atMs: number } | undefined;

  /** Accepts a publisher; the previous one is ignored from now on. */
  publish(): RtmpSink {
    clearTimeout(this.grace);
    const publication: Publication = { gop: new GopCache(), offsetMs: undefined };
    this.current = publication;
    return {
      take: (kind, timestampMs, payload) => this.take(publication, kind, timestampMs, payload),
      end: (orderly) => {
        if (this.current !== publication) return;
        this.current = undefined;
        if (orderly) this.endViewers();
        else this.grace = setTimeout(() => this.endViewers(), GRACE_MS);
      },
    };
  }

  get isPublished(): boolean {
    return this.current !== undefined;
  }

  /** @returns a function to call when the viewer disconnects */
  watch(viewer: Viewer): () => void {
    for (const tag of this.current?.gop.snapshot() ?? []) viewer.onTag(tag);
    this.viewers.add(viewer);
    return () => this.viewers.delete(viewer);
  }

  /** Drops its viewers. */
  dispose(): void {
    clearTimeout(this.grace);
    this.current = undefined;
    this.viewers.clear();
  }

  private take(
    publication: Publication,
    kind: RtmpMediaKind,
    fromPublisherMs: number,
    payload: Buffer,
  ): void {
    const tagKind = tagKindOf(kind, payload);
    if (this.current !== publication || tagKind === undefined) return;
    const nowMs = performance.now();
    // Metadata may have any timestamp.
    const isMedia = tagKind !== 'metadata';
    if (isMedia) publication.offsetMs ??= this.offsetOf(fromPublisherMs, nowMs);
    const timestampMs = fromPublisherMs + (publication.offsetMs ?? 0);
    if (isMedia) this.last = { timestampMs, atMs: nowMs };
    const tag = { kind: tagKind, timestampMs, payload, readAtMs: nowMs };
    publication.gop.push(tag);
    for (const viewer of this.viewers) viewer.onTag(tag);
  }

  /** By how much a new publisher's timestamps are shifted, so that they continue for existing viewers. */
  private offsetOf(firstMs: number, nowMs: number): number {
    if (this.last === undefined || this.viewers.size === 0) return 0;
    const expectedMs = this.last.timestampMs + Math.max(1, Math.round(nowMs - this.last.atMs));
    const isContinuous = firstMs > this.last.timestampMs && firstMs < expectedMs + MAX_JUMP_MS;
    return isContinuous ? 0 : expectedMs - firstMs;
  }

  private endViewers(): void {
    this.last = undefined;
    for (const viewer of this.viewers) viewer.onEnd();
    this.viewers.clear();
  }
}

/** Undefined for media that viewers do not need. */
export function tagKindOf(kind: RtmpMediaKind, payload: Buffer): StreamTagKind | undefined {
  if (kind === 'metadata') return 'metadata';
  if (kind === 'video') {
    const video = parseVideoPayload(payload).kind;
    return video === 'other' ? undefined : video === 'header' ? 'video-header' : video;
  }
  const audio = parseAudioPayload(payload);
  return audio === 'other' ? undefined : audio === 'header' ? 'audio-header' : 'audio';
}
