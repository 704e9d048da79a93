import { pathToFileURL } from 'node:url';
import { importModule } from '../../base/import-module.js';
import type { CliContext } from '../cli-context.js';
import { coreArguments } from '../core-process.js';
import type { AddressOptions, LogOptions } from '../options.js';

/**
 * `bulkhead core`: this process becomes a core, so that it has the core's pid and receives its signals.
 */
export async function core(options: AddressOptions & LogOptions, { corePath }: CliContext): Promise<void> {
  const { address, logLevel, logFile } = options;
  process.argv = [
    process.execPath,
    corePath,
    ...coreArguments({ address, mode: 'attach', logLevel, logFile }),
  ];
  await importModule(pathToFileURL(corePath).href);
}
