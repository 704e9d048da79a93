import { Writable } from 'node:stream';
import { printable } from '../base/printable.js';

/** Asks on standard error for a line that is not shown as it is typed. Resolves to undefined after an interrupt. */
export async function askSecretOnTerminal(question: string): Promise<string | undefined> {
  const { createInterface } = await import('node:readline/promises');
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: hidden, terminal: true, historySize: 0 });
  const interrupted = new AbortController();
  terminal.once('SIGINT', () => interrupted.abort());
  terminal.once('close', () => interrupted.abort());
  process.stderr.write(printable(question));
  try {
    return await terminal.question('', { signal: interrupted.signal });
  } catch {
    return undefined;
  } finally {
    process.stderr.write('\n');
    terminal.close();
  }
}
