import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { ErrorCode } from './error-codes.js';
import { ErrorCodes } from './errors.js';
import { scopeFor } from './permissions/network-scope.js';

/**
 * The network gate: a process through which plugins in a sandbox without a network reach the hosts of their permissions.
 *
 * Each host of plugins has a door: a folder that is bound into its sandbox, so that the kernel says whose connections arrive
 * there. To connect, the plugin's process writes a line `PORT HOST` to the door's socket {@link ASK_SOCKET}. The gate looks the
 * host up, connects, and answers with a line of JSON, {@link GateAnswer}. It names another socket in the folder, which takes one
 * connection: its bytes are those of the host's, from the first to the last. What asked stays open until then: its end withdraws
 * the question.
 */

/** Socket of a door on which its plugins ask for connections. */
export const ASK_SOCKET = 'ask';
/** Environment variable of a host that has a door: the folder in its sandbox. */
export const GATE_VARIABLE = 'BULKHEAD_NETWORK_GATE';

export type GateAnswer =
  | {
      /** Name of the socket that leads to the host. */
      readonly way: string;
      /** Of the host. */
      readonly address: string;
      readonly port: number;
    }
  | { readonly error: GateError };

/** Why there is no connection: as Node says it, or with a code of Bulkhead's. */
export interface GateError {
  readonly code: string;
  readonly message: string;
  readonly errno?: number | undefined;
  readonly syscall?: string | undefined;
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly hostname?: string | undefined;
}

/** The error of a connection to a host that no permission of the plugin covers. */
export function hostNotPermitted(host: string, port: number): { code: ErrorCode; message: string } {
  return {
    code: ErrorCodes.permissionDenied,
    message: `the plugin may not connect to ${host}, port ${port}: the permission "network:${scopeFor(host, port)}" is not in "permissions" of its package.json, or has not been granted`,
  };
}

/** The same where the name is permitted and what it stands for is not. */
export function addressNotPermitted(
  host: string,
  port: number,
  address: string,
): { code: ErrorCode; message: string } {
  return {
    code: ErrorCodes.permissionDenied,
    message: `the plugin may not connect to ${host}, port ${port}: that is ${address}, which a permission for a name does not include; it needs "network:${scopeFor(address, port)}" as well`,
  };
}

/** A door as the gate should have it. */
export interface GateDoor {
  /** Its folder's name in the gate's own. */
  readonly folder: string;
  /** Scopes of `network` that its plugins have been granted. */
  readonly scopes: readonly string[];
}

export interface SetGateDoorsParams {
  readonly doors: readonly GateDoor[];
}

/**
 * Core → gate: these are all doors now. Others are closed with all of their connections, and so are connections that the scopes
 * of their door do not allow any more. Resolves when the doors are there.
 */
export namespace SetGateDoorsRequest {
  export const method = 'gate/setDoors' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SetGateDoorsParams, null, never, void, void>(method);
}
