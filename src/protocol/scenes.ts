import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { Easing } from '../config/drawing-schema.js';
import type { LayerConfig, SceneConfig, TransitionConfig } from '../config/scene-schema.js';

// The scenes of the broadcast, of which one is on air. All of it can be changed meanwhile.

export interface SceneStatus {
  readonly id: string;
  /** Whether viewers see it. */
  readonly isOnAir: boolean;
  /** Whether it is made ready, to be put on air next. */
  readonly isPreviewed: boolean;
  /** The lowest one first. */
  readonly layers: readonly LayerConfig[];
}

export interface SceneList {
  readonly scenes: readonly SceneStatus[];
  /** What can be undone and redone, the next one each: `layer "cam" of scene "main" changed`. */
  readonly undo?: string;
  readonly redo?: string;
}

/** As in the configuration where it is not given. */
export type TransitionChange = {
  readonly [Key in keyof TransitionConfig]?: TransitionConfig[Key] | undefined;
};

/** Of scenes on a canvas. */
export interface CanvasParams {
  /** Id of the canvas; the main one without it. */
  readonly canvas?: string | undefined;
}

export interface SwitchSceneParams extends CanvasParams {
  readonly id: string;
  readonly transition?: TransitionChange | undefined;
}

export interface PreviewSceneParams {
  /** Null for none. */
  readonly id: string | null;
}

export interface TakeSceneParams {
  readonly transition?: TransitionChange | undefined;
}

export interface SceneParams extends CanvasParams {
  readonly scene: SceneConfig;
}

export interface SceneIdParams extends CanvasParams {
  readonly id: string;
}

export interface AddLayerParams extends CanvasParams {
  /** Id of the scene. */
  readonly scene: string;
  readonly layer: LayerConfig;
  /** Its place, 0 for the lowest; above all others without it. */
  readonly at?: number | undefined;
}

export interface SetLayerParams extends CanvasParams {
  /** Id of the scene. */
  readonly scene: string;
  /** Id of the layer. */
  readonly id: string;
  /** Settings of the layer; null goes back to what a setting is by itself, what is absent stays. */
  readonly change: Readonly<Record<string, unknown>>;
  /** Its place, 0 for the lowest; the one that it has without it. */
  readonly at?: number | undefined;
}

/** How layers get to other places. */
export interface LayerGlide {
  /** ms */
  readonly durationMs: number;
  readonly easing: Easing;
}

export interface MoveLayersParams extends LayerGlide {
  /** Id of the scene. */
  readonly scene: string;
  /** Settings of layers that change, by the layers' ids, as in {@link SetLayerParams}. */
  readonly changes: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface LayerIdParams extends CanvasParams {
  /** Id of the scene. */
  readonly scene: string;
  /** Id of the layer. */
  readonly id: string;
}

/** What is written into the configuration entry by entry. */
export type SavedList = 'sources' | 'scenes' | 'sounds' | 'overlays';

export interface SavedParams {
  readonly list: SavedList;
  readonly id: string;
  /** Id of the canvas whose scene it is; the main one without it. */
  readonly canvas?: string | undefined;
}

/**
 * The scenes of the broadcast. Every method fails with `broadcast.state` while there is none, or it has no scenes; with `scene.notFound` or
 * `config.invalid` nothing has changed. Changes are kept for the show, and restored when it is started again.
 */
export interface SceneManagement {
  list(params?: CanvasParams): Promise<SceneList>;
  /** Puts another scene on air as soon as it has something to show; resolves when it is, after its transition. */
  switchTo(params: SwitchSceneParams): Promise<SceneList>;
  /** Opens what a scene shows, to put it on air with `take`. */
  preview(params: PreviewSceneParams): Promise<SceneList>;
  /** Puts the previewed scene on air, like `switchTo`; the one that was on air is previewed then. */
  take(params: TakeSceneParams): Promise<SceneList>;
  add(params: SceneParams): Promise<SceneList>;
  /** Replaces the scene of that id. */
  set(params: SceneParams): Promise<SceneList>;
  /** One that is not on air. */
  remove(params: SceneIdParams): Promise<SceneList>;
  addLayer(params: AddLayerParams): Promise<SceneList>;
  setLayer(params: SetLayerParams): Promise<SceneList>;
  /**
   * Changes layers gradually: place, size, crop, corners and opacity; what else changes, does at once. Resolves when they are there, and is
   * one change to be undone. Another change of a layer that is on its way puts it where that says.
   */
  moveLayers(params: MoveLayersParams): Promise<SceneList>;
  removeLayer(params: LayerIdParams): Promise<SceneList>;
  /** Takes back the last change of scenes, layers, sources, sound or overlays. */
  undo(): Promise<SceneList>;
  redo(): Promise<SceneList>;
  /** Goes back to the scenes, sources, sounds and overlays of the configuration, as they were when the broadcast was started. */
  reset(): Promise<SceneList>;
  /** An entry stands in the configuration file now as it is on air: what is changed of it after that is kept as a change of it. */
  noteSaved(params: SavedParams): Promise<SceneList>;
}

type Nothing = Record<string, never>;

export namespace ListScenesRequest {
  export const method = 'scene/list' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<CanvasParams, SceneList, never, void, void>(method);
}

export namespace SwitchSceneRequest {
  export const method = 'scene/switch' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SwitchSceneParams, SceneList, never, void, void>(method);
}

export namespace PreviewSceneRequest {
  export const method = 'scene/preview' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<PreviewSceneParams, SceneList, never, void, void>(method);
}

export namespace TakeSceneRequest {
  export const method = 'scene/take' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<TakeSceneParams, SceneList, never, void, void>(method);
}

export namespace AddSceneRequest {
  export const method = 'scene/add' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SceneParams, SceneList, never, void, void>(method);
}

export namespace SetSceneRequest {
  export const method = 'scene/set' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SceneParams, SceneList, never, void, void>(method);
}

export namespace RemoveSceneRequest {
  export const method = 'scene/remove' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SceneIdParams, SceneList, never, void, void>(method);
}

export namespace AddLayerRequest {
  export const method = 'scene/addLayer' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<AddLayerParams, SceneList, never, void, void>(method);
}

export namespace SetLayerRequest {
  export const method = 'scene/setLayer' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SetLayerParams, SceneList, never, void, void>(method);
}

export namespace MoveLayersRequest {
  export const method = 'scene/moveLayers' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<MoveLayersParams, SceneList, never, void, void>(method);
}

export namespace RemoveLayerRequest {
  export const method = 'scene/removeLayer' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<LayerIdParams, SceneList, never, void, void>(method);
}

export namespace UndoSceneRequest {
  export const method = 'scene/undo' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Nothing, SceneList, never, void, void>(method);
}

export namespace RedoSceneRequest {
  export const method = 'scene/redo' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Nothing, SceneList, never, void, void>(method);
}

export namespace ResetScenesRequest {
  export const method = 'scene/reset' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Nothing, SceneList, never, void, void>(method);
}

export namespace SavedSceneRequest {
  export const method = 'scene/saved' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SavedParams, SceneList, never, void, void>(method);
}
