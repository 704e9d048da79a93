import type { Writable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { FLV_PREAMBLE, flvTagParts } from '../media/flv-writer.js';
import type { RtmpMediaKind } from '../rtmp/rtmp-server-session.js';

/**
 * How long tags are collected, ms: at 60 frames a second each piece of media would wake the core, and have each output
 * write, more than a hundred times a second, which is most of what passing a stream on costs.
 */
const BATCH_MS = 33;

/**
 * Writes a stream as FLV, several tags at a time: what comes within {@link BATCH_MS} leaves in one system call, and no
 * payload is copied. A keyframe leaves at once, with all before it, since a publisher that has come back is on air from there on.
 */
export class TagBatches implements Disposable {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly target: Writable) {
    target.write(FLV_PREAMBLE);
  }

  /** What waits for the target or for the batch to leave, bytes. */
  get backlogBytes(): number {
    return this.target.writableLength;
  }

  write(kind: RtmpMediaKind, timestampMs: number, payload: Buffer): void {
    if (this.timer === undefined) {
      this.target.cork();
      this.timer = setTimeout(() => this.flush(), BATCH_MS);
    }
    for (const part of flvTagParts(kind, timestampMs, payload)) this.target.write(part);
    if (kind === 'video' && isKeyframe(payload)) this.flush();
  }

  /** Sends what has been collected; nothing is to be written after it. */
  dispose(): void {
    if (this.timer !== undefined) this.flush();
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.target.uncork();
  }
}

/** By the frame type, which is at the same place in Enhanced RTMP. */
function isKeyframe(payload: Buffer): boolean {
  return payload.length > 0 && ((payload[0] ?? 0) & 0x70) === 0x10;
}
