import { ControlClient } from '../../control-client/control-client.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import type { AddressOptions, JsonOptions } from '../options.js';
import { statusReport } from '../status-text.js';

/** `bulkhead status`. */
export async function status(options: AddressOptions & JsonOptions, { stdout }: CliContext): Promise<number> {
  const client = await ControlClient.connect(options.address);
  try {
    const current = await client.status();
    if (options.json) stdout.json(current, 2);
    else stdout.line(...statusReport(current));
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}
