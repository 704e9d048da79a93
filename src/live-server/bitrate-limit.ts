/** The bitrate is looked at over so long a time, ms: a keyframe alone is no reason. */
const WINDOW_MS = 4000;

/** Finds a publisher that sends more than it may. */
export class BitrateLimit {
  private readonly maxBytes: number;
  private windowFromMs: number | undefined;
  private bytes = 0;

  constructor(maxKbps: number) {
    this.maxBytes = (maxKbps * WINDOW_MS) / 8;
  }

  /** @returns whether it is within the limit, with these bytes. */
  take(bytes: number, nowMs: number): boolean {
    if (this.windowFromMs === undefined || nowMs - this.windowFromMs > WINDOW_MS) {
      this.windowFromMs = nowMs;
      this.bytes = 0;
    }
    this.bytes += bytes;
    return this.bytes <= this.maxBytes;
  }
}
