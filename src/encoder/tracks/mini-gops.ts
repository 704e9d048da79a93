import { parseVideoPayload, type VideoPayload } from '../../media/video-payload.js';

/** One encoded frame: the body of its FLV tag. */
export interface CodedFrame extends VideoPayload {
  /** From its PTS. */
  readonly slot: number;
  readonly payload: Buffer;
}

/**
 * Frames in decoding order that are shown one after the other, with no frame of others between them: after it, a stream can continue with
 * another encoder's keyframe. Without B-frames it is a single frame.
 */
export interface MiniGop {
  readonly frames: readonly CodedFrame[];
  /** The first slot that is shown. */
  readonly first: number;
  /** The last slot that is shown. */
  readonly last: number;
}

/** Gathers what one encoder delivers into whole mini-GOPs. */
export class MiniGops {
  /** Slots that it was given and has not delivered in a mini-GOP, ascending. */
  private readonly given: number[] = [];
  private frames: CodedFrame[] = [];
  private last = -1;

  /** The encoder is given the frame of this slot; slots ascend. */
  give(slot: number): void {
    this.given.push(slot);
  }

  /**
   * Takes the next frame, in decoding order. What was not given, or has been delivered, is ignored.
   *
   * @returns the mini-GOP that it completes
   */
  take(slot: number, payload: Buffer): MiniGop | undefined {
    const { given, frames } = this;
    if (!given.includes(slot) || frames.some((frame) => frame.slot === slot)) return undefined;
    frames.push({ slot, payload, ...parseVideoPayload(payload) });
    this.last = Math.max(this.last, slot);
    if (given[frames.length - 1] !== this.last) return undefined;
    const [first = slot] = given.splice(0, frames.length);
    this.frames = [];
    return { frames, first, last: this.last };
  }
}
