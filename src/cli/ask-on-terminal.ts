import { printable } from '../base/printable.js';

/**
 * Asks on standard error, since standard output is for the command's result. Resolves to undefined after an
 * interrupt.
 */
export async function askOnTerminal(question: string): Promise<string | undefined> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const interrupted = new AbortController();
  terminal.once('SIGINT', () => interrupted.abort());
  terminal.once('close', () => interrupted.abort());
  try {
    return await terminal.question(printable(question), { signal: interrupted.signal });
  } catch {
    process.stderr.write('\n');
    return undefined;
  } finally {
    terminal.close();
  }
}
