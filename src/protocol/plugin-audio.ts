import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { FollowAudioParams, MixedSource, MixLevels, SetAudioParams } from './audio.js';
import type { FromPlugin } from './extension-host.js';

// Between `MainThreadAudio` and `ExtHostAudio`. All requests fail like those of `AudioManagement`, and with `permission.denied` and `rpc.busy`.

const { clientToServer, serverToClient } = MessageDirection;

/** How often plugins may get levels, ms. */
export const LEVELS_INTERVAL_MS = { least: 50, most: 10_000 } as const;

/** Host → core. */
export namespace PluginListsAudioRequest {
  export const method = 'audio/list' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, readonly MixedSource[], never, void, void>(method);
}

export namespace PluginSetsAudioRequest {
  export const method = 'audio/set' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & SetAudioParams, null, never, void, void>(method);
}

/** Host → core: the plugin gets levels from now on, at another interval, or no more. */
export namespace PluginFollowsAudioRequest {
  export const method = 'audio/follow' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & FollowAudioParams, null, never, void, void>(
    method,
  );
}

/** Core → host: at the shortest interval that one of its plugins has asked for. */
export namespace PluginLevelsNotification {
  export const method = 'audio/levels' as const;
  export const messageDirection = clientToServer;
  export const type = new ProtocolNotificationType<MixLevels, void>(method);
}
