import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';

/** A folder that is removed by `dispose`. */
export interface TempDir extends Disposable {
  readonly path: string;
}

export function tempDir(name = 'test'): TempDir {
  const path = mkdtempSync(join(tmpdir(), `bulkhead-${name}-`));
  // Retries, since processes that are ending may still write files.
  return {
    path,
    dispose: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
}
