import { showOf } from '../../config/show-state.js';
import { ControlClient } from '../../control-client/control-client.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import { DEFAULT_SHOW } from '../../protocol/outputs.js';
import type { CliContext } from '../cli-context.js';
import { loadBroadcast } from '../load-broadcast.js';
import type { AddressOptions, ConfigOptions, JsonOptions } from '../options.js';

/** `bulkhead config apply`. */
export async function applyConfiguration(
  file: string,
  options: AddressOptions & ConfigOptions & JsonOptions,
  context: CliContext,
): Promise<number> {
  const { stdout, cwd } = context;
  const config = await loadBroadcast(file, options, context);
  const client = await ControlClient.connect(options.address);
  try {
    const { show, outputs } = await client.outputs.list();
    if (outputs.length > 0 && show !== showOf(file, cwd)) throw ofAnother(file, show);
    const { applied, needsRestart } = await client.reconfigureBroadcast(config);
    if (options.json === true) stdout.json({ applied, needsRestart }, 2);
    else {
      stdout.line(applied.length === 0 ? 'Nothing differs on air.' : `Applied: ${applied.join(', ')}.`);
      if (needsRestart.length > 0)
        stdout.line(`Applies when the broadcast is started again: ${needsRestart.join(', ')}.`);
    }
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

function ofAnother(file: string, show: string): BulkheadError {
  const message =
    show === DEFAULT_SHOW
      ? 'the broadcast was started without a configuration file'
      : `the broadcast was started with another configuration file: ${show}`;
  return new BulkheadError(ErrorCodes.configInvalid, message, {
    where: file,
    remedy: 'End it with "bulkhead stop", and start it with this one.',
  });
}
