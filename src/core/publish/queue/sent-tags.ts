import { isHeaderKind, StreamHeaders } from '../../../media/stream-headers.js';
import { isExtraHeader, isVideoFrame, type StreamTag, trackKey } from '../../../media/stream-tag.js';

/** Bounds what is kept where a server acknowledges nothing for long, bytes. */
const MAX_BYTES = 16 << 20;

/** The newest timestamps of frames and sound, as they were sent, ms; -1 before the first. */
export interface SentTimes {
  readonly frameMs: number;
  readonly audioMs: number;
}

/** What another session has to go on with. */
export interface Unreceived {
  /** Metadata and headers that apply to the first of `tags`. */
  readonly headers: readonly StreamTag[];
  /** From the last keyframe before the first tag that the server may not have. */
  readonly tags: readonly StreamTag[];
  /** The newest times that the server has. */
  readonly times: SentTimes;
}

interface Sent {
  readonly tag: StreamTag;
  readonly sentMs: number;
  /** The session's bytes up to the end of this tag. */
  readonly endBytes: number;
}

/**
 * What a session has sent, as far as another one may have to send it again: what a lost connection had taken, the server may never have got.
 */
export class SentTags {
  private readonly headers = new StreamHeaders();
  private readonly extraHeaders = new Map<string, StreamTag>();
  private sent: Sent[] = [];
  private bytes = 0;
  /** Of what is kept no longer. */
  private times: SentTimes = { frameMs: -1, audioMs: -1 };
  private receivedBytes = 0;
  private receivedSoundMs: number | undefined;
  /** How much sound is kept that was sent before the keyframe that is kept first. */
  private early = 0;

  /**
   * @param tag as it was before it was given its timestamp for sending
   * @param endBytes the session's bytes up to its end
   */
  add(tag: StreamTag, sentMs: number, endBytes: number): void {
    this.sent.push({ tag, sentMs, endBytes });
    this.bytes += tag.payload.length;
    if (tag.kind === 'keyframe') this.trim();
    if (this.bytes > MAX_BYTES) this.forgetTo(this.lastKeyframe(this.sent.length - 1) || this.sent.length);
  }

  /**
   * @param bytes of the session that the server has: those that it has acknowledged, or infinite where it does not do so
   * @param soundMs where the server has the sound before this time, ms as it was sent, whether it was sent before or after those bytes
   */
  received(bytes: number, soundMs?: number): void {
    this.receivedBytes = bytes;
    this.receivedSoundMs = soundMs;
    this.trim();
  }

  /** The time of the oldest frame that the server may not have, ms; undefined if it has all. */
  get unreceivedMs(): number | undefined {
    const isUnreceived = ({ tag, endBytes }: Sent) => endBytes > this.receivedBytes && isVideoFrame(tag);
    return this.sent.find(isUnreceived)?.tag.timestampMs;
  }

  /** Another session begins: it has to send again what this one's server does not have. */
  take(): Unreceived {
    const headers = this.headersBefore();
    const tags = this.sent.map(({ tag }) => tag);
    const { frameMs, audioMs } = this.sent.slice(0, this.firstUnreceived()).reduce(later, this.times);
    const times = {
      frameMs,
      audioMs: this.receivedSoundMs === undefined ? audioMs : this.receivedSoundMs - 1,
    };
    this.sent = [];
    this.early = 0;
    this.bytes = 0;
    this.receivedBytes = 0;
    this.receivedSoundMs = undefined;
    this.times = times;
    return { headers, tags, times };
  }

  /** Forgets all of it. */
  clear(): void {
    this.forgetTo(this.sent.length);
    this.receivedBytes = 0;
    this.receivedSoundMs = undefined;
  }

  private firstUnreceived(): number {
    const index = this.sent.findIndex(({ endBytes }) => endBytes > this.receivedBytes);
    return index < 0 ? this.sent.length : index;
  }

  /** Forgets what is before the last keyframe that the server has. */
  private trim(): void {
    const keyframe = this.lastKeyframe(Math.min(this.firstUnreceived(), this.sent.length - 1));
    const { receivedSoundMs = Number.POSITIVE_INFINITY } = this;
    if (keyframe > this.early)
      this.forgetTo(keyframe, ({ tag, sentMs }) => tag.kind === 'audio' && sentMs >= receivedSoundMs);
  }

  /** @returns 0 if there is none from 1 to `index` */
  private lastKeyframe(index: number): number {
    for (let i = index; i > 0; i--) if (this.sent[i]?.tag.kind === 'keyframe') return i;
    return 0;
  }

  private forgetTo(index: number, isKept: (entry: Sent) => boolean = () => false): void {
    const kept = [];
    for (const entry of this.sent.slice(0, index)) {
      if (isKept(entry)) {
        kept.push(entry);
        continue;
      }
      const { tag } = entry;
      this.bytes -= tag.payload.length;
      this.times = later(this.times, entry);
      if (isExtraHeader(tag)) this.extraHeaders.set(trackKey(tag), tag);
      else if (isHeaderKind(tag.kind)) this.headers.set(tag.kind, tag.payload);
    }
    this.sent = [...kept, ...this.sent.slice(index)];
    this.early = kept.length;
  }

  private headersBefore(): StreamTag[] {
    const timestampMs = this.sent[0]?.tag.timestampMs ?? Math.max(0, this.times.frameMs, this.times.audioMs);
    const readAtMs = performance.now();
    const headers = Array.from(
      this.headers.entries(),
      ([kind, payload]): StreamTag => ({ kind, timestampMs, payload, readAtMs }),
    );
    const extra = Array.from(this.extraHeaders.values(), (tag) => ({ ...tag, timestampMs, readAtMs }));
    return [...headers, ...extra];
  }
}

function later(times: SentTimes, { tag, sentMs }: Sent): SentTimes {
  if (isVideoFrame(tag)) return { ...times, frameMs: Math.max(times.frameMs, sentMs) };
  return tag.kind === 'audio' ? { ...times, audioMs: Math.max(times.audioMs, sentMs) } : times;
}
