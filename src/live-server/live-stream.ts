import type { Disposable } from 'vscode-jsonrpc';
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

/** For so long viewers stay when their publisher has vanished, ms: it mostly comes back. */
const GRACE_MS = 30_000;
/** Timestamps that go on from the last publisher's jump forward by no more than this besides the time that has passed, ms. */
const MAX_JUMP_MS = 5000;

interface Publication {
  readonly gop: GopCache;
  /** What its timestamps differ from those that viewers get by, ms; undefined before its first media. */
  offsetMs: number | undefined;
}

/**
 * One stream: what its publisher sends goes to its viewers, each of whom starts with the last GOP. They stay when the publisher
 * vanishes and comes back, and time goes on for them.
 */
export class LiveStream implements Disposable {
  private readonly viewers = new Set<Viewer>();
  private current: Publication | undefined;
  private grace: NodeJS.Timeout | undefined;
  /** Of the newest media that viewers got. */
  private last: { readonly timestampMs: number; readonly atMs: number } | undefined;

  /** Takes a publisher; the one before has no say any more. */
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

  /** @returns what is called when the viewer goes */
  watch(viewer: Viewer): () => void {
    for (const tag of this.current?.gop.snapshot() ?? []) viewer.onTag(tag);
    this.viewers.add(viewer);
    return () => this.viewers.delete(viewer);
  }

  /** Forgets its viewers. */
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
    const tagKind = kindOf(kind, payload);
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

  /** By how much a new publisher's timestamps are moved, so that time goes on for viewers that stay. */
  private offsetOf(firstMs: number, nowMs: number): number {
    if (this.last === undefined || this.viewers.size === 0) return 0;
    const expectedMs = this.last.timestampMs + Math.max(1, Math.round(nowMs - this.last.atMs));
    const goesOn = firstMs > this.last.timestampMs && firstMs < expectedMs + MAX_JUMP_MS;
    return goesOn ? 0 : expectedMs - firstMs;
  }

  private endViewers(): void {
    this.last = undefined;
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
