import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';
import type { ReplayStatus, SavedReplay, SaveReplayParams, StartReplayParams } from './replay.js';

// Between `MainThreadReplay` and `ExtHostReplay`. All requests fail like those of `ReplayManagement`, and with `permission.denied` and
// `rpc.busy`.

const { clientToServer, serverToClient } = MessageDirection;

/** What plugins see of the replay buffer. */
export interface PluginReplayStatus
  extends Pick<ReplayStatus, 'state' | 'seconds' | 'heldMs' | 'saved' | 'file'> {
  readonly error?: string;
}

/** What they see of a replay. */
export type PluginSavedReplay = Pick<SavedReplay, 'path' | 'durationMs' | 'bytes'>;

/** Host → core. */
export namespace PluginAsksReplayRequest {
  export const method = 'replays/status' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, PluginReplayStatus | null, never, void, void>(
    method,
  );
}

export namespace PluginSavesReplayRequest {
  export const method = 'replays/save' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<
    FromPlugin & SaveReplayParams,
    PluginSavedReplay,
    never,
    void,
    void
  >(method);
}

export namespace PluginStartsReplayRequest {
  export const method = 'replays/start' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & StartReplayParams, null, never, void, void>(
    method,
  );
}

export namespace PluginStopsReplayRequest {
  export const method = 'replays/stop' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, null, never, void, void>(method);
}

/** Host → core: from now on the host gets {@link ReplaySavedNotification}. */
export namespace FollowReplaysRequest {
  export const method = 'replays/follow' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, null, never, void, void>(method);
}

/** Core → host: a replay is complete. */
export namespace ReplaySavedNotification {
  export const method = 'replays/didSave' as const;
  export const messageDirection = clientToServer;
  export const type = new ProtocolNotificationType<PluginSavedReplay, void>(method);
}
