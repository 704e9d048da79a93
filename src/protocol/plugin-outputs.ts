import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';
import type { OutputParams } from './outputs.js';
import type { OutputState } from './status/output-connections.js';
import type { OutputStatus } from './status/output-status.js';

// Between `MainThreadOutputs` and `ExtHostOutputs`. All requests fail like those of `OutputManagement`, and with `permission.denied` and `rpc.busy`.

const { clientToServer, serverToClient } = MessageDirection;

/** What plugins see of an output: neither its address, nor how often it was connected to. */
export interface PluginOutput extends Omit<OutputStatus, 'url' | 'sessions' | 'droppedFrames' | 'error'> {
  readonly error?: string;
}

/** Host → core. */
export namespace PluginListsOutputsRequest {
  export const method = 'outputs/list' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, readonly PluginOutput[], never, void, void>(method);
}

export namespace PluginStartsOutputRequest {
  export const method = 'outputs/start' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & OutputParams, null, never, void, void>(method);
}

export namespace PluginStopsOutputRequest {
  export const method = 'outputs/stop' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & OutputParams, null, never, void, void>(method);
}

export interface OutputOnAir {
  readonly id: string;
  readonly state: OutputState;
  readonly error?: string;
}

/** Host → core: from now on the host gets {@link OutputsChangedNotification}. @returns how they are now */
export namespace FollowOutputsRequest {
  export const method = 'outputs/follow' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, readonly OutputOnAir[], never, void, void>(method);
}

/** Core → host: the state of an output has changed, or there are others. */
export namespace OutputsChangedNotification {
  export const method = 'outputs/didChange' as const;
  export const messageDirection = clientToServer;
  export const type = new ProtocolNotificationType<{ readonly outputs: readonly OutputOnAir[] }, void>(
    method,
  );
}
