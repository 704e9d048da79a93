import type { InitSegment, Segment } from './hls-segments.js';

/** Players start three segments before the end; slightly late ones still find theirs. */
const MAX_SEGMENTS = 8;
const MAX_BYTES = 24 * 1024 * 1024;

interface Kept {
  readonly number: number;
  readonly initNumber: number;
  readonly segment: Segment;
}

/** The newest segments of a stream, in memory, and their playlist. */
export class HlsWindow {
  private kept: Kept[] = [];
  private bytes = 0;
  private next = 0;
  private inits = new Map<number, InitSegment>();
  private initNumber = 0;
  /** Number of discontinuities that are no longer in the playlist. */
  private pastDiscontinuities = 0;
  private ended = false;

  add(segment: Segment): void {
    this.ended = false;
    if (this.inits.get(this.initNumber) !== segment.init) {
      this.initNumber += 1;
      this.inits.set(this.initNumber, segment.init);
    }
    this.kept.push({ number: this.next, initNumber: this.initNumber, segment });
    this.next += 1;
    this.bytes += segment.bytes.length;
    while (this.kept.length > MAX_SEGMENTS || (this.bytes > MAX_BYTES && this.kept.length > 1)) this.drop();
  }

  /** The stream has ended: players stop after the last segment. */
  end(): void {
    this.ended = true;
  }

  /** Forgets the segments; the numbers go on, for players that come back. */
  clear(): void {
    while (this.kept.length > 0) this.drop();
  }

  /**
   * @param query appended to the address of each segment, including "?"; undefined while there is nothing to play
   */
  playlist(query: string): string | undefined {
    const [first] = this.kept;
    if (first === undefined) return undefined;
    const longestMs = Math.max(...this.kept.map(({ segment }) => segment.durationMs));
    const lines = [
      '#EXTM3U',
      '#EXT-X-VERSION:7',
      `#EXT-X-TARGETDURATION:${Math.max(1, Math.round(longestMs / 1000))}`,
      `#EXT-X-MEDIA-SEQUENCE:${first.number}`,
      `#EXT-X-DISCONTINUITY-SEQUENCE:${this.pastDiscontinuities}`,
      '#EXT-X-INDEPENDENT-SEGMENTS',
    ];
    let initNumber: number | undefined;
    for (const kept of this.kept) {
      if (kept.segment.discontinuous && kept !== first) lines.push('#EXT-X-DISCONTINUITY');
      if (kept.initNumber !== initNumber)
        lines.push(`#EXT-X-MAP:URI="hls/init-${kept.initNumber}.mp4${query}"`);
      initNumber = kept.initNumber;
      lines.push(`#EXTINF:${(kept.segment.durationMs / 1000).toFixed(3)},`, `hls/${kept.number}.m4s${query}`);
    }
    if (this.ended) lines.push('#EXT-X-ENDLIST');
    return `${lines.join('\n')}\n`;
  }

  /** A file by its name in the playlist. */
  file(name: string): Buffer | undefined {
    const [, init, segment] = /^(?:init-(\d{1,15})\.mp4|(\d{1,15})\.m4s)$/.exec(name) ?? [];
    if (init !== undefined) return this.inits.get(Number(init))?.bytes;
    if (segment === undefined) return undefined;
    return this.kept.find(({ number }) => number === Number(segment))?.segment.bytes;
  }

  private drop(): void {
    const dropped = this.kept.shift();
    if (dropped === undefined) return;
    this.bytes -= dropped.segment.bytes.length;
    const [first] = this.kept;
    // The first segment of the playlist is not marked itself.
    if (first?.segment.discontinuous === true) this.pastDiscontinuities += 1;
    for (const number of this.inits.keys()) {
      if (number < (first?.initNumber ?? this.initNumber)) this.inits.delete(number);
    }
  }
}
