import type { Duplex } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import type { InitializeResult, PartRole } from '../protocol/lifecycle.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';

/** What a part gets from the process, or the core, that it runs in. */
export interface PartContext {
  /** Register handlers on it before the peer's first message is read. */
  readonly connection: RpcConnection;
  /** Takes frames of plugins from their host to the core, or media from the core to a relay. */
  readonly frames?: Duplex | undefined;
  /** Ends the part: the process, or only the module inside the core. */
  exit(code: number): void;
}

/** A part that runs. Disposing ends everything that it has started. */
export interface ActivePart extends Disposable {
  /**
   * Where the core's end must not cut something off: resolves when that is done, which has a deadline. The core's connections have ended,
   * or are about to.
   */
  finish?(): Promise<void>;
}

/**
 * A part of the application: encoder, extension host, live server. The same module runs in its own process and, in
 * `hybrid` mode, inside the core.
 */
export interface PartModule {
  readonly role: PartRole;
  /** The result of `initialize` except the protocol version and the pid. */
  readonly initializeResult: Pick<InitializeResult, 'apiVersion' | 'capabilities'>;
  /** Registers the part's handlers. */
  activate(context: PartContext): ActivePart;
}
