import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { SceneConfig } from '../config/scene-schema.js';
import type { FromPlugin } from './extension-host.js';
import type {
  AddLayerParams,
  LayerIdParams,
  MoveLayersParams,
  PreviewSceneParams,
  SceneIdParams,
  SceneStatus,
  SetLayerParams,
} from './scenes.js';

// Between `MainThreadScenes` and `ExtHostScenes`. All requests fail like those of `SceneManagement`, and with `permission.denied` and `rpc.busy`.

const { clientToServer, serverToClient } = MessageDirection;

/** As for the control API, but for the transition, of which nothing is known before it is checked. */
export interface TransitionParams extends FromPlugin {
  readonly transition?: unknown;
}

/** Host → core. */
export namespace PluginListsScenesRequest {
  export const method = 'scenes/list' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, readonly SceneStatus[], never, void, void>(method);
}

export namespace PluginSwitchesSceneRequest {
  export const method = 'scenes/switch' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<TransitionParams & SceneIdParams, null, never, void, void>(
    method,
  );
}

export namespace PluginPreviewsSceneRequest {
  export const method = 'scenes/preview' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & PreviewSceneParams, null, never, void, void>(
    method,
  );
}

export namespace PluginTakesSceneRequest {
  export const method = 'scenes/take' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<TransitionParams, null, never, void, void>(method);
}

export interface PluginSceneParams extends FromPlugin {
  readonly scene: SceneConfig;
}

export namespace PluginAddsSceneRequest {
  export const method = 'scenes/add' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<PluginSceneParams, null, never, void, void>(method);
}

export namespace PluginSetsSceneRequest {
  export const method = 'scenes/set' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<PluginSceneParams, null, never, void, void>(method);
}

export namespace PluginRemovesSceneRequest {
  export const method = 'scenes/remove' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & SceneIdParams, null, never, void, void>(method);
}

export namespace PluginAddsLayerRequest {
  export const method = 'scenes/addLayer' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & AddLayerParams, null, never, void, void>(method);
}

export namespace PluginSetsLayerRequest {
  export const method = 'scenes/setLayer' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & SetLayerParams, null, never, void, void>(method);
}

export namespace PluginMovesLayersRequest {
  export const method = 'scenes/moveLayers' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & MoveLayersParams, null, never, void, void>(method);
}

export namespace PluginRemovesLayerRequest {
  export const method = 'scenes/removeLayer' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & LayerIdParams, null, never, void, void>(method);
}

export interface ScenesOnAir {
  /** Ids; absent without a broadcast, or without scenes. */
  readonly onAir?: string | undefined;
  readonly previewed?: string | undefined;
}

/** Host → core: from now on the host gets {@link ScenesChangedNotification}. @returns how it is now */
export namespace FollowScenesRequest {
  export const method = 'scenes/follow' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, ScenesOnAir, never, void, void>(method);
}

/** Core → host: the scenes have changed, or which of them is on air or previewed. */
export namespace ScenesChangedNotification {
  export const method = 'scenes/didChange' as const;
  export const messageDirection = clientToServer;
  export const type = new ProtocolNotificationType<ScenesOnAir, void>(method);
}
