import type { Disposable } from 'vscode-jsonrpc';
import { type AudioEncoder, type AudioFormat, type AudioSink, FRAME_SAMPLES } from './audio-encoder.js';
import { EncoderPair, type EncoderPairOptions } from './encoder-pair.js';
import { PcmRing } from './pcm-ring.js';

/** What the track asks of an encoder. */
export type PcmEncoder = Pick<AudioEncoder, 'pid' | 'ended' | 'deliverTo' | 'end' | 'kill' | 'write'>;

export interface AudioTrackOptions extends Pick<EncoderPairOptions<PcmEncoder>, 'start' | 'onLoss'> {
  readonly format: AudioFormat;
  /** `timestampMs` counts from the track's first sample; the first encoder's priming lies before it. */
  readonly onTag: (tag: { readonly timestampMs: number; readonly payload: Buffer }) => void;
}

/** Seconds of PCM that are kept for the next encoder. */
const KEPT_S = 4;
/** Longest time in which an encoder with samples to encode may deliver nothing, ms. */
const SILENT_MS = 700;
const CHECK_MS = 50;
/** Frames before the cut with which the next encoder begins: its first ones are decoded differently, and dropped. */
const OVERLAP = 2;
/** Frames that an encoder keeps until it gets more samples. */
const ENCODER_DELAY = 3;

/** The programme's sound: PCM in, one continuous grid of AAC frames out, whatever happens to encoders. */
export class AudioTrack implements Disposable, AudioSink {
  private readonly pair: EncoderPair<AudioSink, PcmEncoder>;
  private readonly ring: PcmRing;
  private readonly watch: NodeJS.Timeout;
  /** Number of the live encoder's first frame; frame n holds the samples from n × 1024 on. */
  private firstFrame = 0;
  /** Before the first, so that the first encoder's priming is delivered: a decoder needs it. */
  private delivered = -2;
  private header: Buffer | undefined;
  private lastProgressMs = 0;

  constructor(private readonly options: AudioTrackOptions) {
    const { format, start, onLoss } = options;
    this.ring = new PcmRing(2 * format.channels, KEPT_S * format.sampleRate);
    this.pair = new EncoderPair({ start, onLoss, onPromote: (encoder) => this.feed(encoder) });
    this.watch = setInterval(() => this.check(), CHECK_MS);
  }

  get livePid(): number {
    return this.pair.live?.pid ?? 0;
  }

  get heldPid(): number {
    return this.pair.held?.pid ?? 0;
  }

  /** Takes the next samples: 16 bits, interleaved. */
  put(pcm: Buffer): void {
    if (this.owedFrames <= ENCODER_DELAY) this.lastProgressMs = performance.now();
    this.ring.push(pcm);
    this.pair.live?.write(pcm);
  }

  takeHeader(payload: Buffer): void {
    if (this.header?.equals(payload) === true) return;
    this.header = payload;
    this.options.onTag({ timestampMs: 0, payload });
  }

  takeFrame(number: number, payload: Buffer): void {
    const frame = this.firstFrame + number;
    if (frame <= this.delivered) return;
    this.delivered = frame;
    this.lastProgressMs = performance.now();
    this.pair.delivered();
    const timestampMs = (frame * FRAME_SAMPLES * 1000) / this.options.format.sampleRate;
    this.options.onTag({ timestampMs, payload });
  }

  /** Delivers what is owed, then ends. */
  async end(): Promise<void> {
    clearInterval(this.watch);
    await this.pair.end();
  }

  dispose(): void {
    clearInterval(this.watch);
    this.pair.dispose();
  }

  /** Frames that have been put in and not delivered. */
  private get owedFrames(): number {
    return this.ring.end / FRAME_SAMPLES - this.delivered - 1;
  }

  private feed(encoder: PcmEncoder): void {
    const oldest = Math.ceil(this.ring.start / FRAME_SAMPLES);
    this.firstFrame = Math.max(0, oldest, this.delivered + 1 - OVERLAP);
    this.lastProgressMs = performance.now();
    encoder.deliverTo(this);
    if (this.ring.end > 0) encoder.write(this.ring.from(this.firstFrame * FRAME_SAMPLES));
  }

  private check(): void {
    if (this.owedFrames > ENCODER_DELAY && performance.now() - this.lastProgressMs >= SILENT_MS)
      this.pair.promote();
  }
}
