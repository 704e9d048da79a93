import type { TransitionConfig } from '../../config/scene-schema.js';

/** A canvas: the programme in one size and rate. */
export interface CanvasStatus {
  /** `main`, or that of one of "canvases" in the configuration. */
  readonly id: string;
  /** Width of its frames, pixels. */
  readonly width: number;
  /** Height of its frames, pixels. */
  readonly height: number;
  /** Frames per second. */
  readonly fps: number;
  /** Id of the scene on air; absent without scenes. */
  readonly programme?: string;
  /** Id of the scene that is made ready, to be on air next. */
  readonly preview?: string;
  /** The scene that is about to replace the one on air, or is being faded in. */
  readonly transition?: TransitionStatus;
  /** Counts the changes of scenes and sources in this broadcast: `scene/list` and `source/list` say how they are now. */
  readonly edits?: number;
}

/** One scene that replaces another. */
export interface TransitionStatus extends TransitionConfig {
  /** Id of the scene that will be on air. */
  readonly to: string;
}
