import type { Size } from '../base/geometry.js';
import type { OverlayConfig } from './drawing-schema.js';
import type { MixerConfig } from './mixer-schema.js';
import type { SceneConfig } from './scene-schema.js';
import type { AudioConfig, VideoConfig } from './schema.js';
import type { SourceConfig } from './source-schema.js';

/** Settings sent to an encoder: no output, no key, no plugin. */
export interface EncodeSettings {
  readonly input: SourceConfig;
  readonly video: VideoConfig;
  readonly audio: AudioConfig & Partial<AudioFormat>;
  /** Its id in the configuration, if it has one. */
  readonly inputId?: string;
  /** What is on air while the input delivers nothing; a plain frame without it. */
  readonly fallback?: FallbackConfig;
}

/** An encode of its own of the same programme: what differs from the programme's. */
export interface RenditionSettings {
  /** Its number, from 1 to `MAX_RENDITION`. */
  readonly id: number;
  readonly bitrateKbps?: number | undefined;
  /** Frame height, pixels; even. The width follows from the canvas'. */
  readonly height?: number | undefined;
  readonly preset?: string | undefined;
  /** Without B-frames, where the programme has some. */
  readonly bFrames?: 0 | undefined;
  /** False for a clean feed: what is composed, without the overlays. */
  readonly overlays?: false | undefined;
  /** Id of the source that is encoded alone, with its own sound, as it comes; what is composed without it. */
  readonly source?: string | undefined;
  /** What it shows in place of the main canvas. */
  readonly canvas?: Pick<StageCanvas, 'id' | 'width' | 'height'> | undefined;
}

/** Everything that can be on air, and what is. */
export interface StageConfig {
  readonly sources: readonly StageSource[];
  readonly scenes: readonly SceneConfig[];
  /** Id of the scene on air. */
  readonly programme: string;
  /** Id of the scene that is made ready, to be on air next. */
  readonly preview?: string;
  readonly mixer: MixerConfig;
  /** Drawn above every scene, the first one lowest. */
  readonly overlays: readonly StageOverlay[];
  /** Further ones besides the main canvas. */
  readonly canvases?: readonly StageCanvas[];
}

/** A canvas besides the main one, of the same sources. */
export interface StageCanvas extends Size {
  readonly id: string;
  readonly scenes: readonly SceneConfig[];
  /** Id of its scene on air. */
  readonly programme: string;
}

/** An overlay as it is on air. */
export interface StageOverlay extends OverlayConfig {
  /** When it was shown or its animation was changed, from which times count: ms since 1970. */
  readonly sinceMs: number;
  /** Folders in which its images and fonts have to be, wherever links lead; any without them. */
  readonly folders?: readonly string[] | undefined;
}

/** A source of scenes. */
export interface StageSource {
  readonly id: string;
  readonly input: SourceConfig;
  /** Id of the source that is shown in its place while it delivers nothing. */
  readonly fallback?: string;
  /** Whether it is open while no scene on air has it. */
  readonly warm: boolean;
}

/** What is on air in place of a source that delivers nothing. */
export interface FallbackConfig {
  /** Its id in the configuration. */
  readonly id: string;
  readonly input: SourceConfig;
  /** Whether it is opened before it is needed. */
  readonly warm: boolean;
}

/** Format of AAC-LC; 48 kHz stereo unless another stream has to be matched. */
export interface AudioFormat {
  /** Hz */
  readonly sampleRate: number;
  readonly channels: 1 | 2;
}
