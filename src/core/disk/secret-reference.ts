import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { type FileError, smallFiles } from './small-files.js';

/**
 * Resolves a reference to a secret: `env:NAME`, `file:PATH` (its first line), or the value itself.
 *
 * @param where the owner of the secret, e.g. `outputs.main`
 * @throws BulkheadError `config.secretNotFound` if the variable is not set or the file cannot be read, after 5 s at most
 */
export async function resolveSecret(reference: string, where: string): Promise<string> {
  if (reference.startsWith('env:')) return fromEnvironment(reference.slice('env:'.length), where);
  if (reference.startsWith('file:')) return fromFile(reference.slice('file:'.length), where);
  return reference;
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
