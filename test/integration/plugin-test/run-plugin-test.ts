import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const binary = fileURLToPath(new URL('../../../bin/bulkhead.cjs', import.meta.url));

export interface TestRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `bulkhead plugin test FOLDER`, as a CI runs it. */
export function runPluginTest(folder: string, ...args: readonly string[]): Promise<TestRun> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [binary, 'plugin', 'test', folder, ...args],
      { timeout: 60_000 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}
