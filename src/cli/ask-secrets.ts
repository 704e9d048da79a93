import type { BroadcastConfig, OutputConfig } from '../config/schema.js';
import { ASKED_SECRET } from '../config/secret-references.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { OUTPUT_SECRETS } from '../protocol/outputs.js';
import type { CliContext } from './cli-context.js';

/** What was typed in, by the setting, for as long as this command runs: the configuration is read again when it is edited. */
const typed = new Map<string, string>();

/**
 * The configuration with what is typed in for `"key": "ask"`, and the like of `password` and `passphrase`.
 *
 * @param askHidden asks; without it, what was typed in before counts
 * @throws BulkheadError `config.secretNotFound` without a terminal, and where nothing is entered
 */
export async function withAskedSecrets(
  config: BroadcastConfig,
  askHidden: CliContext['askHidden'],
): Promise<BroadcastConfig> {
  const outputs: OutputConfig[] = [];
  for (const output of config.outputs) outputs.push(await asked(output, askHidden));
  return { ...config, outputs };
}

async function asked(output: OutputConfig, askHidden: CliContext['askHidden']): Promise<OutputConfig> {
  const given: Record<string, string> = {};
  for (const name of OUTPUT_SECRETS) {
    if (output[name] === ASKED_SECRET) given[name] = await typedIn(output.id, name, askHidden);
  }
  return Object.keys(given).length === 0 ? output : ({ ...output, ...given } as OutputConfig);
}

async function typedIn(id: string, name: string, askHidden: CliContext['askHidden']): Promise<string> {
  const setting = `outputs.${id}.${name}`;
  const known = typed.get(setting);
  if (known !== undefined) return known;
  if (askHidden === undefined) {
    throw notTyped(
      `the ${name} of the output "${id}" is to be typed in, and there is no terminal to ask at`,
      setting,
    );
  }
  const value = (await askHidden(`${name} of the output ${id} (not shown): `))?.trim() ?? '';
  if (value === '') throw notTyped(`nothing was entered for the ${name} of the output "${id}"`, setting);
  typed.set(setting, value);
  return value;
}

function notTyped(message: string, where: string): BulkheadError {
  return new BulkheadError(ErrorCodes.secretNotFound, message, {
    where,
    remedy:
      'Start it in a terminal and enter it, or use "keyring:NAME", "env:NAME" or "file:PATH" in place of "ask".',
  });
}
