import type { Disposable } from 'vscode-jsonrpc';
import type { MediaWriter } from '../media-writer.js';

/**
 * Writes sound behind the frames that belong to it. An encoder with B-frames or lookahead delivers later than the sound's, and
 * servers and players expect both tracks near each other. Where frames are missing, the sound goes on after the usual delay.
 */
export class SoundDelay implements Disposable {
  private readonly waiting: {
    readonly timestampMs: number;
    readonly payload: Buffer;
    readonly dueMs: number;
  }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private mostMs = 0;

  constructor(private readonly writer: Pick<MediaWriter, 'write'>) {}

  /** How long the video encoder keeps a frame, ms. With 0 no sound waits. */
  set delayMs(ms: number) {
    this.mostMs = ms;
    if (ms === 0) this.flush();
  }

  writeSound(timestampMs: number, payload: Buffer): void {
    this.waiting.push({ timestampMs, payload, dueMs: performance.now() + this.mostMs });
    if (this.mostMs === 0) this.flush();
    else this.timer ??= setTimeout(() => this.writeDue(), this.mostMs);
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

  private writeDue(): void {
    this.timer = undefined;
    const now = performance.now();
    this.writeWhile(({ dueMs }) => dueMs <= now);
    const [next] = this.waiting;
    if (next !== undefined) this.timer = setTimeout(() => this.writeDue(), next.dueMs - now);
  }

  private writeWhile(
    isDue: (sound: { readonly timestampMs: number; readonly dueMs: number }) => boolean,
  ): void {
    const { waiting } = this;
    for (let [next] = waiting; next !== undefined && isDue(next); [next] = waiting) {
      waiting.shift();
      this.writer.write('audio', next.timestampMs, next.payload);
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.waiting.length = 0;
  }
}
