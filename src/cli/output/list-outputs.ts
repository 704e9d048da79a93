import { rmSync } from 'node:fs';
import { showOf, showStateFile } from '../../config/show-state.js';
import { ControlClient } from '../../control-client/control-client.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { OutputList } from '../../protocol/outputs.js';
import type { CliContext } from '../cli-context.js';
import type { AddressOptions, JsonOptions } from '../options.js';
import { outputRows } from '../status-text.js';

/** `bulkhead output list`. */
export async function listOutputs(
  options: AddressOptions & JsonOptions,
  context: CliContext,
): Promise<number> {
  const client = await ControlClient.connect(options.address);
  try {
    print(await client.outputs.list(), options, context);
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

/** `bulkhead output reset`: on air where the show is on air there, and else in the file that is kept of it. */
export async function resetOutputs(
  configFile: string | undefined,
  options: AddressOptions & JsonOptions,
  context: CliContext,
): Promise<number> {
  const named = configFile === undefined ? undefined : existingShow(configFile, context.cwd);
  const client = await connectIfRunning(options.address, named !== undefined);
  try {
    const before = await client?.outputs.list();
    const isOnAir = client !== undefined && (await client.status()).state !== 'idle';
    if (client !== undefined && isOnAir && (named === undefined || named === before?.show)) {
      const list = await client.outputs.reset();
      if (options.json === true) context.stdout.json(list, 2);
      else context.stdout.line('The outputs are those of the configuration again.');
      return ExitCodes.ok;
    }
    if (named === undefined) {
      throw new BulkheadError(
        ErrorCodes.broadcastState,
        'no broadcast is on air whose outputs could be reset',
        {
          remedy: 'Name the configuration file: bulkhead output reset CONFIG.',
        },
      );
    }
    rmSync(showStateFile(named, options.address), { force: true });
    if (options.json === true) context.stdout.json({ show: named });
    else context.stdout.line(`What was changed on air is forgotten; ${named} starts as it is written.`);
    return ExitCodes.ok;
  } finally {
    client?.dispose();
  }
}

function existingShow(configFile: string, folder: string): string {
  try {
    return showOf(configFile, folder);
  } catch (error) {
    throw new BulkheadError(ErrorCodes.configNotFound, `no such configuration file: ${configFile}`, {
      cause: error,
    });
  }
}

async function connectIfRunning(address: string, mayBeMissing: boolean): Promise<ControlClient | undefined> {
  try {
    return await ControlClient.connect(address);
  } catch (error) {
    if (mayBeMissing && BulkheadError.from(error).code === ErrorCodes.coreNotRunning) return undefined;
    throw error;
  }
}

function print(list: OutputList, { json }: JsonOptions, { stdout }: CliContext): void {
  if (json === true) {
    stdout.json(list, 2);
    return;
  }
  if (list.outputs.length === 0) stdout.line('There are no outputs.');
  stdout.line(...outputRows(list.outputs, false));
  for (const { id, kind } of list.changes) stdout.line(`  changed on air: "${id}" ${kind}`);
}
