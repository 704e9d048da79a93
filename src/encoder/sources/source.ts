import type { Disposable } from 'vscode-jsonrpc';
import type { Event } from '../../base/event.js';
import type { Frame } from '../canvas/frame-pool.js';
import type { FfmpegExit } from '../ffmpeg-errors.js';

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
  /** Whether the first slot can be taken. */
  readonly isReady: boolean;
  /** Whether everything has been taken of a source that ends by itself. */
  readonly ended: boolean;
  /** Its process has ended by itself, or could not be started; another one will be. */
  readonly onDidLose: Event<FfmpegExit>;
  /** What it has for the next slot: frame and sound together, or nothing. */
  take(soundBytes: number): SourceSlot;
}
