import {
  type AudioList,
  type AudioManagement,
  ListAudioRequest,
  type SetAudioParams,
  SetAudioRequest,
} from '../protocol/audio.js';
import {
  type AddElementParams,
  AddElementRequest,
  type AddOverlayParams,
  AddOverlayRequest,
  type ElementIdParams,
  ListOverlaysRequest,
  type OverlayIdParams,
  type OverlayList,
  type OverlayManagement,
  RemoveElementRequest,
  RemoveOverlayRequest,
  type SetElementParams,
  SetElementRequest,
  type SetOverlayParams,
  SetOverlayRequest,
} from '../protocol/overlays.js';
import {
  type AddLayerParams,
  AddLayerRequest,
  AddSceneRequest,
  type CanvasParams,
  type LayerIdParams,
  ListScenesRequest,
  type MoveLayersParams,
  MoveLayersRequest,
  type PreviewSceneParams,
  PreviewSceneRequest,
  RedoSceneRequest,
  RemoveLayerRequest,
  RemoveSceneRequest,
  ResetScenesRequest,
  type SavedParams,
  SavedSceneRequest,
  type SceneIdParams,
  type SceneList,
  type SceneManagement,
  type SceneParams,
  type SetLayerParams,
  SetLayerRequest,
  SetSceneRequest,
  type SwitchSceneParams,
  SwitchSceneRequest,
  type TakeSceneParams,
  TakeSceneRequest,
  UndoSceneRequest,
} from '../protocol/scenes.js';
import {
  type AddSourceParams,
  AddSourceRequest,
  ListSourcesRequest,
  PlaySourceRequest,
  RemoveSourceRequest,
  RestartSourceRequest,
  type SetSourceParams,
  SetSourceRequest,
  SnapshotSourceRequest,
  type SourceList,
  type SourceManagement,
  type SourceParams,
  type SourceSnapshot,
} from '../protocol/sources.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';

/** A scene waits for its sources, and a transition takes its time, ms. */
const deadline = { deadlineMs: 60_000 };

/** The scenes of a running core. */
export class RemoteScenes implements SceneManagement {
  constructor(private readonly connection: RpcConnection) {}

  list(params: CanvasParams = {}): Promise<SceneList> {
    return this.connection.sendRequest(ListScenesRequest.type, params, deadline);
  }

  switchTo(params: SwitchSceneParams): Promise<SceneList> {
    return this.connection.sendRequest(SwitchSceneRequest.type, params, deadline);
  }

  preview(params: PreviewSceneParams): Promise<SceneList> {
    return this.connection.sendRequest(PreviewSceneRequest.type, params, deadline);
  }

  take(params: TakeSceneParams): Promise<SceneList> {
    return this.connection.sendRequest(TakeSceneRequest.type, params, deadline);
  }

  add(params: SceneParams): Promise<SceneList> {
    return this.connection.sendRequest(AddSceneRequest.type, params, deadline);
  }

  set(params: SceneParams): Promise<SceneList> {
    return this.connection.sendRequest(SetSceneRequest.type, params, deadline);
  }

  remove(params: SceneIdParams): Promise<SceneList> {
    return this.connection.sendRequest(RemoveSceneRequest.type, params, deadline);
  }

  addLayer(params: AddLayerParams): Promise<SceneList> {
    return this.connection.sendRequest(AddLayerRequest.type, params, deadline);
  }

  setLayer(params: SetLayerParams): Promise<SceneList> {
    return this.connection.sendRequest(SetLayerRequest.type, params, deadline);
  }

  moveLayers(params: MoveLayersParams): Promise<SceneList> {
    return this.connection.sendRequest(MoveLayersRequest.type, params, deadline);
  }

  removeLayer(params: LayerIdParams): Promise<SceneList> {
    return this.connection.sendRequest(RemoveLayerRequest.type, params, deadline);
  }

  undo(): Promise<SceneList> {
    return this.connection.sendRequest(UndoSceneRequest.type, {}, deadline);
  }

  redo(): Promise<SceneList> {
    return this.connection.sendRequest(RedoSceneRequest.type, {}, deadline);
  }

  reset(): Promise<SceneList> {
    return this.connection.sendRequest(ResetScenesRequest.type, {}, deadline);
  }

  noteSaved(params: SavedParams): Promise<SceneList> {
    return this.connection.sendRequest(SavedSceneRequest.type, params, deadline);
  }
}

/** The sources of its scenes. */
export class RemoteSources implements SourceManagement {
  constructor(private readonly connection: RpcConnection) {}

  list(): Promise<SourceList> {
    return this.connection.sendRequest(ListSourcesRequest.type, {}, deadline);
  }

  add(params: AddSourceParams): Promise<SourceList> {
    return this.connection.sendRequest(AddSourceRequest.type, params, deadline);
  }

  set(params: SetSourceParams): Promise<SourceList> {
    return this.connection.sendRequest(SetSourceRequest.type, params, deadline);
  }

  remove(params: SourceParams): Promise<SourceList> {
    return this.connection.sendRequest(RemoveSourceRequest.type, params, deadline);
  }

  restart(params: SourceParams): Promise<SourceList> {
    return this.connection.sendRequest(RestartSourceRequest.type, params, deadline);
  }

  play(params: SourceParams): Promise<SourceList> {
    return this.connection.sendRequest(PlaySourceRequest.type, params, deadline);
  }

  snapshot(params: SourceParams): Promise<SourceSnapshot> {
    return this.connection.sendRequest(SnapshotSourceRequest.type, params, deadline);
  }
}

/** The sound of its scenes' sources. */
export class RemoteAudio implements AudioManagement {
  constructor(private readonly connection: RpcConnection) {}

  list(): Promise<AudioList> {
    return this.connection.sendRequest(ListAudioRequest.type, {}, deadline);
  }

  set(params: SetAudioParams): Promise<AudioList> {
    return this.connection.sendRequest(SetAudioRequest.type, params, deadline);
  }
}

/** The overlays above its scenes. */
export class RemoteOverlays implements OverlayManagement {
  constructor(private readonly connection: RpcConnection) {}

  list(): Promise<OverlayList> {
    return this.connection.sendRequest(ListOverlaysRequest.type, {}, deadline);
  }

  add(params: AddOverlayParams): Promise<OverlayList> {
    return this.connection.sendRequest(AddOverlayRequest.type, params, deadline);
  }

  set(params: SetOverlayParams): Promise<OverlayList> {
    return this.connection.sendRequest(SetOverlayRequest.type, params, deadline);
  }

  remove(params: OverlayIdParams): Promise<OverlayList> {
    return this.connection.sendRequest(RemoveOverlayRequest.type, params, deadline);
  }

  addElement(params: AddElementParams): Promise<OverlayList> {
    return this.connection.sendRequest(AddElementRequest.type, params, deadline);
  }

  setElement(params: SetElementParams): Promise<OverlayList> {
    return this.connection.sendRequest(SetElementRequest.type, params, deadline);
  }

  removeElement(params: ElementIdParams): Promise<OverlayList> {
    return this.connection.sendRequest(RemoveElementRequest.type, params, deadline);
  }
}
