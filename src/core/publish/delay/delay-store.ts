import { isVideoFrame, type StreamTag } from '../../../media/stream-tag.js';
import { parseVideoPayload } from '../../../media/video-payload.js';

/** A tag that waits to air. */
export interface HeldTag extends Omit<StreamTag, 'payload'> {
  /** PTS − DTS of a video frame, ms. */
  readonly compositionMs: number;
  /** Undefined while it is on disk only. */
  readonly payload: Buffer | undefined;
  readonly bytes: number;
  /** Whether a file has it, so that it needs no memory. */
  readonly isOnDisk: boolean;
  /** It was on disk, and cannot be read any more. */
  readonly isLost: boolean;
}

/** Where the tags of a delay are while they wait. */
export interface DelayStore {
  /** Bytes in memory. */
  readonly bytes: number;
  /** There is no room for more in memory. */
  readonly isFull: boolean;
  hold(tag: StreamTag): HeldTag;
  /** It airs soon: it has to be in memory by then. */
  want(tag: HeldTag): void;
  /** It does not air soon after all, or has aired. */
  unwant(tag: HeldTag): void;
  /** It has aired, or never will. */
  release(tag: HeldTag): void;
}

/** What of a tag is always in memory. */
export function detailsOf(tag: StreamTag): Omit<HeldTag, 'payload' | 'isOnDisk' | 'isLost'> {
  const { payload, ...rest } = tag;
  return {
    ...rest,
    bytes: payload.length,
    compositionMs: isVideoFrame(tag) ? parseVideoPayload(payload).compositionMs : 0,
  };
}

export function inMemory(tag: StreamTag): HeldTag {
  return { ...detailsOf(tag), payload: tag.payload, isOnDisk: false, isLost: false };
}

/** All of it in memory. */
export class MemoryStore implements DelayStore {
  bytes = 0;

  constructor(private readonly maxBytes: number) {}

  get isFull(): boolean {
    return this.bytes > this.maxBytes;
  }

  hold(tag: StreamTag): HeldTag {
    this.bytes += tag.payload.length;
    return inMemory(tag);
  }

  want(): void {}

  unwant(): void {}

  release({ bytes }: HeldTag): void {
    this.bytes -= bytes;
  }
}
