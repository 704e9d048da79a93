import type { Disposable } from 'vscode-jsonrpc';
import type { FlvTag } from '../../media/flv-demuxer.js';
import type { Frame } from '../canvas/frame-pool.js';
import { EncoderPair, type EncoderPairOptions } from './encoder-pair.js';
import type { VideoEncoder, VideoSink } from './video-encoder.js';

/** What the track asks of an encoder. */
export type SlotEncoder = Pick<VideoEncoder, 'pid' | 'ended' | 'deliverTo' | 'end' | 'kill' | 'write'>;

export interface VideoTrackOptions extends Pick<EncoderPairOptions<SlotEncoder>, 'start' | 'onLoss'> {
  readonly fps: number;
  /** Takes a header or a frame, in the order in which an output sends it. */
  readonly onTag: (tag: Pick<FlvTag, 'timestampMs' | 'payload'>) => void;
}

/** Longest time in which an encoder with frames to encode may deliver none, ms. */
const SILENT_MS = 700;
const CHECK_MS = 50;
/** Frames that an encoder which makes progress may owe, ms of them: above that, slots are skipped. */
const OWED_MS = 500;
/** The same while it delivers nothing at all: then it is lost, and the next one gets these frames. */
export const KEPT_MS = 1500;

/**
 * The programme's video: frames in, H.264 out, whatever happens to encoders. Each frame is kept until it has been delivered. When
 * the encoder dies or hangs, the held one gets what was not delivered, and the stream continues with the very next slot.
 */
export class VideoTrack implements Disposable, VideoSink {
  private readonly pair: EncoderPair<VideoSink, SlotEncoder>;
  /** Frames that have not been delivered, by their slots. */
  private readonly owed = new Map<number, Frame>();
  private readonly watch: NodeJS.Timeout;
  private readonly usualFrames: number;
  private readonly mostFrames: number;
  /** How many frames may be owed at present. */
  private allowedFrames: number;
  private lastProgressMs = 0;
  private delivered = -1;
  private header: Buffer | undefined;
  private skipped = 0;

  constructor(private readonly options: VideoTrackOptions) {
    const { fps, start, onLoss } = options;
    this.usualFrames = Math.ceil((OWED_MS * fps) / 1000);
    this.mostFrames = Math.ceil((KEPT_MS * fps) / 1000);
    this.allowedFrames = this.usualFrames;
    this.pair = new EncoderPair({ start, onLoss, onPromote: (encoder) => this.feed(encoder) });
    this.watch = setInterval(() => this.check(), CHECK_MS);
  }

  get livePid(): number {
    return this.pair.live?.pid ?? 0;
  }

  get heldPid(): number {
    return this.pair.held?.pid ?? 0;
  }

  /** Number of encoders so far. */
  get encoders(): number {
    return this.pair.promotions;
  }

  /** Highest slot that has been delivered; −1 before the first. */
  get deliveredSlot(): number {
    return this.delivered;
  }

  /** Slots that were left out since the encoder was too slow. */
  get skippedSlots(): number {
    return this.skipped;
  }

  /** Takes the frame of the next slot, and keeps it for as long as it is needed. */
  put(slot: number, frame: Frame): void {
    const { owed } = this;
    if (owed.size === 0) this.lastProgressMs = performance.now();
    // It may be about to be replaced: what it owes must not be cut.
    else if (this.silentMs > CHECK_MS * 2) this.allowedFrames = this.mostFrames;
    if (owed.size >= this.allowedFrames) {
      this.skipped += 1;
      return;
    }
    owed.set(slot, frame.retain());
    this.pair.live?.write(slot, frame);
  }

  takeHeader(payload: Buffer): void {
    if (this.header?.equals(payload) === true) return;
    this.header = payload;
    this.options.onTag({ timestampMs: 0, payload });
  }

  takeFrame(slot: number, tag: FlvTag): void {
    if (slot <= this.delivered) return;
    this.delivered = slot;
    this.lastProgressMs = performance.now();
    for (const [kept, frame] of this.owed) {
      if (kept > slot) break;
      this.owed.delete(kept);
      frame.release();
    }
    this.allowedFrames = Math.max(this.usualFrames, Math.min(this.allowedFrames, this.owed.size + 2));
    this.pair.delivered();
    this.options.onTag(tag);
  }

  /** Delivers what is owed, then ends. */
  async end(): Promise<void> {
    clearInterval(this.watch);
    await this.pair.end();
  }

  dispose(): void {
    clearInterval(this.watch);
    this.pair.dispose();
    for (const frame of this.owed.values()) frame.release();
    this.owed.clear();
  }

  private get silentMs(): number {
    return performance.now() - this.lastProgressMs;
  }

  private feed(encoder: SlotEncoder): void {
    encoder.deliverTo(this);
    this.lastProgressMs = performance.now();
    this.allowedFrames = this.mostFrames;
    for (const [slot, frame] of this.owed) encoder.write(slot, frame);
  }

  private check(): void {
    if (this.owed.size > 0 && this.silentMs >= SILENT_MS) this.pair.promote();
  }
}
