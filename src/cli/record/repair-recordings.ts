import { resolve } from 'node:path';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { RepairedFile } from '../../protocol/recorder.js';
import { repair } from '../../recorder/repair.js';
import type { CliContext } from '../cli-context.js';
import type { JsonOptions } from '../options.js';
import { formatError } from '../report-failure.js';
import { formatBytes, formatDuration } from '../status-text.js';

/** `bulkhead record repair`. */
export async function repairRecordings(
  path: string,
  { json }: JsonOptions,
  { cwd, stdout }: CliContext,
): Promise<number> {
  const files = await repair(resolve(cwd, path));
  if (json === true) stdout.json(files, 2);
  else if (files.length === 0) stdout.line('No recording was left unfinished there.');
  else stdout.line(...files.map(describe));
  return files.some(({ result }) => result === 'failed') ? ExitCodes.unavailable : ExitCodes.ok;
}

function describe({ path, result, recordedMs, cutBytes, error }: RepairedFile): string {
  switch (result) {
    case 'repaired': {
      const cut = cutBytes === 0 ? '' : `; ${formatBytes(cutBytes)} at its end were not whole and are gone`;
      return `${path}: repaired, ${formatDuration(recordedMs)}${cut}.`;
    }
    case 'complete':
      return `${path}: complete, ${formatDuration(recordedMs)}.`;
    case 'unusable':
      return `${path}: nothing in it can be played; it was left as it is.`;
    case 'failed':
      return `${path}: ${error === undefined ? 'failed' : formatError(error)}`;
  }
}
