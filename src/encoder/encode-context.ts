import type { FfmpegCapabilities } from './ffmpeg-capabilities.js';
import type { MediaInfo } from './media-info.js';

/** What the arguments depend on beside the settings. */
export interface EncodeContext {
  readonly platform: NodeJS.Platform;
  /** Undefined while unknown: only what every ffmpeg since 4.1 can do is asked of it then. */
  readonly capabilities: FfmpegCapabilities | undefined;
  /** What is in the file or behind the address; only for those. */
  readonly media?: MediaInfo | undefined;
  /** A font file for the test pattern's clock. */
  readonly clockFont?: string | undefined;
  /** The X display to capture where the settings name none. */
  readonly display?: string | undefined;
  /** Pixels; only for an ffmpeg that cannot find it out. */
  readonly screenSize?: string | undefined;
  /** Which sound system to record from, on Linux. */
  readonly audioSystem?: 'pulse' | 'alsa' | undefined;
  /** The devices to take where the settings name none; only on Windows, whose API has no default. */
  readonly defaultCamera?: string | undefined;
  readonly defaultMicrophone?: string | undefined;
}
