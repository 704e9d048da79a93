import { noSuchSecret } from '../../../plugins/library/stored-records.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { ExitCodes } from '../../../protocol/exit-codes.js';
import { MAX_SECRET_CHARACTERS, type PluginSecret } from '../../../protocol/plugin-details.js';
import type { CliContext } from '../../cli-context.js';
import type { AddressOptions, JsonOptions } from '../../options.js';
import { green, type Styled, styled, yellow } from '../../terminal/styled.js';
import { withPlugins } from '../with-plugins.js';

type Common = AddressOptions & JsonOptions;

/** `bulkhead plugin secret list`. */
export async function listSecrets(
  plugin: string | undefined,
  { address, json }: Common,
  { stdout, stderr }: CliContext,
): Promise<number> {
  const secrets = await withPlugins(address, stderr, async (plugins, records) => {
    const ids = plugin === undefined ? (await plugins.list()).plugins.map(({ id }) => id) : [plugin];
    const found: ({ readonly plugin: string } & PluginSecret)[] = [];
    for (const id of new Set(ids)) {
      const { secrets: own } = await records.details({ id });
      found.push(...own.map((secret) => ({ plugin: id, ...secret })));
    }
    return found;
  });
  if (json === true) stdout.json({ secrets }, 2);
  else if (secrets.length === 0)
    stdout.line(plugin === undefined ? 'No plugin has secrets.' : 'It has none.');
  else for (const secret of secrets) stdout.line(styled`${secret.plugin} ${secretLine(secret)}`);
  return ExitCodes.ok;
}

/** `apiKey is set`. */
export function secretLine({ key, isSet, isDeclared }: PluginSecret): Styled {
  const state = isSet ? green('is set') : yellow('is not set');
  return styled`${key} ${state}${isDeclared ? '' : ' (stored by the plugin itself)'}`;
}

/** `bulkhead plugin secret set`. */
export async function setSecret(
  id: string,
  key: string,
  { address, json }: Common,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr } = context;
  const isStored = await withPlugins(address, stderr, async (_plugins, records) => {
    // Before it is asked for: the name may be wrong.
    const { secrets } = await records.details({ id });
    if (!secrets.some((secret) => secret.key === key && secret.isDeclared))
      throw noSuchSecret(id, key, secrets);
    const value = await readSecret(id, key, context);
    if (value === undefined) return false;
    await records.setSecret({ id, key, value });
    return true;
  });
  if (!isStored) return ExitCodes.interrupted;
  if (json === true) stdout.json({ plugin: id, key, isSet: true }, 2);
  else stdout.line(`The secret "${key}" of ${id} is set.`);
  return ExitCodes.ok;
}

/** `bulkhead plugin secret delete`. */
export async function deleteSecret(
  id: string,
  key: string,
  { address, json }: Common,
  { stdout, stderr }: CliContext,
): Promise<number> {
  await withPlugins(address, stderr, (_plugins, records) => records.setSecret({ id, key, value: null }));
  if (json === true) stdout.json({ plugin: id, key, isSet: false }, 2);
  else stdout.line(`The secret "${key}" of ${id} is deleted.`);
  return ExitCodes.ok;
}

/** @returns undefined after an interrupt */
async function readSecret(
  id: string,
  key: string,
  { askHidden, readInput }: CliContext,
): Promise<string | undefined> {
  const given =
    askHidden === undefined
      ? ((await readInput?.(4 * MAX_SECRET_CHARACTERS)) ?? '')
      : await askHidden(`${key} of ${id} (not shown): `);
  if (given === undefined) return undefined;
  const value = given.replace(/^\uFEFF/, '').replace(/\r?\n$/, '');
  if (value.trim() === '') {
    throw new BulkheadError(ErrorCodes.secretNotFound, `there is no value for the secret "${key}"`, {
      where: id,
      remedy: `Enter it when asked, or put it on standard input: bulkhead plugin secret set ${id} ${key} < FILE`,
    });
  }
  if (value.length > MAX_SECRET_CHARACTERS) {
    throw new BulkheadError(
      ErrorCodes.configInvalid,
      `expected a secret of at most ${MAX_SECRET_CHARACTERS} characters, got ${value.length}`,
      { where: `${id} ${key}` },
    );
  }
  return value;
}
