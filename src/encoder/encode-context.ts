import type { FfmpegCapabilities } from './ffmpeg-capabilities.js';
import type { ImageInfo } from './image-info.js';
import type { MediaInfo } from './media-info.js';

/** What the arguments depend on in addition to the settings. */
export interface EncodeContext {
  readonly platform: NodeJS.Platform;
  /** Undefined if unknown: then only options that every ffmpeg since 4.1 supports are used. */
  readonly capabilities: FfmpegCapabilities | undefined;
  /** Description of the file or address; only for those. */
  readonly media?: MediaInfo | undefined;
  /** Description of the image; only for one. */
  readonly image?: ImageInfo | undefined;
  /** Font file for the test pattern's clock. */
  readonly clockFont?: string | undefined;
  /** The X display to capture if the settings name none. */
  readonly display?: string | undefined;
  /** In pixels; only for an ffmpeg that cannot determine it. */
  readonly screenSize?: string | undefined;
  /** The window to capture: its id on X11. */
  readonly window?: { readonly id: number; readonly width: number; readonly height: number } | undefined;
  /** Its whole title, on Windows. */
  readonly windowTitle?: string | undefined;
  /** The sound system to record from, on Linux. */
  readonly audioSystem?: 'pulse' | 'alsa' | undefined;
  /** The devices to use if the settings name none; only on Windows, whose API has no default. */
  readonly defaultCamera?: string | undefined;
  readonly defaultMicrophone?: string | undefined;
}
