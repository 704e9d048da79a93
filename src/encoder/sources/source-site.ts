import type { SourceConfig } from '../../config/schema.js';
import type { BulkheadError } from '../../protocol/errors.js';
import type { FrameFormat } from '../arguments/frame-filters.js';
import type { FrameStore } from '../canvas/frame-pool.js';
import type { EncodeContext } from '../encode-context.js';
import type { FfmpegExit } from '../ffmpeg-errors.js';
import type { AudioFormat } from '../tracks/audio-encoder.js';
import type { SocketPairs } from './socket-pairs.js';
import type { FfmpegOptions } from './source-process.js';

/** What sources are opened with. */
export interface SourceSite {
  readonly ffmpeg: FfmpegOptions;
  readonly pairs: SocketPairs;
  readonly pool: FrameStore;
  readonly video: FrameFormat;
  readonly format: AudioFormat;
  /** Finds out what the arguments for a source depend on. Rejects with what is wrong with the source. */
  readonly contextOf: (input: SourceConfig) => Promise<EncodeContext>;
}

export interface SourceEvents {
  /** A process of `input` has ended that should not have, or could not be started; another one will be. */
  readonly onLoss: (exit: FfmpegExit, input: SourceConfig) => void;
  /** A file of a playlist cannot be read, and has been passed over. */
  readonly onSkip: (error: BulkheadError) => void;
  /** None of the files can be read; they will be tried again. */
  readonly onUnreadable: (error: BulkheadError) => void;
  /** What lies between, s from its start, cannot be read and has been left out. */
  readonly onDamage: (input: SourceConfig, fromS: number, toS: number) => void;
}
