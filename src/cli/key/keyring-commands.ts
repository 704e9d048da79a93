import { KEYRING_NAME } from '../../config/secret-references.js';
import { askKeyring } from '../../core/processes/ask-keyring.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import type { JsonOptions } from '../options.js';

const MAX_SECRET = 4096;

/** `bulkhead key set`. */
export async function setKey(name: string, { json }: JsonOptions, context: CliContext): Promise<number> {
  checkName(name);
  const value = await readKey(name, context);
  if (value === undefined) return ExitCodes.interrupted;
  await askKeyring({ op: 'set', name, value }, name);
  if (json) context.stdout.json({ name }, 2);
  else context.stdout.line(`It is in the keyring. Refer to it as "key": "keyring:${name}".`);
  return ExitCodes.ok;
}

/** `bulkhead key list`. */
export async function listKeys({ json }: JsonOptions, { stdout }: CliContext): Promise<number> {
  const { names = [] } = await askKeyring({ op: 'list' }, 'keyring');
  if (json) stdout.json({ names }, 2);
  else if (names.length === 0) stdout.line('The keyring has no key of Bulkhead.');
  else stdout.line(...names);
  return ExitCodes.ok;
}

/** `bulkhead key remove`. */
export async function removeKey(
  name: string,
  { json }: JsonOptions,
  { stdout }: CliContext,
): Promise<number> {
  checkName(name);
  const { removed } = await askKeyring({ op: 'remove', name }, name);
  if (removed !== true) {
    throw new BulkheadError(ErrorCodes.secretNotFound, `the keyring has no key "${name}" of Bulkhead`, {
      where: name,
      remedy: '"bulkhead key list" lists the names.',
    });
  }
  if (json) stdout.json({ name }, 2);
  else stdout.line(`The key "${name}" was removed from the keyring.`);
  return ExitCodes.ok;
}

function checkName(name: string): void {
  if (KEYRING_NAME.test(name)) return;
  throw new BulkheadError(
    ErrorCodes.configInvalid,
    'expected a name of letters, digits, ".", "_", "@" and "-", 100 at most',
    {
      where: name.slice(0, 100),
      remedy: 'Give a name for the key, not the key itself: bulkhead key set twitch',
    },
  );
}

/** @returns undefined after an interrupt */
async function readKey(name: string, { askHidden, readInput }: CliContext): Promise<string | undefined> {
  const given =
    askHidden === undefined
      ? ((await readInput?.(MAX_SECRET + 1)) ?? '')
      : await askHidden(`The key "${name}" (not shown): `);
  if (given === undefined) return undefined;
  const [line = ''] = given.replace(/^\uFEFF/, '').split('\n', 1);
  const value = line.trim();
  if (value === '') {
    throw new BulkheadError(ErrorCodes.secretNotFound, 'no key was entered', {
      where: name,
      remedy: `Enter it when asked, or put it on standard input: bulkhead key set ${name} < FILE`,
    });
  }
  if (value.length <= MAX_SECRET) return value;
  throw new BulkheadError(ErrorCodes.configInvalid, `expected a key of at most ${MAX_SECRET} characters`, {
    where: name,
  });
}
