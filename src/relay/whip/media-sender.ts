import { parameterSetsOf, withParameterSets } from '../../media/avc.js';
import { splitLengths } from '../../media/nal-units.js';
import { accessUnitOf, avcConfigOf, parseVideoPayload } from '../../media/video-payload.js';
import { h264Payloads } from './h264-payloads.js';
import { OPUS_RATE } from './opus-encoder.js';
import { senderReport } from './rtcp.js';
import { MAX_PAYLOAD, RtpStream } from './rtp-stream.js';

const VIDEO_RATE = 90_000;
const NAME = 'bulkhead';

export type SendPacket = (kind: 'video' | 'audio', packet: Buffer) => void;

/** Makes RTP of frames and sound, with reports by which the other side plays both together. */
export class MediaSender {
  readonly video = new RtpStream(VIDEO_RATE);
  readonly audio = new RtpStream(OPUS_RATE);
  private parameterSets: Buffer | undefined;
  private decodable = false;
  private shownMs = -1;
  /** The latest frame or sound on the timeline, and when it was here. */
  private latest: { readonly seconds: number; readonly atMs: number } | undefined;

  constructor(private readonly send: SendPacket) {}

  takeHeader(payload: Buffer): void {
    const config = avcConfigOf(payload);
    this.parameterSets = config && parameterSetsOf(config, 0);
  }

  /**
   * A frame; those before the first keyframe are left out.
   *
   * @returns false if it is shown before one that was sent earlier: no receiver of WebRTC puts frames into another order
   */
  takeFrame(payload: Buffer, timestampMs: number): boolean {
    const { kind, compositionMs } = parseVideoPayload(payload);
    const unit = accessUnitOf(payload);
    if (unit?.codec !== 'h264') return true;
    this.decodable ||= kind === 'keyframe';
    if (!this.decodable) return true;
    const shownMs = timestampMs + compositionMs;
    if (shownMs < this.shownMs) return false;
    this.shownMs = shownMs;
    const whole =
      kind === 'keyframe' && this.parameterSets !== undefined
        ? withParameterSets(payload, unit.start, this.parameterSets)
        : payload;
    const payloads = h264Payloads(splitLengths(whole, unit.start), MAX_PAYLOAD);
    for (const [index, part] of payloads.entries()) {
      this.send('video', this.video.packet(part, shownMs / 1000, index === payloads.length - 1));
    }
    this.note(shownMs / 1000);
    return true;
  }

  /** A packet of Opus. */
  takeSound(packet: Buffer, seconds: number): void {
    this.send('audio', this.audio.packet(packet, seconds, false));
  }

  /** Where the stream is now, by the wall clock; for both tracks by the same measure. */
  report(nowMs: number, wallMs: number): void {
    if (this.latest === undefined) return;
    const seconds = this.latest.seconds + (nowMs - this.latest.atMs) / 1000;
    for (const kind of ['video', 'audio'] as const) {
      const { ssrc, packets, bytes } = this[kind];
      if (packets === 0) continue;
      const timestamp = this[kind].timestamp(seconds);
      this.send(kind, senderReport({ ssrc, wallMs, timestamp, packets, bytes, name: NAME }));
    }
  }

  private note(seconds: number): void {
    this.latest = { seconds, atMs: performance.now() };
  }
}
