import { writeFile } from 'node:fs/promises';
import { ControlClient } from '../../control-client/control-client.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { KeptReport } from '../../protocol/report.js';
import type { CliContext } from '../cli-context.js';
import type { BroadcastView } from '../live/broadcast-view.js';
import type { AddressOptions, JsonOptions } from '../options.js';
import { isWorthShowing, reportText } from './report-text.js';

/** `bulkhead report`: that of the last broadcast of a running core. */
export async function report(
  { address, json }: AddressOptions & JsonOptions,
  { stdout }: CliContext,
): Promise<number> {
  const client = await ControlClient.connect(address);
  try {
    const kept = await client.report();
    if (kept === null) {
      throw new BulkheadError(ErrorCodes.broadcastState, 'no broadcast of this core has ended yet', {
        remedy: 'It is there when a broadcast has ended; "bulkhead status" shows the figures until then.',
      });
    }
    if (json) stdout.json(kept.report, 2);
    else stdout.line(...reportText(kept));
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

/** What became of the broadcast that has just ended; undefined if the core does not say. */
export async function reportOf(client: ControlClient): Promise<KeptReport | undefined> {
  try {
    return (await client.report()) ?? undefined;
  } catch {
    return undefined;
  }
}

/**
 * Shows a report, and writes it.
 *
 * @param file where else than in the folder of reports
 * @throws BulkheadError `storage.failed` where it cannot be written
 */
export async function showReport(
  kept: KeptReport | undefined,
  view: BroadcastView,
  file: string | undefined,
): Promise<void> {
  if (kept === undefined) return;
  if (isWorthShowing(kept.report)) for (const line of reportText(kept)) view.print(line);
  if (file === undefined) return;
  try {
    await writeFile(file, `${JSON.stringify(kept.report, undefined, 2)}\n`);
  } catch (error) {
    throw new BulkheadError(
      ErrorCodes.storageFailed,
      `the report cannot be written to ${file}: ${(error as Error).message}`,
      { where: '--report', remedy: 'Name another file; "bulkhead report --json" prints it as well.' },
    );
  }
}
