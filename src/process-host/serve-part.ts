import type { Duplex } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { withDeadline } from '../base/with-deadline.js';
import { TO_CORE_LIMITS } from '../protocol/channel-limits.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { ExitCodes } from '../protocol/exit-codes.js';
import {
  ExitNotification,
  HeartbeatRequest,
  InitializeRequest,
  PartLogNotification,
  PROTOCOL_VERSION,
  ShutdownRequest,
} from '../protocol/lifecycle.js';
import { RpcConnection } from '../rpc/rpc-connection.js';
import type { ActivePart, PartModule } from './part-module.js';

/** How long a part may take to finish when the core is gone, ms: the core's orphan guard waits a little longer. */
const FINISH_MS = 5000;

export interface ServedPart extends Disposable {
  /** Resolves when the part may end: see {@link ActivePart.finish}. Never rejects. */
  finish(): Promise<void>;
}

export interface PartHost {
  /** The channel to the core: JSON-RPC only. */
  readonly control: Duplex;
  /** Takes frames of plugins to the core, or media to a relay. */
  readonly frames?: Duplex | undefined;
  /** The process that the part runs in. */
  readonly pid: number;
  /** Called once, when the part has ended by itself or on request; it has been disposed of by then. */
  exit(code: number): void;
}

/**
 * Runs a part on its control channel: the handshake, the heartbeat, the orderly end. The same in a separate process and
 * inside the core. Disposing it ends the part without calling `exit`. Throws errors of the module's `activate`.
 */
export function servePart(module: PartModule, host: PartHost): ServedPart {
  const connection = new RpcConnection(host.control, { peer: 'core', send: TO_CORE_LIMITS });
  let part: ActivePart | undefined;
  let shutDown = false;
  let ended = false;

  const dispose = (): void => {
    if (ended) return;
    ended = true;
    try {
      part?.dispose();
    } finally {
      connection.dispose();
    }
  };
  const exit = (code: number): void => {
    if (ended) return;
    try {
      dispose();
    } finally {
      host.exit(code);
    }
  };

  connection.onRequest(InitializeRequest.type, (params) => {
    if (params.protocolVersion !== PROTOCOL_VERSION) {
      // After the answer has been sent: the outbox is flushed on the next tick.
      setImmediate(exit, ExitCodes.versionMismatch);
      throw new BulkheadError(
        ErrorCodes.versionMismatch,
        `The core speaks protocol version ${params.protocolVersion}, the ${module.role} ${PROTOCOL_VERSION}.`,
        {
          where: module.role,
          remedy: 'Reinstall Bulkhead so that all of its parts have the same version.',
        },
      );
    }
    return { protocolVersion: PROTOCOL_VERSION, pid: host.pid, ...module.initializeResult };
  });
  connection.onRequest(HeartbeatRequest.type, () => null);
  connection.onRequest(ShutdownRequest.type, () => {
    shutDown = true;
  });
  connection.onNotification(ExitNotification.type, () => exit(shutDown ? ExitCodes.ok : ExitCodes.crash));
  connection.onDidFailHandler(({ method, error }) => {
    const message = `${method}: ${error instanceof Error ? error.stack : String(error)}`;
    connection.sendNotification(PartLogNotification.type, { level: 'error', message });
  });
  const finish = async (): Promise<void> => {
    try {
      await withDeadline(part?.finish?.() ?? Promise.resolve(), FINISH_MS, () => {});
    } catch {
      // It has reported that itself.
    }
  };
  connection.onDidClose(() => {
    if (part?.finish === undefined) exit(ExitCodes.parentGone);
    else void finish().then(() => exit(ExitCodes.parentGone));
  });

  try {
    part = module.activate({ connection, frames: host.frames, exit });
  } catch (error) {
    dispose();
    throw error;
  }
  // It may have ended immediately.
  if (ended) part.dispose();
  else connection.listen();
  return { dispose, finish };
}
