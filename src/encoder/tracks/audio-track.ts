import type { Disposable } from 'vscode-jsonrpc';
import { type AudioEncoder, type AudioFormat, type AudioSink, FRAME_SAMPLES } from './audio-encoder.js';
import { EncoderPair, type EncoderPairOptions } from './encoder-pair.js';
import { Handover, type HandoverEnd } from './handover.js';
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
/** Frames before the cut with which the next encoder begins: its first ones are decoded differently, and dropped. */
const OVERLAP = 2;
/** Frames that an encoder keeps until it gets more samples. */
const ENCODER_DELAY = 3;
/** How long a rival may deliver nothing either, ms. */
const RIVAL_SILENT_MS = 1400;
/** How long before its first frame a successor is started, ms: until then it has been loaded. */
const LOAD_MS = 300;
/** How long a successor may take to its first frame, ms. */
const SUCCESSOR_MS = 1000;

/** The programme's sound: PCM in, one continuous grid of AAC frames out, whatever happens to encoders. */
export class AudioTrack implements Disposable {
  private readonly pair: EncoderPair<AudioSink, PcmEncoder>;
  private readonly ring: PcmRing;
  /** Before the first, so that the first encoder's priming is delivered: a decoder needs it. */
  private delivered = -2;
  private header: Buffer | undefined;
  private lastProgressMs = 0;
  private rivalSinceMs = 0;
  private handover: Handover | undefined;
  private ending = false;

  constructor(private readonly options: AudioTrackOptions) {
    const { format, start, onLoss } = options;
    this.ring = new PcmRing(2 * format.channels, KEPT_S * format.sampleRate);
    this.pair = new EncoderPair({
      start,
      onLoss,
      onPromote: (encoder) => this.feed(encoder),
      onSuccessorLost: (exit) => this.handover?.rollBack({ kind: 'exited', exit }),
    });
  }

  get livePid(): number {
    return this.pair.live?.pid ?? 0;
  }

  get heldPid(): number {
    return this.pair.held?.pid ?? 0;
  }

  /** Takes the next samples: 16 bits, interleaved. */
  put(pcm: Buffer): void {
    this.check();
    const { pair, ring, handover } = this;
    if (this.owedFrames <= ENCODER_DELAY) this.lastProgressMs = performance.now();
    ring.push(pcm);
    pair.live?.write(pcm);
    pair.rival?.write(pcm);
    if (handover === undefined || ring.end < handover.cut * FRAME_SAMPLES) return;
    if (handover.hasBegun) pair.successor?.write(pcm);
    else {
      handover.begin();
      pair.successor?.write(ring.from((handover.cut - OVERLAP) * FRAME_SAMPLES));
    }
  }

  /**
   * Continues with an encoder of other settings at the next frame. If that one fails, the one before goes on, and nothing has happened
   * to the stream. One at a time.
   *
   * @throws errors of the spawn
   */
  async handOver(start: () => PcmEncoder): Promise<HandoverEnd> {
    if (this.ending) return { kind: 'ended' };
    const successor = this.pair.startSuccessor(start);
    const loadFrames = Math.ceil((LOAD_MS * this.options.format.sampleRate) / 1000 / FRAME_SAMPLES);
    const handover = new Handover({
      cut: Math.ceil(this.ring.end / FRAME_SAMPLES) + loadFrames,
      deadlineMs: SUCCESSOR_MS,
      isDrained: () => this.delivered >= handover.cut - 1,
      onDone: () => {
        this.handover = undefined;
        this.lastProgressMs = performance.now();
        this.pair.dismissRival();
        this.pair.succeed(start);
        successor.deliverTo(this.sinkFrom(firstFrame));
      },
    });
    this.handover = handover;
    const firstFrame = handover.cut - OVERLAP;
    successor.deliverTo({
      takeHeader: (payload) => handover.takeSuccessorHeader(() => this.takeHeader(payload)),
      takeFrame: (number, payload) => {
        const frame = firstFrame + number;
        handover.takeSuccessor(frame, () => this.deliver(frame, payload));
      },
    });
    const end = await handover.ended;
    if (this.handover === handover) this.handover = undefined;
    if (end.kind !== 'done') this.pair.dismissSuccessor();
    return end;
  }

  /** Delivers what is owed, then ends. */
  async end(): Promise<void> {
    this.ending = true;
    this.handover?.rollBack({ kind: 'ended' });
    await this.pair.end();
  }

  dispose(): void {
    this.ending = true;
    this.handover?.rollBack({ kind: 'ended' });
    this.pair.dispose();
  }

  /** Frames that have been put in and not delivered. */
  private get owedFrames(): number {
    return this.ring.end / FRAME_SAMPLES - this.delivered - 1;
  }

  /** Takes what the live encoder delivers, whose first frame is the given one; frame n holds the samples from n × 1024 on. */
  private sinkFrom(firstFrame: number): AudioSink {
    return {
      takeHeader: (payload) => this.takeHeader(payload),
      takeFrame: (number, payload) => this.takeFrame(firstFrame + number, payload),
    };
  }

  private takeHeader(payload: Buffer): void {
    if (this.header?.equals(payload) === true) return;
    this.header = payload;
    this.options.onTag({ timestampMs: 0, payload });
  }

  /** Takes a frame of the live encoder. */
  private takeFrame(frame: number, payload: Buffer): void {
    this.lastProgressMs = performance.now();
    this.pair.dismissRival();
    this.pair.delivered();
    if (this.handover === undefined) this.deliver(frame, payload);
    else this.handover.takeLive(frame, () => this.deliver(frame, payload));
  }

  /** Puts a frame on the stream. */
  private deliver(frame: number, payload: Buffer): void {
    if (frame <= this.delivered) return;
    this.delivered = frame;
    const timestampMs = (frame * FRAME_SAMPLES * 1000) / this.options.format.sampleRate;
    this.options.onTag({ timestampMs, payload });
  }

  private feed(encoder: PcmEncoder): void {
    this.handover?.rollBack({ kind: 'interrupted' });
    this.lastProgressMs = performance.now();
    const firstFrame = this.nextFirstFrame();
    encoder.deliverTo(this.sinkFrom(firstFrame));
    if (this.ring.end > 0) encoder.write(this.ring.from(firstFrame * FRAME_SAMPLES));
  }

  /** Where an encoder begins that continues with what is owed. */
  private nextFirstFrame(): number {
    const oldest = Math.ceil(this.ring.start / FRAME_SAMPLES);
    return Math.max(0, oldest, this.delivered + 1 - OVERLAP);
  }

  /** Looks whether the encoder has fallen silent. `put` does it: samples keep coming, and no timer has to wake this process. */
  check(): void {
    const nowMs = performance.now();
    if (this.owedFrames <= ENCODER_DELAY || nowMs - this.lastProgressMs < SILENT_MS) return;
    if (this.pair.rival !== undefined && nowMs - this.rivalSinceMs >= RIVAL_SILENT_MS)
      this.pair.dismissRival();
    const rival = this.pair.challenge();
    if (rival === undefined) return;
    this.rivalSinceMs = nowMs;
    this.handover?.rollBack({ kind: 'interrupted' });
    const firstFrame = this.nextFirstFrame();
    const sink = this.sinkFrom(firstFrame);
    rival.deliverTo({
      ...sink,
      takeFrame: (number, payload) => {
        if (this.pair.rival === rival) this.pair.elect();
        sink.takeFrame(number, payload);
      },
    });
    rival.write(this.ring.from(firstFrame * FRAME_SAMPLES));
  }
}
