import { isHeaderKind } from '../../media/stream-headers.js';
import { isExtraHeader, type StreamTag, trackKey } from '../../media/stream-tag.js';

/** How far a flight record goes back, ms. */
export const FLIGHT_MS = 60_000;
/** Entries at most. */
const MOST_ENTRIES = 30_000;
/** Media of the encoder at most: the last 20 s at 6 Mbit/s. Of earlier packets there is the header alone. */
const MOST_MEDIA_BYTES = 16 * 1024 * 1024;
/** Removed from the front before the list is compacted. */
const COMPACT_AT = 4096;

/** One thing that happened. */
export interface FlightEntry {
  /** By `performance.now()`. */
  readonly atMs: number;
  readonly kind: string;
  readonly [detail: string]: unknown;
}

export interface HeldEntry {
  readonly entry: FlightEntry;
  /** Of a packet of an encoder, with its own timestamps. */
  tag?: StreamTag | undefined;
}

/** The last minute, in the order in which it happened, in bounded memory. */
export class FlightEntries {
  private held: HeldEntry[] = [];
  private head = 0;
  /** From there on packets have their media. */
  private mediaHead = 0;
  private mediaBytes = 0;
  /** Headers of each epoch that are not held any more, by epoch and track: its frames need them. */
  private readonly headers = new Map<string, HeldEntry>();

  get bytes(): number {
    return this.mediaBytes;
  }

  add(entry: FlightEntry, tag?: StreamTag): void {
    this.held.push(tag === undefined ? { entry } : { entry, tag });
    this.mediaBytes += tag?.payload.length ?? 0;
    this.trim(entry.atMs);
  }

  /** What is held, with the headers that its packets need. */
  list(): readonly HeldEntry[] {
    const held = this.held.slice(this.head);
    const epochs = new Set(held.map(({ entry }) => entry['epoch']));
    const headers = [...this.headers.values()].filter(({ entry }) => epochs.has(entry['epoch']));
    return [...headers, ...held];
  }

  clear(): void {
    this.held = [];
    this.head = 0;
    this.mediaHead = 0;
    this.mediaBytes = 0;
    this.headers.clear();
  }

  private trim(nowMs: number): void {
    for (let first = this.held[this.head]; first !== undefined; first = this.held[this.head]) {
      const isOld = nowMs - first.entry.atMs > FLIGHT_MS;
      if (!isOld && this.held.length - this.head <= MOST_ENTRIES) break;
      this.head += 1;
      if (this.mediaHead < this.head) this.dropMedia(first);
      if (first.tag !== undefined) this.keepHeader(first);
    }
    while (this.mediaBytes > MOST_MEDIA_BYTES && this.mediaHead < this.held.length)
      this.dropMedia(this.held[this.mediaHead]);
    if (this.head < COMPACT_AT) return;
    this.held = this.held.slice(this.head);
    this.mediaHead -= this.head;
    this.head = 0;
  }

  /** Of the first packet that has it. Headers are small, and stay. */
  private dropMedia(held: HeldEntry | undefined): void {
    this.mediaHead += 1;
    if (held?.tag === undefined) return;
    this.mediaBytes -= held.tag.payload.length;
    if (!isHeader(held.tag)) held.tag = undefined;
  }

  private keepHeader(held: HeldEntry): void {
    const { entry, tag } = held;
    if (tag === undefined) return;
    const key = `${String(entry['epoch'])} ${tag.kind} ${trackKey(tag)}`;
    this.headers.delete(key);
    this.headers.set(key, held);
    // Of the latest epochs; one that is gone needs none.
    const [oldest] = this.headers.keys();
    if (this.headers.size > 100 && oldest !== undefined) this.headers.delete(oldest);
  }
}

function isHeader(tag: StreamTag): boolean {
  return isHeaderKind(tag.kind) || isExtraHeader(tag);
}
