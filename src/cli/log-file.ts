import { join } from 'node:path';
import envPaths from 'env-paths';

/** Where the log of a core goes that `bulkhead live` has started. */
export function defaultLogFile(): string {
  return join(envPaths('bulkhead', { suffix: '' }).log, 'core.log');
}
