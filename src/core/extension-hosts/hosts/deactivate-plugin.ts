import * as z from '../../../base/zod.js';
import type { InstalledPlugin } from '../../../plugins/installed-plugin.js';
import { boundedList } from '../../../protocol/bounded.js';
import { BulkheadError } from '../../../protocol/errors.js';
import { DeactivatePluginRequest } from '../../../protocol/extension-host.js';
import type { RpcConnection } from '../../../rpc/rpc-connection.js';
import type { Log } from '../../log/log.js';

const Left = z.object({ left: boundedList(z.string().max(300), 1000) });

interface Deactivation {
  /** The plugin's own, enforced by its host, ms. */
  readonly deadlineMs: number;
  /** How much later the host itself counts as stuck, ms. */
  readonly slackMs: number;
  readonly log: Pick<Log, 'warn'>;
}

/** Deactivates a plugin, and logs what went wrong. Never rejects. */
export async function deactivatePlugin(
  connection: RpcConnection,
  { id, source }: Pick<InstalledPlugin, 'id' | 'source'>,
  { deadlineMs, slackMs, log }: Deactivation,
): Promise<void> {
  try {
    const result = await connection.sendRequest(
      DeactivatePluginRequest.type,
      { id, deadlineMs },
      { deadlineMs: deadlineMs + slackMs },
    );
    const { left } = Left.parse(result);
    if (source === 'development' && left.length > 0) {
      log.warn(`not in context.subscriptions: ${left.join(', ')}`, { plugin: id });
    }
  } catch (error) {
    log.warn(BulkheadError.from(error).message, { plugin: id });
  }
}
