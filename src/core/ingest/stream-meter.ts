import { audioCodecOf } from '../../media/audio-payload.js';
import { parseAvcConfig } from '../../media/sps.js';
import { carrierOf, isExtraKind, isVideoFrameKind, type StreamTagKind } from '../../media/stream-tag.js';
import { avcConfigOf, videoCodecOf } from '../../media/video-payload.js';

/** Measurements of a publisher's stream; undefined if not known yet. */
export interface StreamMeasures {
  /** Such as `h264` and `aac`. */
  readonly videoCodec: string | undefined;
  readonly audioCodec: string | undefined;
  /** Pixels. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** Frames per second over the last two seconds, by timestamps. */
  readonly fps: number | undefined;
  /** Sound and video together over the last seconds, kbit/s. */
  readonly bitrateKbps: number;
  /** Time between the last two keyframes, ms. */
  readonly keyframeIntervalMs: number | undefined;
  /** How far the sound's timestamps are ahead of the frames that arrive with it, ms; negative if they are behind. */
  readonly skewMs: number | undefined;
  /** Number of tracks, the main ones included, as far as they can be passed on. */
  readonly tracks: { readonly video: number; readonly audio: number };
}

/** The parts of a tag that are measured. */
export interface MeteredTag {
  readonly kind: StreamTagKind;
  /** Of a further track. */
  readonly track?: number;
  /** DTS on the publisher's clock, ms. */
  readonly rawMs: number;
  readonly payload: Buffer;
  /** When it was read, `performance.now()`. */
  readonly readAtMs: number;
}

/** Time over which the frame rate is measured, ms, and how many frames are kept for that at most. */
const FRAMES_MS = 2000;
const FRAMES = 500;
/** Number of whole seconds over which the bitrate is measured. */
const SECONDS = 4;
/** Weight of a new value in the mean skew. */
const SKEW_WEIGHT = 0.05;

/** Measures one publisher's stream, tag by tag, in constant memory. */
export class StreamMeter {
  private videoCodec: string | undefined;
  private audioCodec: string | undefined;
  private width: number | undefined;
  private height: number | undefined;
  /** Timestamps of the last frames, ms, oldest first. */
  private frames: number[] = [];
  private keyframeMs: number | undefined;
  private keyframeIntervalMs: number | undefined;
  private audioMs: number | undefined;
  private skewMs: number | undefined;
  private readonly rate = new ByteRate();
  /** Numbers of the further tracks. */
  private readonly extra = { video: new Set<number>(), audio: new Set<number>() };

  take({ kind, track = 0, rawMs, payload, readAtMs }: MeteredTag): void {
    this.rate.add(payload.length, readAtMs);
    if (isExtraKind(kind)) this.extra[carrierOf(kind) === 'video' ? 'video' : 'audio'].add(track);
    else if (kind === 'video-header') this.takeVideoHeader(payload);
    else if (kind === 'audio-header' || kind === 'audio') this.takeAudio(kind, rawMs, payload);
    else if (isVideoFrameKind(kind)) this.takeFrame(kind, rawMs, payload);
  }

  /** @param nowMs `performance.now()` */
  measures(nowMs: number): StreamMeasures {
    const { videoCodec, audioCodec, width, height, keyframeIntervalMs, skewMs } = this;
    return {
      videoCodec,
      audioCodec,
      width,
      height,
      fps: this.fps(),
      bitrateKbps: this.rate.kbps(nowMs),
      keyframeIntervalMs,
      skewMs: skewMs === undefined ? undefined : Math.round(skewMs),
      tracks: { video: 1 + this.extra.video.size, audio: 1 + this.extra.audio.size },
    };
  }

  private takeVideoHeader(payload: Buffer): void {
    this.videoCodec = videoCodecOf(payload);
    const config = avcConfigOf(payload);
    const info = config === undefined ? undefined : parseAvcConfig(config);
    this.width = info?.width;
    this.height = info?.height;
  }

  private takeAudio(kind: StreamTagKind, rawMs: number, payload: Buffer): void {
    this.audioCodec ??= audioCodecOf(payload);
    if (kind === 'audio') this.audioMs = rawMs;
  }

  private takeFrame(kind: StreamTagKind, rawMs: number, payload: Buffer): void {
    this.videoCodec ??= videoCodecOf(payload);
    const last = this.frames.at(-1);
    // The publisher's clock has jumped.
    if (last !== undefined && rawMs < last) this.frames = [];
    this.frames.push(rawMs);
    while (
      this.frames.length > FRAMES ||
      (this.frames.length > 2 && rawMs - (this.frames[0] ?? 0) > FRAMES_MS)
    )
      this.frames.shift();
    if (kind === 'keyframe') {
      const intervalMs = this.keyframeMs === undefined ? 0 : rawMs - this.keyframeMs;
      if (intervalMs > 0) this.keyframeIntervalMs = intervalMs;
      this.keyframeMs = rawMs;
    }
    if (this.audioMs === undefined) return;
    const skewMs = this.audioMs - rawMs;
    this.skewMs = this.skewMs === undefined ? skewMs : this.skewMs + SKEW_WEIGHT * (skewMs - this.skewMs);
  }

  private fps(): number | undefined {
    const [first] = this.frames;
    const last = this.frames.at(-1);
    if (first === undefined || last === undefined || last <= first) return undefined;
    return Math.round(((this.frames.length - 1) * 10_000) / (last - first)) / 10;
  }
}

/** Bytes of the last whole seconds. */
class ByteRate {
  /** By number of the second. */
  private readonly seconds = new Map<number, number>();
  private firstSecond: number | undefined;

  add(bytes: number, atMs: number): void {
    const second = Math.floor(atMs / 1000);
    this.firstSecond ??= second;
    this.seconds.set(second, (this.seconds.get(second) ?? 0) + bytes);
    for (const old of this.seconds.keys()) {
      if (old < second - SECONDS) this.seconds.delete(old);
      else break;
    }
  }

  kbps(nowMs: number): number {
    const current = Math.floor(nowMs / 1000);
    // The first second is incomplete.
    const from = Math.max(current - SECONDS, (this.firstSecond ?? current) + 1);
    if (from >= current) return 0;
    let bytes = 0;
    for (let second = from; second < current; second++) bytes += this.seconds.get(second) ?? 0;
    return Math.round((bytes * 8) / 1000 / (current - from));
  }
}
