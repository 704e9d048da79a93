import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';

// Between `MainThreadOverlays` and `ExtHostOverlays`. All of them fail with `permission.denied` and `config.invalid`.

export interface CreateOverlayParams extends FromPlugin {
  /** As in the configuration; its id is the plugin's own. */
  readonly overlay: Readonly<Record<string, unknown>> & { readonly id: string };
  /** What happens to it when the plugin fails: `keep`, `remove`, or an object with `removeAfterMs`. */
  readonly whenPluginFails?: unknown;
}

export interface PluginOverlayParams extends FromPlugin {
  readonly id: string;
}

export interface ChangeOverlayParams extends PluginOverlayParams {
  /** Null goes back to what a setting is by itself, what is absent stays. */
  readonly change: Readonly<Record<string, unknown>>;
}

export interface ChangeElementParams extends ChangeOverlayParams {
  /** Id of the overlay; `id` is the element's. */
  readonly overlay: string;
}

/** Host → core: resolves when the overlay is in the encoder, if there is a broadcast. */
export namespace CreateOverlayRequest {
  export const method = 'overlays/create' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<CreateOverlayParams, null, never, void, void>(method);
}

/** Host → core: changes some of its settings; likewise. Fails with `overlay.notFound` besides. */
export namespace ChangeOverlayRequest {
  export const method = 'overlays/set' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<ChangeOverlayParams, null, never, void, void>(method);
}

/** Host → core: changes some settings of one of its elements; likewise. */
export namespace ChangeElementRequest {
  export const method = 'overlays/setElement' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<ChangeElementParams, null, never, void, void>(method);
}

/** Host → core: removes the overlay, if it is there. */
export namespace DisposeOverlayRequest {
  export const method = 'overlays/dispose' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<PluginOverlayParams, null, never, void, void>(method);
}
