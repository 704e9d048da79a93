import type { Event } from './lifecycle.js';
import type { Change } from './overlays.js';

/** What a scene shows at one place. Lengths are pixels of the frame. */
export interface LayerSettings {
  /** Letters, digits, `-` and `_`, 64 at most; no other layer of the scene has it. */
  readonly id: string;
  /** Id of a source; a layer has either this or `scene`. */
  readonly source?: string;
  /** Id of another scene, which is shown as a whole. */
  readonly scene?: string;
  /** Left edge; 0 by default. */
  readonly x?: number;
  /** Top edge; 0 by default. */
  readonly y?: number;
  /** The frame's without it. */
  readonly width?: number;
  /** The frame's without it. */
  readonly height?: number;
  /** What is cut off the source before it is fitted, as shares of its width and height, from 0 to 1. */
  readonly crop?: {
    /** Share of the width that is cut off on the left. */
    readonly left?: number;
    /** Share of the height that is cut off at the top. */
    readonly top?: number;
    /** Share of the width that is cut off on the right. */
    readonly right?: number;
    /** Share of the height that is cut off at the bottom. */
    readonly bottom?: number;
  };
  /**
   * `contain` (the default) shows all of the source, `cover` fills the place, `stretch` changes the aspect ratio, `none` shows the source as large
   * as it is.
   */
  readonly fit?: 'contain' | 'cover' | 'stretch' | 'none';
  /** Clockwise, degrees; 0 by default. */
  readonly rotate?: 0 | 90 | 180 | 270;
  /** 0 is invisible, 1 (the default) opaque. */
  readonly opacity?: number;
  /** Radius of its corners. */
  readonly radius?: number;
  /** Shows the layer only where a source is opaque (`alpha`, the default) or bright (`luma`), or only where it is not. */
  readonly mask?: {
    /** Id of the source. */
    readonly source: string;
    /** What of the source counts. */
    readonly by?: 'alpha' | 'luma';
    /** Whether the layer is shown where the source is not; false by default. */
    readonly inverted?: boolean;
  };
  /** Whether it is shown; true by default. */
  readonly visible?: boolean;
}

/** A scene as it is added. */
export interface SceneSettings {
  /** Letters, digits, `-` and `_`, 64 at most. */
  readonly id: string;
  /** The first one lowest; 50 at most. */
  readonly layers?: readonly LayerSettings[];
}

/** A scene as it is, its layers with every default filled in. */
export interface Scene {
  /** The scene's. */
  readonly id: string;
  /** Whether viewers see it. */
  readonly isOnAir: boolean;
  /** Whether it is made ready, to be put on air next. */
  readonly isPreviewed: boolean;
  /** The lowest one first. */
  readonly layers: readonly LayerSettings[];
}

/** How one scene replaces another; what is absent is as the streamer has configured it. */
export interface Transition {
  /**
   * `move` moves what both scenes show from its place in the one to that in the other, and fades the rest; `stinger` shows another source above
   * both scenes while one replaces the other.
   */
  readonly type?: 'cut' | 'fade' | 'slide' | 'move' | 'stinger';
  /** 10,000 ms at most. */
  readonly durationMs?: number;
  /** Where the scenes move in a slide. */
  readonly direction?: 'left' | 'right' | 'up' | 'down';
  /** Id of the source of a stinger. */
  readonly source?: string;
  /** When a stinger hides the change, ms; halfway by default. */
  readonly cutMs?: number;
}

/** How layers get to other places. */
export interface LayerMove {
  /** How long it takes, 10,000 ms at most; 300 without it. */
  readonly durationMs?: number;
  /** `ease-in-out` without it. */
  readonly easing?: 'linear' | 'ease-in' | 'ease-out' | 'ease-in-out' | 'step';
}

/** Another scene is on air. */
export interface SceneSwitch {
  /** Undefined when a broadcast begins. */
  readonly from: string | undefined;
  /** Undefined when it has ended. */
  readonly to: string | undefined;
}

/**
 * The scenes of the broadcast. Changes are kept for the show; the streamer's undo leaves them as they are. Needs the permission `scenes`.
 *
 * Every call fails with an error with the code `permission.denied`; `broadcast.state` while there is no broadcast, or one without scenes;
 * `scene.notFound` or `config.invalid`, and then nothing has changed; `rpc.busy` for more than 100 changes or 20 other calls at once, or more
 * than 30 or 10 a second after that.
 */
export interface Scenes {
  /** In the streamer's order. */
  list(): Promise<readonly Scene[]>;
  /**
   * Puts another scene on air as soon as it has something to show; resolves when it is, after its transition.
   *
   * @example
   * ```ts
   * await scenes.switchTo('break', { type: 'fade', durationMs: 500 });
   * ```
   */
  switchTo(id: string, transition?: Transition): Promise<void>;
  /** Opens what a scene shows, to put it on air with {@link take}. @param id null for none */
  preview(id: string | null): Promise<void>;
  /** Puts the previewed scene on air, like {@link switchTo}; the one that was on air is previewed then. */
  take(transition?: Transition): Promise<void>;
  /** Adds a scene, as the last one. */
  add(scene: SceneSettings): Promise<void>;
  /** Replaces the scene that has its id. */
  set(scene: SceneSettings): Promise<void>;
  /** Removes one that is not on air. */
  remove(id: string): Promise<void>;
  /** Adds a layer to a scene. @param at its place, 0 for the lowest; above all others without it */
  addLayer(scene: string, layer: LayerSettings, at?: number): Promise<void>;
  /** Changes some settings of a layer. @param at its new place, 0 for the lowest; the one that it has without it */
  setLayer(scene: string, id: string, change: Change<Omit<LayerSettings, 'id'>>, at?: number): Promise<void>;
  /**
   * Changes layers of a scene gradually: their place, size, crop, corners and opacity; what else changes, does at once. Resolves when all are there.
   * Where the layers end is what is kept. Any other change of a layer on its way puts it where that says.
   *
   * @example
   * ```ts
   * await scenes.moveLayers('main', { camera: { x: 900, width: 320, height: 180 }, logo: { opacity: 0 } }, { durationMs: 500 });
   * ```
   *
   * @param changes settings of layers, by their ids
   */
  moveLayers(
    scene: string,
    changes: Readonly<Record<string, Change<Omit<LayerSettings, 'id'>>>>,
    move?: LayerMove,
  ): Promise<void>;
  /** Removes a layer of a scene. */
  removeLayer(scene: string, id: string): Promise<void>;
  /** Fires soon after any of the scenes has changed, or which of them is on air or previewed, ten times a second at most. */
  readonly onDidChange: Event<void>;
  /** Fires when another scene is on air. */
  readonly onDidSwitch: Event<SceneSwitch>;
}
