import { ControlClient } from '../../control-client/control-client.js';
import type { DelayCut } from '../../protocol/delay.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import type { AddressOptions, JsonOptions } from '../options.js';

/** `bulkhead delay cut`. */
export async function cutDelay(
  seconds: number | undefined,
  { address, json }: AddressOptions & JsonOptions,
  { stdout }: CliContext,
): Promise<number> {
  const client = await ControlClient.connect(address);
  try {
    const cut = await client.outputs.cutDelay(seconds === undefined ? {} : { seconds });
    if (json === true) stdout.json(cut, 2);
    else stdout.line(...describeCut(cut));
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

/** What was removed, and where viewers have seen it. */
export function describeCut({ removed, undelayed }: DelayCut): string[] {
  const lines = [
    ...removed.map(({ id, removedMs, leftMs }) => {
      const left = `${inSeconds(leftMs)} of delay left`;
      return removedMs === 0
        ? `${id}: nothing to remove; ${left}`
        : `${id}: removed ${inSeconds(removedMs)}; ${left}`;
    }),
    ...undelayed.map((id) => `${id} has no delay: its viewers have seen it`),
  ];
  return lines.length === 0 ? ['No output is on air.'] : lines;
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
