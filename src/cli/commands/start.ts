import { showOf } from '../../config/show-state.js';
import { ControlClient } from '../../control-client/control-client.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import { restoredSentence } from '../../protocol/outputs.js';
import type { CliContext } from '../cli-context.js';
import { loadBroadcast } from '../load-broadcast.js';
import type { AddressOptions, ConfigOptions, JsonOptions } from '../options.js';

/** `bulkhead start`. */
export async function start(
  configFile: string | undefined,
  options: AddressOptions & ConfigOptions & JsonOptions,
  context: CliContext,
): Promise<number> {
  const config = await loadBroadcast(configFile, options, context);
  const client = await ControlClient.connect(options.address);
  try {
    const status = await client.startBroadcast(config, showOf(configFile, context.cwd));
    const { restored } = await client.outputs.list();
    if (options.json) context.stdout.json(status);
    else
      context.stdout.line(
        ...(restored.length === 0 ? [] : [restoredSentence(restored)]),
        'The broadcast is starting; "bulkhead status" shows its state.',
      );
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}
