import { ControlClient } from '../control-client/control-client.js';
import { ExitCodes } from '../protocol/exit-codes.js';
import type { SavedParams } from '../protocol/scenes.js';
import type { CliContext } from './cli-context.js';
import { ConfigurationFile } from './configuration-file.js';
import type { AddressOptions, JsonOptions } from './options.js';

export type SaveOptions = AddressOptions & JsonOptions & { readonly save?: boolean };

/** A change of what is shown and heard, and of what is written of it. */
export interface OnAirEdit<List extends object> {
  /** Makes the change, and returns what there is then. */
  readonly ask: (client: ControlClient) => Promise<List>;
  /** Lines for people. */
  readonly lines: (list: List) => readonly string[];
  /** The entry that `--save` writes; nothing without it. */
  readonly saved?: SavedParams & {
    /** The text of the configuration with the entry as it is then. `now` is undefined before the change. */
    readonly edit: (text: string, now: List | undefined) => string;
  };
}

/**
 * Changes something that is on air, and with `--save` the configuration file. The file is looked at before anything is changed, and edited, as
 * it is then, when the change is on air.
 */
export async function editOnAir<List extends object>(
  { address, json, save }: SaveOptions,
  { stdout }: Pick<CliContext, 'stdout'>,
  { ask, lines, saved }: OnAirEdit<List>,
): Promise<number> {
  const client = await ControlClient.connect(address);
  try {
    const file = save === true ? ConfigurationFile.of((await client.outputs.list()).show) : undefined;
    file?.edited((text) => saved?.edit(text, undefined) ?? text);
    const list = await ask(client);
    if (file !== undefined && saved !== undefined) {
      await file.save((text) => saved.edit(text, list));
      await client.scenes.noteSaved({ list: saved.list, id: saved.id, canvas: saved.canvas });
    }
    if (json === true) stdout.json({ ...list, ...(file === undefined ? {} : { saved: file.path }) }, 2);
    else
      for (const line of lines(list))
        stdout.line(`${line}${file === undefined ? '' : ` Saved in ${file.path}.`}`);
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}
