import type { Disposable } from 'vscode-jsonrpc';
import type { MediaWriter } from '../media-writer.js';

/** Longest time that sound waits for the frame that belongs to it, where the encoder keeps none back, ms. */
const JOIN_MS = 40;

/**
 * Writes sound right before the frame that belongs to it: both then travel together, and an encoder with B-frames or lookahead, which
 * delivers later than the sound's, does not part them. Where frames are missing, the sound goes on after the usual delay.
 */
export class SoundDelay implements Disposable {
  private readonly waiting: {
    readonly timestampMs: number;
    readonly payload: Buffer;
    readonly sinceMs: number;
  }[] = [];
  private mostMs = JOIN_MS;

  constructor(private readonly writer: Pick<MediaWriter, 'write'>) {}

  /** How long the video encoder keeps a frame, ms. */
  set delayMs(ms: number) {
    this.mostMs = ms + JOIN_MS;
  }

  writeSound(timestampMs: number, payload: Buffer): void {
    const now = performance.now();
    this.waiting.push({ timestampMs, payload, sinceMs: now });
    // Looked at whenever sound comes, which it does all the time: no timer has to wake anyone.
    this.writeWhile(({ sinceMs }) => sinceMs + this.mostMs <= now);
  }

  /** @param timestampMs DTS */
  writeFrame(timestampMs: number, payload: Buffer): void {
    this.writeWhile((sound) => sound.timestampMs <= timestampMs);
    this.writer.write('video', timestampMs, payload);
  }

  /** Writes all sound that waits. */
  flush(): void {
    this.writeWhile(() => true);
  }

  private writeWhile(
    isDue: (sound: { readonly timestampMs: number; readonly sinceMs: number }) => boolean,
  ): void {
    const { waiting } = this;
    for (let [next] = waiting; next !== undefined && isDue(next); [next] = waiting) {
      waiting.shift();
      this.writer.write('audio', next.timestampMs, next.payload);
    }
  }

  dispose(): void {
    this.waiting.length = 0;
  }
}
