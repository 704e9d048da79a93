import type { Frame } from '../../../../src/encoder/canvas/frame-pool.js';
import { MiniGops } from '../../../../src/encoder/tracks/mini-gops.js';
import type { VideoSink } from '../../../../src/encoder/tracks/video-encoder.js';
import { FakeEncoder } from './fake-encoder.js';

/** Frames from one keyframe to the next. */
export const GOP = 20;

const KEYFRAME = 0x17;
const INTERFRAME = 0x27;
const PAYLOAD_BYTES = 5;

export interface FakeSlotEncoderOptions {
  readonly header?: string;
  /** Frames of each mini-GOP, in turn; without B-frames 1. */
  readonly sizes?: readonly number[];
  /** Frames that it keeps back for its lookahead. */
  readonly lookahead?: number;
}

/** What a payload says of its frame. */
export interface FakeFrame {
  readonly keyframe: boolean;
  readonly encoder: number;
  /** Number of the frame in the encoder's output. */
  readonly index: number;
}

export function readFakeFrame(payload: Buffer): FakeFrame {
  return {
    keyframe: payload[0] === KEYFRAME,
    encoder: payload.readUInt32BE(PAYLOAD_BYTES),
    index: payload.readUInt32BE(PAYLOAD_BYTES + 4),
  };
}

/** A video encoder that delivers what it was given when the test says so, in the order in which it would be decoded. */
export class FakeSlotEncoder extends FakeEncoder<VideoSink> {
  readonly slots: number[] = [];
  readonly header: string;
  readonly isSubstitute = false;
  private readonly gops = new MiniGops();
  private readonly sizes: readonly number[];
  private readonly lookahead: number;
  /** Slots whose place in the output is known. */
  private coded: { readonly slot: number; readonly keyframe: boolean }[] = [];
  private ordered = 0;
  private count = 0;
  private delivered = 0;

  constructor({ header = 'header', sizes = [1], lookahead = 0 }: FakeSlotEncoderOptions = {}) {
    super();
    this.header = header;
    this.sizes = sizes;
    this.lookahead = lookahead;
  }

  write(slot: number, _frame: Frame): void {
    this.slots.push(slot);
    this.gops.give(slot);
  }

  /** Delivers the next frames that it was given. */
  deliver(count = Number.POSITIVE_INFINITY): void {
    this.order();
    if (this.delivered === 0 && this.coded.length > 0) this.sink?.takeHeader(Buffer.from(this.header));
    for (let left = count; left > 0 && this.delivered < this.coded.length; left--) {
      const index = this.delivered++;
      const { slot, keyframe } = this.coded[index] ?? { slot: 0, keyframe: false };
      const payload = Buffer.alloc(PAYLOAD_BYTES + 8);
      payload.set([keyframe ? KEYFRAME : INTERFRAME, 1]);
      payload.writeUInt32BE(this.pid, PAYLOAD_BYTES);
      payload.writeUInt32BE(index, PAYLOAD_BYTES + 4);
      const gop = this.gops.take(slot, payload);
      if (gop !== undefined) this.sink?.takeMiniGop(gop);
    }
  }

  /** Of each mini-GOP, the last frame comes first, then its middle one, then the others. */
  private order(): void {
    const { slots, sizes } = this;
    const known = slots.length - (this.ending ? 0 : this.lookahead);
    while (this.ordered < known) {
      const keyframe = this.ordered % GOP === 0;
      const untilKeyframe = GOP - (this.ordered % GOP);
      const wanted = keyframe ? 1 : Math.min(sizes[this.count % sizes.length] ?? 1, untilKeyframe);
      if (this.ordered + wanted > known && !this.ending) return;
      const gop = slots.slice(this.ordered, Math.min(known, this.ordered + wanted));
      const last = gop.pop() ?? 0;
      const middle = gop.splice(Math.floor(gop.length / 2), 1);
      for (const slot of [last, ...middle, ...gop]) this.coded.push({ slot, keyframe });
      this.ordered += gop.length + middle.length + 1;
      this.count += 1;
    }
  }
}
