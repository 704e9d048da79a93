import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { MediaAddress } from './encoder.js';
import type { ErrorData } from './errors.js';

/**
 * Pass-through ingest: the live server's process accepts publishers, and sends each one's stream to the core on a media
 * socket created for that publisher.
 */

/** A publisher has presented an ingest's key. */
export interface IngestOpenParams {
  readonly ingest: string;
  /** The live server's number of this publisher. */
  readonly session: number;
  /** The program it claims to be, such as `FMLE/3.0 (compatible; FMSc/1.0)`. */
  readonly program: string;
  /** Its address, such as `192.168.1.20`. */
  readonly address: string;
}

/**
 * Asks the core to accept a publisher. The answer is where to send its FLV, or an error with the reason, which is sent to
 * the publisher.
 */
export namespace IngestOpenRequest {
  export const method = 'ingest/open' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<IngestOpenParams, MediaAddress, never, void, void>(method);
}

/** Publishers that the live server has refused or disconnected; for the streamer to read. */
export interface IngestRefusedParams {
  /** Absent if no ingest's key was presented. */
  readonly ingest?: string;
  readonly address: string;
  readonly error: ErrorData;
}

export namespace IngestRefusedNotification {
  export const method = 'ingest/refused' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<IngestRefusedParams, void>(method);
}

/** The core ends a publisher; the reason is sent to it. */
export interface IngestEndParams {
  readonly session: number;
  readonly error: ErrorData;
}

export namespace IngestEndNotification {
  export const method = 'ingest/end' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<IngestEndParams, void>(method);
}
