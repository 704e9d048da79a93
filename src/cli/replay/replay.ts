import { ControlClient } from '../../control-client/control-client.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { ReplayManagement } from '../../protocol/replay.js';
import type { CliContext } from '../cli-context.js';
import type { AddressOptions, JsonOptions } from '../options.js';
import { replayRows } from '../status-text.js';

type Common = AddressOptions & JsonOptions;

export interface SaveOptions {
  readonly seconds?: number;
  readonly name?: string;
}

/** Of file names: the format says which it is. */
const EXTENSION = /\.(mkv|mp4)$/i;

/** `bulkhead replay start`. */
export function startReplay(
  { seconds, ...options }: Common & Pick<SaveOptions, 'seconds'>,
  context: CliContext,
): Promise<number> {
  return answered(
    options,
    context,
    (replays) => replays.startReplay({ seconds }),
    (status) => `The last ${status.seconds} s of the broadcast are kept from now on.`,
  );
}

/** `bulkhead replay stop`. */
export function stopReplay(options: Common, context: CliContext): Promise<number> {
  return answered(
    options,
    context,
    (replays) => replays.stopReplay(),
    () => 'The replay buffer is off.',
  );
}

/** `bulkhead replay save`. */
export function saveReplay(
  { seconds, name, ...options }: Common & SaveOptions,
  context: CliContext,
): Promise<number> {
  return answered(
    options,
    context,
    (replays) => replays.saveReplay({ seconds, name: name?.replace(EXTENSION, '') }),
    // Alone, for scripts.
    ({ path }) => path,
  );
}

/** `bulkhead replay status`. */
export async function showReplay({ address, json }: Common, { stdout }: CliContext): Promise<number> {
  const client = await ControlClient.connect(address);
  try {
    const status = await client.replays.replay();
    if (json === true) stdout.json(status, 2);
    else if (status === null) stdout.line('The replay buffer is off.');
    else stdout.line(...replayRows(status));
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

async function answered<T>(
  { address, json }: Common,
  { stdout }: CliContext,
  ask: (replays: ReplayManagement) => Promise<T>,
  sentence: (answer: T) => string,
): Promise<number> {
  const client = await ControlClient.connect(address);
  try {
    const answer = await ask(client.replays);
    if (json === true) stdout.json(answer, 2);
    else stdout.line(sentence(answer));
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}
