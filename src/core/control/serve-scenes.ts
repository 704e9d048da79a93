import * as z from '../../base/zod.js';
import type {
  ElementConfig,
  LayerConfig,
  NamedSource,
  OverlayConfig,
  SceneConfig,
} from '../../config/schema.js';
import { type AudioManagement, ListAudioRequest, SetAudioRequest } from '../../protocol/audio.js';
import { boundedTree } from '../../protocol/bounded.js';
import {
  AddElementRequest,
  AddOverlayRequest,
  ListOverlaysRequest,
  type OverlayManagement,
  RemoveElementRequest,
  RemoveOverlayRequest,
  SetElementRequest,
  SetOverlayRequest,
} from '../../protocol/overlays.js';
import {
  AddLayerRequest,
  AddSceneRequest,
  ListScenesRequest,
  MoveLayersRequest,
  PreviewSceneRequest,
  RedoSceneRequest,
  RemoveLayerRequest,
  RemoveSceneRequest,
  ResetScenesRequest,
  SavedSceneRequest,
  type SceneManagement,
  SetLayerRequest,
  SetSceneRequest,
  SwitchSceneRequest,
  TakeSceneRequest,
  UndoSceneRequest,
} from '../../protocol/scenes.js';
import {
  AddSourceRequest,
  ListSourcesRequest,
  PlaySourceRequest,
  RemoveSourceRequest,
  RestartSourceRequest,
  SetSourceRequest,
  SnapshotSourceRequest,
  type SourceManagement,
} from '../../protocol/sources.js';
import type { CheckedChannel } from '../../rpc/checked-channel.js';
import {
  entryPlace as at,
  settingsChange as change,
  entry,
  entryId as id,
  MAX_ELEMENT_VALUES,
  MAX_LAYER_VALUES,
  MAX_OVERLAY_VALUES,
  MAX_SCENE_VALUES,
  MAX_SOURCE_VALUES,
  moveLayers,
  TransitionChangeSchema,
} from '../broadcast/collection/change-params.js';

const Nothing = z.object({});
const Id = z.object({ id });
const transition = TransitionChangeSchema.optional();
const canvas = id.optional();
const SceneId = Id.extend({ canvas });
const SceneParams = boundedTree(z.object({ scene: entry<SceneConfig>(), canvas }), MAX_SCENE_VALUES);
const AddLayer = boundedTree(
  z.object({ scene: id, layer: entry<LayerConfig>(), at, canvas }),
  MAX_LAYER_VALUES,
);
const SetLayer = boundedTree(z.object({ scene: id, id, change, at, canvas }), MAX_LAYER_VALUES);
const MoveLayers = boundedTree(z.object({ scene: id, ...moveLayers }), MAX_SCENE_VALUES);
const AddSource = boundedTree(z.object({ source: entry<NamedSource>() }), MAX_SOURCE_VALUES);
const SetSource = boundedTree(z.object({ id, change }), MAX_SOURCE_VALUES);

const Saved = SceneId.extend({ list: z.enum(['sources', 'scenes', 'sounds', 'overlays']) });
const AddOverlay = boundedTree(z.object({ overlay: entry<OverlayConfig>(), at }), MAX_OVERLAY_VALUES);
const SetOverlay = boundedTree(z.object({ id, change, at }), MAX_OVERLAY_VALUES);
const AddElement = boundedTree(
  z.object({ overlay: id, element: entry<ElementConfig>(), at }),
  MAX_ELEMENT_VALUES,
);
const SetElement = boundedTree(z.object({ overlay: id, id, change, at }), MAX_ELEMENT_VALUES);
const SetAudio = boundedTree(z.object({ id, change }), MAX_LAYER_VALUES);

/** What can be shown and heard, and how it is changed. */
export interface SceneManagements {
  readonly scenes: SceneManagement;
  readonly sources: SourceManagement;
  readonly audio: AudioManagement;
  readonly overlays: OverlayManagement;
}

/** Serves the changing of scenes, their sources, their sound and overlays on air to one client of the control API. */
export function serveScenes(
  channel: CheckedChannel,
  { scenes, sources, audio, overlays }: SceneManagements,
): void {
  channel.serve(ListScenesRequest.type, z.object({ canvas }), (params) => scenes.list(params));
  channel.serve(SwitchSceneRequest.type, SceneId.extend({ transition }), (params) => scenes.switchTo(params));
  channel.serve(PreviewSceneRequest.type, z.object({ id: id.nullable() }), (params) =>
    scenes.preview(params),
  );
  channel.serve(TakeSceneRequest.type, z.object({ transition }), (params) => scenes.take(params));
  channel.serve(AddSceneRequest.type, SceneParams, (params) => scenes.add(params));
  channel.serve(SetSceneRequest.type, SceneParams, (params) => scenes.set(params));
  channel.serve(RemoveSceneRequest.type, SceneId, (params) => scenes.remove(params));
  channel.serve(AddLayerRequest.type, AddLayer, (params) => scenes.addLayer(params));
  channel.serve(SetLayerRequest.type, SetLayer, (params) => scenes.setLayer(params));
  channel.serve(MoveLayersRequest.type, MoveLayers, (params) => scenes.moveLayers(params));
  channel.serve(RemoveLayerRequest.type, SceneId.extend({ scene: id }), (params) =>
    scenes.removeLayer(params),
  );
  channel.serve(UndoSceneRequest.type, Nothing, () => scenes.undo());
  channel.serve(RedoSceneRequest.type, Nothing, () => scenes.redo());
  channel.serve(ResetScenesRequest.type, Nothing, () => scenes.reset());
  channel.serve(SavedSceneRequest.type, Saved, (params) => scenes.noteSaved(params));
  channel.serve(ListSourcesRequest.type, Nothing, () => sources.list());
  channel.serve(AddSourceRequest.type, AddSource, (params) => sources.add(params));
  channel.serve(SetSourceRequest.type, SetSource, (params) => sources.set(params));
  channel.serve(RemoveSourceRequest.type, Id, (params) => sources.remove(params));
  channel.serve(RestartSourceRequest.type, Id, (params) => sources.restart(params));
  channel.serve(PlaySourceRequest.type, Id, (params) => sources.play(params));
  channel.serve(SnapshotSourceRequest.type, Id, (params) => sources.snapshot(params));
  channel.serve(ListAudioRequest.type, Nothing, () => audio.list());
  channel.serve(SetAudioRequest.type, SetAudio, (params) => audio.set(params));
  channel.serve(ListOverlaysRequest.type, Nothing, () => overlays.list());
  channel.serve(AddOverlayRequest.type, AddOverlay, (params) => overlays.add(params));
  channel.serve(SetOverlayRequest.type, SetOverlay, (params) => overlays.set(params));
  channel.serve(RemoveOverlayRequest.type, Id, (params) => overlays.remove(params));
  channel.serve(AddElementRequest.type, AddElement, (params) => overlays.addElement(params));
  channel.serve(SetElementRequest.type, SetElement, (params) => overlays.setElement(params));
  channel.serve(RemoveElementRequest.type, Id.extend({ overlay: id }), (params) =>
    overlays.removeElement(params),
  );
}
