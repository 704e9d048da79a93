import { ASKED_SECRET, KEYRING_NAME } from '../../config/secret-references.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { askKeyring } from '../processes/ask-keyring.js';
import { type FileError, smallFiles } from './small-files.js';

/**
 * Resolves a reference to a secret: `env:NAME`, `file:PATH` (its first line), `keyring:NAME`, or the value itself.
 *
 * @param where the owner of the secret, e.g. `outputs.main`
 * @throws BulkheadError `config.secretNotFound` if the variable is not set or the file cannot be read, after 5 s at most; of the keyring,
 * after 20 s
 */
export async function resolveSecret(reference: string, where: string): Promise<string> {
  if (reference.startsWith('env:')) return fromEnvironment(reference.slice('env:'.length), where);
  if (reference.startsWith('file:')) return fromFile(reference.slice('file:'.length), where);
  if (reference.startsWith('keyring:')) return fromKeyring(reference.slice('keyring:'.length), where);
  if (reference !== ASKED_SECRET) return reference;
  throw new BulkheadError(ErrorCodes.secretNotFound, 'it is to be typed in when the broadcast is started', {
    where,
    remedy: '"bulkhead live" and "bulkhead start" ask for it, in a terminal.',
  });
}

async function fromKeyring(name: string, where: string): Promise<string> {
  const remedy = `Keep it there with: bulkhead key set ${name}`;
  if (!KEYRING_NAME.test(name)) {
    const message = 'expected a name of letters, digits, ".", "_", "@" and "-" after "keyring:"';
    throw new BulkheadError(ErrorCodes.configInvalid, message, { where });
  }
  const { value } = await askKeyring({ op: 'get', name }, where);
  if (value) return value;
  throw new BulkheadError(ErrorCodes.secretNotFound, `the keyring has no key "${name}" of Bulkhead`, {
    where,
    remedy,
  });
}

function fromEnvironment(name: string, where: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== '') return value;
  throw new BulkheadError(ErrorCodes.secretNotFound, `the environment variable ${name} is not set`, {
    where,
    remedy: `Set ${name} where the core is started, or use "file:PATH".`,
  });
}

async function fromFile(path: string, where: string): Promise<string> {
  let text: string;
  try {
    text = await smallFiles.read(path);
  } catch (error) {
    const { code, message } = error as FileError;
    throw new BulkheadError(
      ErrorCodes.secretNotFound,
      `cannot read ${path}: ${code === 'ETIMEDOUT' ? message : code}`,
      {
        where,
        remedy:
          code === 'ETIMEDOUT'
            ? 'Put the key into a file on this computer, or check why that folder does not respond.'
            : 'Put the key alone on the first line of that file, readable by you only.',
      },
    );
  }
  const value = (text.split('\n', 1)[0] ?? '').trim();
  if (value !== '') return value;
  throw new BulkheadError(ErrorCodes.secretNotFound, `${path} is empty`, {
    where,
    remedy: 'Put the key alone on its first line.',
  });
}
