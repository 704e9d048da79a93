import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Where the text of a module for {@link runFresh} imports from: the folder of these tests. */
const HERE = fileURLToPath(new URL('.', import.meta.url));

/**
 * Runs a module in a process of its own, since what it tests is done once per process. It imports relative to this folder.
 *
 * @param source text of an ES module, which prints one JSON value
 * @param nodeArguments of the process
 * @returns that value
 */
export async function runFresh(source: string, nodeArguments: readonly string[] = []): Promise<unknown> {
  const args = [...nodeArguments, '--no-warnings', '--input-type=module', '--eval', source];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: HERE, timeout: 20_000 });
  return JSON.parse(stdout);
}
