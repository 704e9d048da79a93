import { ControlClient } from '../../control-client/control-client.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import type { AddressOptions, JsonOptions } from '../options.js';

/** `bulkhead stop`. */
export async function stop(
  options: AddressOptions & JsonOptions & { readonly core?: boolean },
  { stdout }: CliContext,
): Promise<number> {
  const client = await ControlClient.connect(options.address);
  try {
    const wasIdle = (await client.status()).state === 'idle';
    const status = await client.stopBroadcast();
    if (options.core) await client.shutdownCore();
    const broadcast = wasIdle ? 'No broadcast was running' : 'The broadcast has ended';
    if (options.json) stdout.json(status);
    else stdout.line(`${broadcast}${options.core ? '; the core has ended.' : '; the core keeps running.'}`);
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}
