import { readFileSync } from 'node:fs';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/**
 * The value that a reference in the configuration stands for: `env:NAME`, `file:PATH` (its first line), or the value
 * itself. Only the core calls this, and what it returns goes nowhere but to the live server.
 *
 * @throws `config.secretNotFound` when the variable is not set or the file cannot be read.
 */
export function resolveSecret(reference: string, where: string): string {
  if (reference.startsWith('env:')) {
    const name = reference.slice('env:'.length);
    const value = process.env[name];
    if (value === undefined || value === '') {
      throw new BulkheadError(ErrorCodes.secretNotFound, `the environment variable ${name} is not set`, {
        where,
        remedy: `Set ${name} where the core is started, or use "file:PATH".`,
      });
    }
    return value;
  }
  if (reference.startsWith('file:')) {
    const path = reference.slice('file:'.length);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      throw new BulkheadError(
        ErrorCodes.secretNotFound,
        `cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`,
        { where, remedy: 'Put the key alone on the first line of that file, readable by you only.' },
      );
    }
    const value = (text.split('\n', 1)[0] ?? '').trim();
    if (value === '') {
      throw new BulkheadError(ErrorCodes.secretNotFound, `${path} is empty`, {
        where,
        remedy: 'Put the key alone on its first line.',
      });
    }
    return value;
  }
  return reference;
}
