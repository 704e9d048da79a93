import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { SourceState } from './encoder.js';
import type { FromPlugin } from './extension-host.js';
import type { AddSourceParams, SceneSource, SetSourceParams, SourceParams } from './sources.js';

// Between `MainThreadSources` and `ExtHostSources`. All requests fail like those of `SourceManagement`, and with `permission.denied` and
// `rpc.busy`.

const { clientToServer, serverToClient } = MessageDirection;

/** A source with what plugins may see of its status. */
export interface SourceSnapshot extends SceneSource {
  readonly state: SourceState;
  readonly error?: string;
}

/** Host → core. */
export namespace PluginListsSourcesRequest {
  export const method = 'sources/list' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, readonly SourceSnapshot[], never, void, void>(
    method,
  );
}

export namespace PluginAddsSourceRequest {
  export const method = 'sources/add' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & AddSourceParams, null, never, void, void>(method);
}

/** @returns whether there was none with its id */
export namespace PluginAddsMissingSourceRequest {
  export const method = 'sources/addIfMissing' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & AddSourceParams, boolean, never, void, void>(
    method,
  );
}

export namespace PluginSetsSourceRequest {
  export const method = 'sources/set' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & SetSourceParams, null, never, void, void>(method);
}

export namespace PluginRemovesSourceRequest {
  export const method = 'sources/remove' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & SourceParams, null, never, void, void>(method);
}

export namespace PluginRestartsSourceRequest {
  export const method = 'sources/restart' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & SourceParams, null, never, void, void>(method);
}

export namespace PluginPlaysSourceRequest {
  export const method = 'sources/play' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & SourceParams, null, never, void, void>(method);
}

export interface OfferedFrame {
  /** Whether the source is open: otherwise nobody would see the frame, and it need not be sent. */
  readonly isWanted: boolean;
}

/** Host → core: it has a frame of a source of its plugin, which goes on the channel for frames. Fails with `source.notFound` for another's. */
export namespace PluginOffersFrameRequest {
  export const method = 'sources/offerFrame' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & SourceParams, OfferedFrame, never, void, void>(
    method,
  );
}

/** Host → core: from now on the host gets {@link SourcesChangedNotification} and {@link SourceListChangedNotification}. */
export namespace FollowSourcesRequest {
  export const method = 'sources/follow' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, null, never, void, void>(method);
}

/** A source has another state. */
export interface SourceStateChanged {
  readonly id: string;
  readonly from: SourceState;
  readonly to: SourceState;
  readonly error?: string;
}

/** Ids of sources that have come, gone, or have other settings. */
export interface SourceListChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Core → host: there are other sources. */
export namespace SourceListChangedNotification {
  export const method = 'sources/didChange' as const;
  export const messageDirection = clientToServer;
  export const type = new ProtocolNotificationType<SourceListChange, void>(method);
}

/** Core → host: sources have other states. */
export namespace SourcesChangedNotification {
  export const method = 'sources/didChangeStates' as const;
  export const messageDirection = clientToServer;
  export const type = new ProtocolNotificationType<{ readonly changes: readonly SourceStateChanged[] }, void>(
    method,
  );
}
