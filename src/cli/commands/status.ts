import { ControlClient } from '../../control-client/control-client.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import { colorsFor } from '../colors.js';
import type { AddressOptions, JsonOptions } from '../options.js';
import { statusReport } from '../status-text.js';

/** `bulkhead status`. */
export async function status(
  options: AddressOptions & JsonOptions,
  { stdout, env }: CliContext,
): Promise<number> {
  const client = await ControlClient.connect(options.address);
  try {
    const current = await client.status();
    const text = options.json
      ? JSON.stringify(current, null, 2)
      : statusReport(current, colorsFor(stdout, env)).join('\n');
    stdout.write(`${text}\n`);
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}
