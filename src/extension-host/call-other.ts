import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { asThrown } from '../rpc/thrown-by-plugin.js';
import type { PluginScope } from './plugin-scope.js';
import { requireJson } from './require-json.js';

/** The core enforces the deadline of an activation, at the plugin itself; this one is for a core that hangs, ms. */
export const CORE_DEADLINE_MS = 120_000;
/** That of a call does not run while the plugin that is called waits for the streamer. */
export const NO_DEADLINE = { deadlineMs: Number.POSITIVE_INFINITY };

/**
 * Calls a function of another plugin by the core. The plugin's own are called in the same way, so that arguments and errors behave the
 * same everywhere.
 *
 * @param what as in `the command "chat.say"`
 * @throws what the function throws; `rpc.unencodable` or `rpc.tooLarge` if the arguments cannot be sent
 */
export async function callOther(
  scope: PluginScope,
  what: string,
  args: readonly unknown[],
  send: () => Promise<unknown>,
): Promise<unknown> {
  scope.checkActive();
  try {
    requireJson(args, 'args');
    return await send();
  } catch (error) {
    const { code, message, remedy } = BulkheadError.from(error);
    if (code !== ErrorCodes.rpcUnencodable && code !== ErrorCodes.rpcTooLarge) throw asThrown(error);
    throw new BulkheadError(code, `${what} was not run: ${message}`, {
      ...{ where: scope.id, remedy },
      cause: error,
    });
  }
}
