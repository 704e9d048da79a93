import type { StreamTag, StreamTagKind } from '../../../media/stream-tag.js';
import { detailsOf, type HeldTag } from './delay-store.js';

/** A tag of a ring, which several delays may hold. */
export class StoredTag implements HeldTag {
  readonly kind: StreamTagKind;
  readonly track?: number;
  readonly timestampMs: number;
  readonly readAtMs: number;
  readonly compositionMs: number;
  readonly bytes: number;
  payload: Buffer | undefined;
  /** How many delays hold it. */
  holders = 1;
  /** Where it is in its file; undefined before it is written. */
  offset: number | undefined;

  constructor(
    tag: StreamTag,
    readonly chunk: DelayChunk,
  ) {
    const { kind, track, timestampMs, readAtMs, compositionMs, bytes } = detailsOf(tag);
    this.kind = kind;
    if (track !== undefined) this.track = track;
    this.timestampMs = timestampMs;
    this.readAtMs = readAtMs;
    this.compositionMs = compositionMs;
    this.bytes = bytes;
    this.payload = tag.payload;
  }

  get isOnDisk(): boolean {
    return this.offset !== undefined;
  }

  get isLost(): boolean {
    return this.chunk.isLost && this.payload === undefined;
  }
}

/** Consecutive tags that are written to one file, and read from it, at once. */
export class DelayChunk {
  readonly tags: StoredTag[] = [];
  /** Of all its tags. */
  bytes = 0;
  /** Tags that are still held. */
  held = 0;
  /** Tags that air soon, once for each delay. */
  wanted = 0;
  state: 'open' | 'closed' | 'written' = 'open';
  /** Its file is gone, or cannot be read. */
  isLost = false;

  constructor(readonly name: string) {}

  /** Of what is in memory. */
  get bytesInMemory(): number {
    return this.tags.reduce((sum, { payload }) => sum + (payload?.length ?? 0), 0);
  }

  add(tag: StreamTag): StoredTag {
    const stored = new StoredTag(tag, this);
    this.tags.push(stored);
    this.bytes += stored.bytes;
    this.held += 1;
    return stored;
  }

  /** What is written of it: what was cut meanwhile is not. */
  parts(): Buffer[] {
    const held = this.tags.filter(({ holders, payload }) => holders > 0 && payload !== undefined);
    let offset = 0;
    for (const tag of held) {
      tag.offset = offset;
      offset += tag.bytes;
    }
    return held.map(({ payload }) => payload as Buffer);
  }

  /** Its file could not be written. */
  unwritten(): void {
    for (const tag of this.tags) tag.offset = undefined;
  }

  /** Takes the contents of its file. */
  load(file: Buffer): void {
    for (const tag of this.tags) {
      if (tag.holders === 0 || tag.offset === undefined) continue;
      tag.payload = file.subarray(tag.offset, tag.offset + tag.bytes);
    }
  }

  /** Leaves it to its file. */
  unload(): void {
    for (const tag of this.tags) if (tag.isOnDisk) tag.payload = undefined;
  }
}
