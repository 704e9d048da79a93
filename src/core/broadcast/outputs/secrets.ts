import { findKeyError } from '../../../config/platform-checks.js';
import type { OutputConfig } from '../../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { OUTPUT_SECRETS, type OutputSecrets } from '../../../protocol/outputs.js';
import { resolveSecret } from '../../disk/secret-reference.js';

/**
 * The output with the values that its secrets refer to: `env:NAME`, `file:PATH` (its first line), `keyring:NAME`, or the
 * value itself. Only the core calls this, and what it returns goes nowhere but to the live server.
 *
 * @param given values that take the place of references
 * @throws `config.invalid` for a key that cannot be the platform's, `config.secretNotFound` when the variable is not set or the file cannot be read, 5 s later at most
 */
export async function withSecrets(output: OutputConfig, given: OutputSecrets = {}): Promise<OutputConfig> {
  const where = `outputs.${output.id}`;
  const resolved = async (reference: string | undefined) =>
    reference === undefined ? undefined : resolveSecret(reference, where);
  const values = await Promise.all(
    OUTPUT_SECRETS.map(async (name) => [name, given[name] ?? (await resolved(output[name]))] as const),
  );
  const found = { ...output, ...Object.fromEntries(values.filter(([, value]) => value !== undefined)) };
  const problem = findKeyError(found);
  if (problem === undefined) return found;
  throw new BulkheadError(ErrorCodes.configInvalid, `key: ${problem}`, { where });
}
