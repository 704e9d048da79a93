import type { Disposable } from 'vscode-jsonrpc/node';
import type { ControlClient } from '../../control-client/control-client.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { CoreProcess } from '../core-process.js';

const INTERVAL_MS = 5000;
const ANSWER_DEADLINE_MS = 10_000;

/**
 * Kills a core that is alive but does not respond: stopped, or in an endless loop. Its exit is then reported to those
 * waiting for it.
 */
export function killIfUnresponsive(
  client: Pick<ControlClient, 'status'>,
  core: Pick<CoreProcess, 'kill'>,
  onKill: () => void,
): Disposable {
  let waiting = false;
  const timer = setInterval(async () => {
    if (waiting) return;
    waiting = true;
    try {
      await client.status(ANSWER_DEADLINE_MS);
    } catch (error) {
      if (error instanceof BulkheadError && error.code === ErrorCodes.rpcTimeout) {
        onKill();
        core.kill();
      }
    } finally {
      waiting = false;
    }
  }, INTERVAL_MS);
  return { dispose: () => clearInterval(timer) };
}
