import { resolve } from 'node:path';
import { flightFolder, latestFlight, readFlight } from '../../core/flight/flight-file.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import type { JsonOptions } from '../options.js';
import { flightLines } from './flight-text.js';

export interface InspectOptions extends JsonOptions {
  readonly packets?: boolean;
}

/** `bulkhead inspect`. */
export async function inspect(
  file: string | undefined,
  { json, packets = false }: InspectOptions,
  { cwd, stdout }: Pick<CliContext, 'cwd' | 'stdout'>,
): Promise<number> {
  const path = file === undefined ? await latestFlight() : resolve(cwd, file);
  if (path === undefined) {
    throw new BulkheadError(ErrorCodes.configInvalid, `there is no flight record in ${flightFolder()}`, {
      remedy: 'One is written when something crashes on air.',
    });
  }
  const flight = await readFlight(path);
  if (json === true) {
    const { header, isCut } = flight;
    // The media itself is for programs that read the file.
    const entries = flight.entries.map(({ tag, ...entry }) =>
      entry.kind === 'packet' ? { ...entry, hasMedia: tag !== undefined } : entry,
    );
    stdout.json({ path, ...header, isCut, entries }, 2);
  } else stdout.line(path, ...flightLines(flight, packets));
  return ExitCodes.ok;
}
