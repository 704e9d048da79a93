import { loadConfig } from '../../config/load-config.js';
import { ControlClient } from '../../control-client/control-client.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import type { AddressOptions, ConfigOptions, JsonOptions } from '../options.js';
import { printWarnings } from '../print-warnings.js';

/** `bulkhead start`. */
export async function start(
  configFile: string | undefined,
  options: AddressOptions & ConfigOptions & JsonOptions,
  context: CliContext,
): Promise<number> {
  const flags = { input: options.input, outputs: options.output, plugins: options.plugins };
  const { config, warnings } = loadConfig(configFile, flags, context.cwd);
  printWarnings(warnings, context.stderr);
  const client = await ControlClient.connect(options.address);
  try {
    const status = await client.startBroadcast(config);
    context.stdout.write(
      options.json
        ? `${JSON.stringify(status)}\n`
        : 'The broadcast starts; "bulkhead status" shows how it does.\n',
    );
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}
