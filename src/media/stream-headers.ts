/** What a decoder needs before the first frame, in sending order. */
export const HEADER_KINDS = ['metadata', 'video-header', 'audio-header'] as const;
export type HeaderKind = (typeof HEADER_KINDS)[number];

export function isHeaderKind(kind: string): kind is HeaderKind {
  return (HEADER_KINDS as readonly string[]).includes(kind);
}

/** The latest metadata and sequence headers of a stream. */
export class StreamHeaders {
  private readonly payloads = new Map<HeaderKind, Buffer>();

  /** Stores the header, and returns whether it differs from the previous one. */
  set(kind: HeaderKind, payload: Buffer): boolean {
    const changed = this.payloads.get(kind)?.equals(payload) !== true;
    if (changed) this.payloads.set(kind, payload);
    return changed;
  }

  /** The available ones, in sending order. */
  *entries(): Iterable<[HeaderKind, Buffer]> {
    for (const kind of HEADER_KINDS) {
      const payload = this.payloads.get(kind);
      if (payload !== undefined) yield [kind, payload];
    }
  }
}
