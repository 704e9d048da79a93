import type { Disposable } from 'vscode-jsonrpc';
import type { SourcePosition, SourceState } from '../../protocol/encoder.js';
import type { Frame } from '../canvas/frame-pool.js';

/** What a source has for a slot. */
export interface SourceSlot {
  /** Owned by the caller; undefined if there is no new one. */
  readonly frame: Frame | undefined;
  /** PCM, 16 bits, interleaved; shorter than asked for where there is not as much. */
  readonly sound: Buffer;
}

export const NOTHING: SourceSlot = { frame: undefined, sound: Buffer.alloc(0) };

/** Video and sound of one origin, in the programme's frame size, frame rate and sample rate. */
export interface Source extends Disposable {
  readonly state: SourceState;
  /** Whether the first slot can be taken. */
  readonly isReady: boolean;
  /** Process that delivers its frames, or its sound if it has no frames; 0 if there is none. */
  readonly pid: number;
  /** CPU time of what makes its frames, of one core, percent; undefined if it is not measured. */
  readonly cpuPercent?: number | undefined;
  /** Undefined if it can't be continued: it sends at its own pace. */
  readonly position: SourcePosition | undefined;
  /** What it has for the next slot: frame and sound together, or nothing. */
  take(samples: number): SourceSlot;
}
