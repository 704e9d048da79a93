import { isHeaderKind, StreamHeaders } from './stream-headers.js';
import { isExtraHeader, isExtraKind, type StreamTag, trackKey } from './stream-tag.js';

/** Two seconds at 32 Mbit/s. */
const DEFAULT_MAX_BYTES = 8 * 1024 * 1024;

/**
 * The stream since its last keyframe, so that an output that connects starts immediately rather than at the next
 * keyframe. A GOP that exceeds `maxBytes` is discarded: an output then starts with the headers and waits for a
 * keyframe. Of further tracks it holds the headers alone: each goes on with its own next keyframe.
 */
export class GopCache {
  private readonly headers = new StreamHeaders();
  private readonly extraHeaders = new Map<string, StreamTag>();
  private gop: StreamTag[] = [];
  private bytes = 0;
  private lastMs = 0;

  constructor(private readonly maxBytes = DEFAULT_MAX_BYTES) {}

  push(tag: StreamTag): void {
    if (isExtraKind(tag.kind)) {
      if (isExtraHeader(tag)) this.extraHeaders.set(trackKey(tag), tag);
      return;
    }
    this.lastMs = tag.timestampMs;
    if (isHeaderKind(tag.kind)) {
      this.headers.set(tag.kind, tag.payload);
      return;
    }
    if (tag.kind === 'keyframe') this.begin(tag);
    else if (this.gop.length === 0) return;
    else this.add(tag);
    if (this.bytes > this.maxBytes) this.forget();
  }

  /** Metadata, headers, then the GOP; the headers have the timestamp of the tag after them, not their original one. */
  snapshot(): StreamTag[] {
    const timestampMs = this.gop[0]?.timestampMs ?? this.lastMs;
    const readAtMs = performance.now();
    const headers = Array.from(
      this.headers.entries(),
      ([kind, payload]): StreamTag => ({ kind, timestampMs, payload, readAtMs }),
    );
    const extraHeaders = Array.from(this.extraHeaders.values(), (tag) => ({ ...tag, timestampMs, readAtMs }));
    return [...headers, ...extraHeaders, ...this.gop];
  }

  /** Sound from the keyframe on may have come before it: sound is encoded faster. */
  private begin(keyframe: StreamTag): void {
    const early = this.gop.filter(
      ({ kind, timestampMs }) => kind === 'audio' && timestampMs >= keyframe.timestampMs,
    );
    this.forget();
    for (const tag of [keyframe, ...early]) this.add(tag);
  }

  private add(tag: StreamTag): void {
    this.gop.push(tag);
    this.bytes += tag.payload.length;
  }

  private forget(): void {
    this.gop = [];
    this.bytes = 0;
  }
}
