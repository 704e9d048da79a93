import { checkValue } from '../../base/check-value.js';
import { describeIssue } from '../../config/describe-issue.js';
import { type EntryEdit, editEntry } from '../../config/edit-entries.js';
import { OutputSchema } from '../../config/output-schema.js';
import { findKeyWarning, type KeyedOutput } from '../../config/platform-checks.js';
import { platformOf } from '../../config/platforms.js';
import { ControlClient } from '../../control-client/control-client.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { OutputManagement, OutputSecrets, OutputSettingsChange } from '../../protocol/outputs.js';
import type { OutputStatus } from '../../protocol/status/output-status.js';
import type { CliContext } from '../cli-context.js';
import { ConfigurationFile, wholeOutput } from '../configuration-file.js';
import type { AddressOptions, JsonOptions } from '../options.js';
import { givenSettings, type OutputOptions } from './secret-options.js';

type Common = AddressOptions & JsonOptions;
export type SaveOptions = Common & { readonly save?: boolean };

/** `bulkhead output add`. */
export async function addOutput(
  id: string,
  url: string | undefined,
  options: SaveOptions & OutputOptions,
  context: CliContext,
): Promise<number> {
  const { change, secrets } = await givenSettings(
    id,
    url === undefined ? options : { ...options, url },
    context,
  );
  const written = Object.fromEntries(Object.entries({ id, ...change }).filter(([, value]) => value !== null));
  const output = checkValue(OutputSchema, written, { reportInput: true });
  if (!output.success) {
    const [message = 'it is not valid'] = output.error.issues.flatMap((issue) =>
      describeIssue(issue, () => []),
    );
    throw new BulkheadError(ErrorCodes.configInvalid, message, { where: `outputs.${id}` });
  }
  tellOfKey(id, { ...output.data, key: secrets.key }, context);
  return changed(id, 'was added', options, context, {
    onAir: (outputs) => outputs.add({ output: output.data, secrets }),
    edit: (file) => wholeOutput(id, savedSettings(id, change, secrets, file)),
  });
}

/** `bulkhead output set`. */
export async function setOutput(
  id: string,
  options: SaveOptions & OutputOptions,
  context: CliContext,
): Promise<number> {
  const { change, secrets } = await givenSettings(id, options, context);
  if (Object.keys(change).length + Object.keys(secrets).length === 0) {
    throw new BulkheadError(ErrorCodes.configInvalid, 'nothing to change was given', {
      where: `outputs.${id}`,
      remedy:
        'Give --url, --platform, --key, --key-stdin, --backup, --backup-url, --backup-key, --username, --password, --passphrase, --listen, --tls-ca-file, --multitrack, --codecs, --bind-address, --catch-up-seconds, --delay, --video or --clean-feed.',
    });
  }
  if (change.platform) tellOfKey(id, { platform: change.platform, key: secrets.key }, context);
  return changed(id, 'was changed', options, context, {
    onAir: (outputs) => outputs.set({ id, change, secrets }),
    edit: (file) => ({
      kind: 'put',
      id,
      settings: { ...addressLeft(change), ...savedSettings(id, change, secrets, file) },
    }),
  });
}

/** `bulkhead output remove`. */
export function removeOutput(id: string, options: SaveOptions, context: CliContext): Promise<number> {
  return changed(id, 'was removed', options, context, {
    onAir: (outputs) => outputs.remove({ id }),
    edit: () => ({ kind: 'remove', id }),
  });
}

/** `bulkhead output stop` and `start`. */
export function switchOutput(
  id: string,
  what: 'stop' | 'start',
  options: Common,
  context: CliContext,
): Promise<number> {
  return changed(id, what === 'stop' ? 'was stopped' : 'was started', options, context, {
    onAir: (outputs) => outputs[what]({ id }),
  });
}

interface Change {
  readonly onAir: (outputs: OutputManagement) => Promise<OutputStatus>;
  /** @param file where a key is kept; none while it is only tried whether the file can be edited */
  readonly edit?: (file?: ConfigurationFile) => EntryEdit;
}

/** The file is looked at before anything is changed, and edited, as it is then, when the change is on air. */
async function changed(
  id: string,
  what: string,
  options: SaveOptions,
  { stdout }: CliContext,
  { onAir, edit }: Change,
): Promise<number> {
  const client = await ControlClient.connect(options.address);
  try {
    const file = options.save === true ? ConfigurationFile.of((await client.outputs.list()).show) : undefined;
    if (edit !== undefined) file?.edited((text) => editEntry(text, 'outputs', edit()));
    const status = await onAir(client.outputs);
    if (edit !== undefined) await file?.save((text) => editEntry(text, 'outputs', edit(file)));
    if (options.json === true) {
      stdout.json({ ...status, ...(file === undefined ? {} : { saved: file.path }) }, 2);
      return ExitCodes.ok;
    }
    const state = status.state === 'stopped' ? '' : `; it is ${status.state}`;
    stdout.line(`The output "${id}" ${what}${state}.${file === undefined ? '' : ` Saved in ${file.path}.`}`);
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

/** As far as this command has the key; what is wrong for certain, the core says. */
function tellOfKey(id: string, output: KeyedOutput, { stderr }: CliContext): void {
  const warning = findKeyWarning(output);
  if (warning !== undefined) stderr.line(`outputs.${id}.key: warning: ${warning}`);
}

/** With another platform that has an address, the former is not to stay in the file. */
function addressLeft({
  platform,
  url,
}: OutputSettingsChange): Pick<OutputSettingsChange, 'backupUrl' | 'backupKey'> & { readonly url?: null } {
  if (url !== undefined || platformOf(platform ?? undefined)?.url === undefined) return {};
  return { url: null, backupUrl: null, backupKey: null };
}

/** A key that came on standard input gets a file of its own: it never stands in the configuration. */
function savedSettings(
  id: string,
  change: OutputSettingsChange,
  { key }: OutputSecrets,
  file: ConfigurationFile | undefined,
): OutputSettingsChange {
  if (key === undefined || typeof change.key === 'string') return change;
  return { ...change, key: file === undefined ? 'file:key' : file.keepKey(id, key) };
}
