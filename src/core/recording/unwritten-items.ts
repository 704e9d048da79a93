import { type HeaderKind, isHeaderKind, StreamHeaders } from '../../media/stream-headers.js';
import { isExtraHeader, type StreamTag, trackKey } from '../../media/stream-tag.js';
import type { RecorderCommand } from '../../protocol/recorder.js';

export type RecordingItem = { readonly tag: StreamTag } | { readonly command: RecorderCommand };

interface HeldItem {
  readonly number: number;
  readonly item: RecordingItem;
}

/** A GOP on the disk that is longer is not kept: after a crash, the file goes on with the next keyframe. Bytes. */
const MAX_GOP_BYTES = 32 * 1024 * 1024;

/**
 * What a recorder has been given and is not known to be on the disk, in order, so that it can be given to the next one. Of what is on the
 * disk it holds the last GOP as well, since a container goes on with a keyframe; what the file has of it is left out there.
 */
export class UnwrittenItems {
  private held: HeldItem[] = [];
  /** Headers before the first that is held. */
  private readonly headers = new StreamHeaders();
  private readonly extraHeaders = new Map<string, StreamTag>();
  private lastNumber = 0;
  private writtenNumber = 0;
  private heldBytes = 0;
  private writtenBytes = 0;

  /** Number of the latest. */
  get last(): number {
    return this.lastNumber;
  }

  /** Number of the last one that is on the disk. */
  get written(): number {
    return this.writtenNumber;
  }

  /** What is not on the disk. */
  get bytes(): number {
    return this.heldBytes - this.writtenBytes;
  }

  /** From the first tag that is not on the disk to the last one. */
  get durationMs(): number {
    const first = this.held.slice(this.indexAfter(this.writtenNumber)).find(({ item }) => 'tag' in item);
    const last = this.held.findLast(({ item }) => 'tag' in item);
    if (first === undefined || last === undefined || !('tag' in first.item) || !('tag' in last.item))
      return 0;
    return Math.max(0, last.item.tag.timestampMs - first.item.tag.timestampMs);
  }

  push(item: RecordingItem): void {
    this.lastNumber += 1;
    this.held.push({ number: this.lastNumber, item });
    this.heldBytes += bytesOf(item);
  }

  /** Those after this number. */
  after(number: number): readonly RecordingItem[] {
    return this.held.slice(this.indexAfter(number)).map(({ item }) => item);
  }

  /** Everything up to this number is on the disk. */
  acknowledge(number: number): void {
    if (number <= this.writtenNumber || number > this.lastNumber) return;
    const [from, to] = [this.indexAfter(this.writtenNumber), this.indexAfter(number)];
    this.writtenNumber = number;
    for (const { item } of this.held.slice(from, to)) this.writtenBytes += bytesOf(item);
    this.forget(this.firstNeeded(to));
    if (this.writtenBytes > MAX_GOP_BYTES) this.forget(this.indexAfter(number));
  }

  /** What another recorder needs to go on with the file that is written: the headers, and all that is held, each command once. */
  replay(): readonly RecordingItem[] {
    const timestampMs = this.held.map(({ item }) => item).find((item) => 'tag' in item)?.tag.timestampMs ?? 0;
    const headers = Array.from(this.headers.entries(), ([kind, payload]) =>
      header(kind, payload, timestampMs),
    );
    const extra = Array.from(this.extraHeaders.values(), (tag) => ({ tag: { ...tag, timestampMs } }));
    const items = this.held
      .filter(({ number, item }) => 'tag' in item || number > this.writtenNumber)
      .map(({ item }) => item);
    // A file that begins among them has its own.
    const [first] = items;
    const isBegun = first === undefined || 'tag' in first || first.command.kind !== 'open';
    return isBegun ? [...headers, ...extra, ...items] : items;
  }

  /** Holds nothing any more. */
  clear(): void {
    this.forget(this.held.length);
    this.writtenNumber = this.lastNumber;
  }

  /** Where the last GOP of the file begins; behind the command that began the file, or ended it, if it is later. */
  private firstNeeded(to: number): number {
    for (let index = to - 1; index >= 0; index--) {
      const item = this.held[index]?.item;
      if (item === undefined) continue;
      if ('tag' in item) {
        if (item.tag.kind === 'keyframe') return index;
      } else if (item.command.kind === 'open' || item.command.kind === 'close') return index + 1;
    }
    return 0;
  }

  private forget(count: number): void {
    if (count <= 0) return;
    for (const { number, item } of this.held.splice(0, count)) {
      const bytes = bytesOf(item);
      this.heldBytes -= bytes;
      if (number <= this.writtenNumber) this.writtenBytes -= bytes;
      if (!('tag' in item)) continue;
      const { tag } = item;
      if (isHeaderKind(tag.kind)) this.headers.set(tag.kind, tag.payload);
      else if (isExtraHeader(tag)) this.extraHeaders.set(trackKey(tag), tag);
    }
  }

  /** Index of the first one after this number. */
  private indexAfter(number: number): number {
    const first = this.held[0]?.number ?? this.lastNumber + 1;
    return Math.min(this.held.length, Math.max(0, number + 1 - first));
  }
}

function bytesOf(item: RecordingItem): number {
  return 'tag' in item ? item.tag.payload.length : 0;
}

function header(kind: HeaderKind, payload: Buffer, timestampMs: number): RecordingItem {
  return { tag: { kind, payload, timestampMs, readAtMs: 0 } };
}
