import type { Disposable } from 'vscode-jsonrpc';
import { parseAudioPayload } from '../../media/audio-payload.js';
import type { MediaWriter } from '../media-writer.js';

/** Longest time that sound waits for the frame that belongs to it, where the encoder keeps none back, ms. */
const JOIN_MS = 40;
/** How long the first sound waits for the first frame at most, ms: longer than a run without one lasts. */
const FIRST_FRAME_MS = 60_000;
/** How long the first frames wait for the header of the sound, ms: sound that cannot be encoded keeps no broadcast off the air. */
const HEADER_MS = 3000;

/** What renditions may have waiting before the programme's first frame, bytes. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

interface TimedTag {
  readonly timestampMs: number;
  readonly payload: Buffer;
  readonly sinceMs: number;
}

interface RenditionTag extends TimedTag {
  readonly rendition: number;
  readonly carrier: 'audio' | 'video';
}

/**
 * Writes sound right before the frame that belongs to it: both then travel together, and an encoder with B-frames or lookahead, which
 * delivers later than the sound's, does not part them. Where frames are missing, the sound goes on after the usual delay.
 *
 * It begins with both: on a busy computer either encoder may be first by far. Sound before the first frame would be lost, since nothing is on
 * air until then, and a recording, or a server, that has begun without sound takes none later.
 *
 * A rendition's frame goes right after the programme's of its slot, for the same reason, and because the programme has to begin: before
 * its first frame, nothing is on air.
 */
export class SoundDelay implements Disposable {
  private readonly waiting: TimedTag[] = [];
  /** The first frames, without the header of the sound. */
  private readonly early: TimedTag[] = [];
  private hasSound = false;
  private readonly renditions: RenditionTag[] = [];
  private waitingBytes = 0;
  private mostMs = JOIN_MS;
  /** DTS of the programme's last frame; 0 before the first. */
  private lastFrameMs = 0;

  constructor(private readonly writer: Pick<MediaWriter, 'write'>) {}

  /** How long the video encoder keeps a frame, ms. */
  set delayMs(ms: number) {
    this.mostMs = ms + JOIN_MS;
  }

  writeSound(timestampMs: number, payload: Buffer): void {
    const now = performance.now();
    this.waiting.push({ timestampMs, payload, sinceMs: now });
    // Looked at whenever sound comes, which it does all the time: no timer has to wake anyone.
    const mostMs = this.lastFrameMs > 0 ? this.mostMs : FIRST_FRAME_MS;
    this.writeWhile(({ sinceMs }) => sinceMs + mostMs <= now);
    if (!this.hasSound && parseAudioPayload(payload) === 'header') this.begin();
    this.writeRenditions(now);
  }

  /** @param timestampMs DTS */
  writeFrame(timestampMs: number, payload: Buffer): void {
    if (this.hasSound) {
      this.passFrame(timestampMs, payload);
      return;
    }
    const sinceMs = performance.now();
    this.early.push({ timestampMs, payload, sinceMs });
    if (sinceMs - (this.early[0]?.sinceMs ?? sinceMs) >= HEADER_MS) this.begin();
  }

  private begin(): void {
    this.hasSound = true;
    for (const { timestampMs, payload } of this.early.splice(0)) this.passFrame(timestampMs, payload);
  }

  private passFrame(timestampMs: number, payload: Buffer): void {
    this.writeWhile((sound) => sound.timestampMs <= timestampMs);
    this.writer.write('video', timestampMs, payload);
    this.lastFrameMs = Math.max(this.lastFrameMs, timestampMs);
    this.writeRenditions(performance.now());
  }

  /**
   * Takes a header or a frame of a rendition, or sound where it has its own.
   *
   * @param timestampMs DTS; 0 of a header
   */
  writeRendition(
    rendition: number,
    timestampMs: number,
    payload: Buffer,
    carrier: RenditionTag['carrier'] = 'video',
  ): void {
    const sinceMs = performance.now();
    this.renditions.push({ rendition, carrier, timestampMs, payload, sinceMs });
    this.waitingBytes += payload.length;
    if (this.waitingBytes > MAX_WAITING_BYTES) this.forgetRenditions();
    this.writeRenditions(sinceMs);
  }

  /** Writes all that waits. */
  flush(): void {
    this.begin();
    this.writeWhile(() => true);
    this.writeRenditions(Number.POSITIVE_INFINITY);
  }

  private writeRenditions(nowMs: number): void {
    const { renditions, lastFrameMs } = this;
    for (let [next] = renditions; next !== undefined; [next] = renditions) {
      const isLate = lastFrameMs > 0 && next.sinceMs + this.mostMs <= nowMs;
      if (next.timestampMs > lastFrameMs && !isLate) return;
      renditions.shift();
      this.waitingBytes -= next.payload.length;
      this.writer.write(next.carrier, next.timestampMs, next.payload, next.rendition);
    }
  }

  private forgetRenditions(): void {
    this.renditions.length = 0;
    this.waitingBytes = 0;
  }

  private writeWhile(isDue: (sound: TimedTag) => boolean): void {
    const { waiting } = this;
    for (let [next] = waiting; next !== undefined && isDue(next); [next] = waiting) {
      waiting.shift();
      this.writer.write('audio', next.timestampMs, next.payload);
    }
  }

  dispose(): void {
    this.waiting.length = 0;
    this.early.length = 0;
    this.forgetRenditions();
  }
}
