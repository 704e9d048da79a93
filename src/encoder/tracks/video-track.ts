import type { Disposable } from 'vscode-jsonrpc';
import type { FlvTag } from '../../media/flv-demuxer.js';
import { withCompositionTime } from '../../media/video-payload.js';
import type { Frame } from '../canvas/frame-pool.js';
import { CaptureTimes } from './capture-times.js';
import { DecodingTimes, slotMs } from './decoding-times.js';
import { EncoderPair, type EncoderPairOptions } from './encoder-pair.js';
import { Handover, type HandoverEnd } from './handover.js';
import type { MiniGop } from './mini-gops.js';
import { Patience } from './patience.js';
import type { VideoEncoder, VideoSink } from './video-encoder.js';

/** What the track asks of an encoder. */
export type SlotEncoder = Pick<
  VideoEncoder,
  'pid' | 'isSubstitute' | 'ended' | 'deliverTo' | 'end' | 'kill' | 'write'
>;

export interface VideoTrackOptions
  extends Pick<EncoderPairOptions<SlotEncoder>, 'start' | 'onLoss' | 'onReplaced'> {
  readonly fps: number;
  /** Slots from one keyframe to the next. */
  readonly keyframeSlots: number;
  /** Slots that an encoder keeps back: B-frames and lookahead. */
  readonly delaySlots: number;
  /** How long the first encoder may take to its first frame, ms; as long as later ones if undefined. */
  readonly startupMs?: number | undefined;
  /** Takes a header or a frame, in the order in which an output sends it. */
  readonly onTag: (tag: EncodedTag) => void;
}

export interface EncodedTag extends Pick<FlvTag, 'timestampMs' | 'payload'> {
  /** When a frame was taken, ms since 1970; undefined for headers. */
  readonly takenMs?: number | undefined;
}

/** What a handover changes. */
export interface VideoHandover {
  /** Starts an encoder of the new settings. */
  readonly start: () => SlotEncoder;
  /** Slots from one keyframe to the next; as before if undefined. */
  readonly keyframeSlots?: number;
  /** 2 has every second slot encoded, the even ones. */
  readonly stride?: 1 | 2;
  /** Slots that an encoder of these settings keeps back; 0 if undefined. */
  readonly delaySlots?: number;
  /** The first slot from `slot` on where it may begin. Where the live encoder makes a keyframe if undefined. */
  readonly beginAt?: (slot: number) => number;
}

/** An encoder that delivers nothing for this long may be about to be replaced: what it owes must not be cut, ms. */
const MAYBE_SILENT_MS = 350;
/** How long the live encoder may deliver nothing while a successor is at work beside it, ms. */
const SILENT_BESIDE_MS = 1100;
/** How long a rival may deliver nothing either, ms. */
const RIVAL_SILENT_MS = 1400;
/** Frames that an encoder which makes progress may owe, ms of them: above that, slots are skipped. */
const OWED_MS = 500;
/** The same while it delivers nothing at all: then it is lost, and the next one gets these frames. */
const KEPT_MS = 1500;
/** Meanwhile an encoder that catches up may pause for this long, ms, without a slot being left out. */
const CATCHING_UP_MS = 200;
/** How long before its first frame a successor is started, ms: until then it has been loaded. */
const LOAD_MS = 300;
/** How long a successor may take to its first frame, ms. It is less than what is kept of frames. */
const SUCCESSOR_MS = 1000;

/** Frames that a track keeps at most. */
export function keptFrames(fps: number, delaySlots: number): number {
  return Math.ceil((KEPT_MS * fps) / 1000) + delaySlots;
}

/**
 * The programme's video: frames in, H.264 out, whatever happens to encoders. Each frame is kept until it has been delivered. When
 * the encoder dies or hangs, the held one gets what was not delivered, and the stream continues with the very next slot. With
 * other settings another encoder continues at a keyframe.
 */
export class VideoTrack implements Disposable, VideoSink {
  private readonly pair: EncoderPair<VideoSink, SlotEncoder>;
  /** Frames that have not been delivered, by their slots. */
  private readonly owed = new Map<number, Frame>();
  private readonly times: DecodingTimes;
  private readonly captured = new CaptureTimes();
  /** How many frames may be owed at present. */
  private allowedFrames: number;
  private lastProgressMs = 0;
  private rivalSinceMs = 0;
  private readonly patience = new Patience();
  private delivered = -1;
  private lastKeyframe = 0;
  private next = 0;
  private header: Buffer | undefined;
  private skipped = 0;
  private busySumMs = 0;
  private busySinceMs = 0;
  private frames = 0;
  /** Frames of the longest mini-GOP so far. */
  private largestGop = 1;
  private stride: 1 | 2 = 1;
  private keyframeSlots: number;
  private delaySlots: number;
  private handover: Handover | undefined;
  private successorStride: 1 | 2 = 1;
  private successorDelaySlots = 0;
  private beginAt: (slot: number) => number = (slot) => this.keyframeSlot(slot);
  private ending = false;

  constructor(private readonly options: VideoTrackOptions) {
    const { fps, keyframeSlots, delaySlots, start, onLoss, onReplaced } = options;
    this.keyframeSlots = keyframeSlots;
    this.delaySlots = delaySlots;
    this.times = new DecodingTimes(fps);
    this.allowedFrames = this.usualFrames;
    this.pair = new EncoderPair({
      start,
      onLoss,
      onReplaced,
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

  /** Number of encoders so far. */
  get encoders(): number {
    return this.pair.promotions;
  }

  /** Highest slot that has been delivered; −1 before the first. */
  get deliveredSlot(): number {
    return this.delivered;
  }

  /** Slots that have been due. */
  get dueSlots(): number {
    return this.next;
  }

  /** How long frames have been owed since the start, ms. */
  get busyMs(): number {
    return this.busySumMs + (this.owed.size > 0 ? performance.now() - this.busySinceMs : 0);
  }

  /** Frames that have been delivered. */
  get deliveredFrames(): number {
    return this.frames;
  }

  /** Frames that have been taken and not been delivered. */
  get owedFrames(): number {
    return this.owed.size;
  }

  /** Slots that were left out since the encoder was too slow. */
  get skippedSlots(): number {
    return this.skipped;
  }

  /** The first slot from `slot` on that the live encoder makes a keyframe. */
  keyframeSlot(slot: number): number {
    const { keyframeSlots } = this;
    return this.lastKeyframe + Math.ceil((slot - this.lastKeyframe) / keyframeSlots) * keyframeSlots;
  }

  /** Takes the frame of the next slot, and keeps it for as long as it is needed. */
  put(slot: number, frame: Frame): void {
    this.check();
    const { owed, pair, handover, stride } = this;
    this.next = slot + 1;
    const forSuccessor = handover !== undefined && slot >= handover.cut && slot % this.successorStride === 0;
    if (slot % stride !== 0 && !forSuccessor) return;
    if (owed.size <= this.delaySlots) this.lastProgressMs = performance.now();
    else if (this.silentMs > MAYBE_SILENT_MS || forSuccessor) this.allowedFrames = this.mostFrames;
    if (owed.size >= this.allowedFrames) {
      this.skipped += 1;
      // A successor has to begin with a frame that the live encoder makes a keyframe.
      if (slot === handover?.cut && !handover.hasBegun) handover.postpone(this.beginAt(slot + 1));
      return;
    }
    if (owed.size === 0) this.busySinceMs = performance.now();
    owed.set(slot, frame.retain());
    this.captured.note(slot);
    if (slot % stride === 0) {
      pair.live?.write(slot, frame);
      pair.rival?.write(slot, frame);
    }
    if (!forSuccessor) return;
    if (!handover.hasBegun) handover.begin();
    pair.successor?.write(slot, frame);
  }

  takeHeader(payload: Buffer): void {
    if (this.header?.equals(payload) === true) return;
    this.header = payload;
    this.options.onTag({ timestampMs: 0, payload });
  }

  /** Takes frames of the live encoder. */
  takeMiniGop(gop: MiniGop): void {
    this.lastProgressMs = performance.now();
    if (this.pair.rival !== undefined) this.patience.wasSlow();
    this.pair.dismissRival();
    this.pair.delivered();
    if (this.handover === undefined) this.deliver(gop);
    else this.handover.takeLive(gop.last, () => this.deliver(gop));
  }

  /**
   * Continues with an encoder of other settings at the next keyframe. If that one fails, the one before goes on, and nothing has
   * happened to the stream. One at a time.
   *
   * @throws errors of the spawn
   */
  async handOver({
    start,
    keyframeSlots,
    stride = 1,
    delaySlots = 0,
    beginAt = (slot) => this.keyframeSlot(slot),
  }: VideoHandover): Promise<HandoverEnd> {
    if (this.ending) return { kind: 'ended' };
    this.beginAt = beginAt;
    const successor = this.pair.startSuccessor(start);
    const leadSlots = Math.ceil((LOAD_MS * this.options.fps) / 1000);
    const handover = new Handover({
      cut: beginAt(this.next + leadSlots),
      deadlineMs: SUCCESSOR_MS + (delaySlots * 1000) / this.options.fps,
      isDrained: () => !this.owes(handover.cut),
      onDone: () => {
        this.handover = undefined;
        // What the encoder before was too slow for.
        for (const slot of this.owed.keys()) if (slot < handover.cut) this.skipped += 1;
        this.stride = stride;
        this.keyframeSlots = keyframeSlots ?? this.keyframeSlots;
        this.delaySlots = delaySlots;
        this.lastProgressMs = performance.now();
        this.pair.dismissRival();
        this.pair.succeed(start);
        successor.deliverTo(this);
      },
    });
    this.handover = handover;
    this.successorStride = stride;
    this.successorDelaySlots = delaySlots;
    successor.deliverTo({
      takeHeader: (payload) => handover.takeSuccessorHeader(() => this.takeHeader(payload)),
      takeMiniGop: (gop) => handover.takeSuccessor(gop.first, () => this.deliver(gop)),
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
    await this.pair.end(() => this.owed.size > 0);
  }

  dispose(): void {
    this.ending = true;
    this.handover?.rollBack({ kind: 'ended' });
    this.pair.dispose();
    for (const frame of this.owed.values()) frame.release();
    this.owed.clear();
  }

  private get usualFrames(): number {
    return Math.ceil((OWED_MS * this.options.fps) / 1000) + this.delaySlots;
  }

  private get mostFrames(): number {
    const successorSlots = this.handover === undefined ? 0 : this.successorDelaySlots;
    return keptFrames(this.options.fps, Math.max(this.delaySlots, successorSlots));
  }

  private get mostSilentMs(): number {
    const startupMs = this.delivered < 0 ? (this.options.startupMs ?? 0) : 0;
    const ms = Math.max(startupMs, this.patience.ms);
    return this.handover?.hasBegun === true ? Math.max(ms, SILENT_BESIDE_MS) : ms;
  }

  private get silentMs(): number {
    return performance.now() - this.lastProgressMs;
  }

  /** Whether a frame below this slot has not been delivered. */
  private owes(cut: number): boolean {
    for (const slot of this.owed.keys()) if (slot < cut) return true;
    return false;
  }

  /** Puts frames on the stream. */
  private deliver(gop: MiniGop): void {
    if (gop.first <= this.delivered) return;
    this.delivered = gop.last;
    this.frames += gop.frames.length;
    for (const [kept, frame] of this.owed) {
      if (kept > gop.last) break;
      this.owed.delete(kept);
      frame.release();
    }
    if (this.owed.size === 0) this.busySumMs += performance.now() - this.busySinceMs;
    this.largestGop = Math.max(this.largestGop, gop.frames.length);
    const margin = Math.max(2 * this.largestGop, Math.ceil((CATCHING_UP_MS * this.options.fps) / 1000));
    const allowed = Math.min(this.allowedFrames, this.owed.size + margin);
    this.allowedFrames = Math.max(this.usualFrames, allowed);
    const times = this.times.of(gop);
    for (const [position, { slot, kind, payload, compositionMs }] of gop.frames.entries()) {
      if (kind === 'keyframe') this.lastKeyframe = slot;
      const timestampMs = times[position] ?? 0;
      const offsetMs = slotMs(slot, this.options.fps) - timestampMs;
      const same = offsetMs === compositionMs;
      const takenMs = this.captured.of(slot);
      this.options.onTag({
        timestampMs,
        payload: same ? payload : withCompositionTime(payload, offsetMs),
        takenMs,
      });
    }
    this.captured.forget(gop.last);
  }

  private feed(encoder: SlotEncoder): void {
    this.handover?.rollBack({ kind: 'interrupted' });
    encoder.deliverTo(this);
    this.lastProgressMs = performance.now();
    this.writeOwed(encoder);
  }

  private writeOwed(encoder: SlotEncoder): void {
    this.allowedFrames = this.mostFrames;
    for (const [slot, frame] of this.owed) if (slot % this.stride === 0) encoder.write(slot, frame);
  }

  /** Looks whether the encoder has fallen silent. `put` does it: slots keep coming, and no timer has to wake this process. */
  check(): void {
    if (this.owed.size <= this.delaySlots || this.silentMs < this.mostSilentMs) return;
    if (this.pair.rival !== undefined && performance.now() - this.rivalSinceMs >= RIVAL_SILENT_MS)
      this.pair.dismissRival();
    const rival = this.pair.challenge();
    if (rival === undefined) return;
    this.rivalSinceMs = performance.now();
    this.handover?.rollBack({ kind: 'interrupted' });
    rival.deliverTo({
      // It has the settings of the live one, so that its header is the same.
      takeHeader: (payload) => this.takeHeader(payload),
      takeMiniGop: (gop) => {
        if (this.pair.rival === rival) this.pair.elect();
        this.takeMiniGop(gop);
      },
    });
    this.writeOwed(rival);
  }
}
