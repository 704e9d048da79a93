import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { Size } from '../../base/geometry.js';
import type { ElementConfig } from '../../config/schema.js';

/**
 * What the encoder process and the process that draws for it say to each other. Pixels come on a connection of their own: see
 * `region-stream.ts`.
 */

/** What is drawn on one surface, of its own size. */
export interface Drawing extends Size {
  readonly elements: readonly ElementConfig[];
  /** From when its timers count, ms since 1970. */
  readonly sinceMs: number;
  /** Folders in which its images and fonts have to be; any without them. */
  readonly folders?: readonly string[] | undefined;
}

export interface SurfaceParams extends Drawing {
  /** 1 and above. */
  readonly surface: number;
}

/** Draws this on a surface, be it a new one. Resolves when it is drawn, and what has changed is on its way. */
export namespace SetSurfaceRequest {
  export const method = 'surface/set' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SurfaceParams, null, never, void, void>(method);
}

export interface SurfaceIdParams {
  readonly surface: number;
}

export namespace RemoveSurfaceNotification {
  export const method = 'surface/remove' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<SurfaceIdParams, void>(method);
}

/** Asks for a surface that moves as it is at a time, ms since 1970. A region answers it, be it an empty one. */
export namespace TickNotification {
  export const method = 'surface/tick' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<SurfaceIdParams & { readonly atMs: number }, void>(method);
}

export interface Aliveness {
  /** Memory that the process holds. */
  readonly bytes: number;
}

export namespace AliveRequest {
  export const method = 'overlay/alive' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, Aliveness, never, void, void>(method);
}

/** Something that is missing, and without which the rest was drawn. */
export interface DrawingProblem extends SurfaceIdParams {
  /** Id of the element. */
  readonly element: string;
  readonly message: string;
  readonly remedy: string;
}

export namespace DrawingProblemNotification {
  export const method = 'overlay/problem' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<DrawingProblem, void>(method);
}
