/** Interval over which the bitrate is averaged, ms: a single keyframe must not exceed the limit. */
const WINDOW_MS = 4000;

/** Detects a publisher that exceeds its bitrate. */
export class BitrateLimit {
  private readonly maxBytes: number;
  private windowFromMs: number | undefined;
  private bytes = 0;

  constructor(maxKbps: number) {
    this.maxBytes = (maxKbps * WINDOW_MS) / 8;
  }

  /** @returns whether it is within the limit, including these bytes. */
  take(bytes: number, nowMs: number): boolean {
    if (this.windowFromMs === undefined || nowMs - this.windowFromMs > WINDOW_MS) {
      this.windowFromMs = nowMs;
      this.bytes = 0;
    }
    this.bytes += bytes;
    return this.bytes <= this.maxBytes;
  }
}
