import { editSettings } from '../../config/edit-settings.js';
import { parseEncoderChange } from '../../config/encoder-change.js';
import { ControlClient } from '../../control-client/control-client.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import { ConfigurationFile } from '../configuration-file.js';
import type { AddressOptions, JsonOptions } from '../options.js';

export type SetEncoderOptions = AddressOptions & JsonOptions & { readonly save?: boolean };

/** `bulkhead encoder set`. The file is looked at before anything is changed, and edited, as it is then, when the change is on air. */
export async function setEncoder(
  assignments: readonly string[],
  { address, json, save }: SetEncoderOptions,
  { stdout, cwd }: CliContext,
): Promise<number> {
  const { change, settings } = parseEncoderChange(assignments, cwd);
  const edit = (text: string) => editSettings(text, settings);
  const client = await ControlClient.connect(address);
  try {
    const file = save === true ? ConfigurationFile.of((await client.outputs.list()).show) : undefined;
    file?.edited(edit);
    const now = await client.setEncoder(change);
    await file?.save(edit);
    if (json === true) {
      stdout.json({ ...now, ...(file === undefined ? {} : { saved: file.path }) }, 2);
      return ExitCodes.ok;
    }
    const changed = settings.map(({ path, value }) => `${path.join('.')} ${value}`).join(', ');
    const saved = file === undefined ? '' : ` Saved in ${file.path}.`;
    stdout.line(`The encoder goes on with ${changed}.${saved}`);
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}
