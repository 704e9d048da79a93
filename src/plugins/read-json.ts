import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { BulkheadError } from '../protocol/errors.js';
import { pluginInvalid } from './plugin-error.js';

/**
 * The text of a small file in a plugin's folder; undefined if there is none.
 *
 * @throws `plugin.invalid` if it is larger, or no file that can be read
 */
export function readSmallFile(file: string, maxBytes: number): string | undefined {
  let descriptor: number;
  try {
    // Non-blocking, since a named pipe without a writer would block the process forever.
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw pluginInvalid(file, `cannot be read: ${code ?? String(error)}`);
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw pluginInvalid(file, 'expected a file');
    if (stats.size > maxBytes)
      throw pluginInvalid(file, `expected at most ${maxBytes} bytes, got ${stats.size}`);
    const buffer = Buffer.alloc(maxBytes);
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, maxBytes, 0)).replace(/^\uFEFF/, '');
  } catch (error) {
    if (error instanceof BulkheadError) throw error;
    throw pluginInvalid(file, `cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  } finally {
    closeSync(descriptor);
  }
}
