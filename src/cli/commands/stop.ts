import { ControlClient } from '../../control-client/control-client.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import type { AddressOptions, JsonOptions } from '../options.js';
import { reportOf } from '../report/report.js';
import { isWorthShowing, reportText } from '../report/report-text.js';

/** `bulkhead stop`. */
export async function stop(
  options: AddressOptions & JsonOptions & { readonly core?: boolean },
  { stdout }: CliContext,
): Promise<number> {
  const client = await ControlClient.connect(options.address);
  try {
    const wasIdle = (await client.status()).state === 'idle';
    const status = await client.stopBroadcast();
    const kept = wasIdle || options.json ? undefined : await reportOf(client);
    if (options.core) await client.shutdownCore();
    const broadcast = wasIdle ? 'No broadcast was running' : 'The broadcast has ended';
    if (options.json) stdout.json(status);
    else {
      stdout.line(`${broadcast}${options.core ? '; the core has ended.' : '; the core keeps running.'}`);
      if (kept !== undefined && isWorthShowing(kept.report)) stdout.line(...reportText(kept));
    }
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}
