import { Writable } from 'node:stream';
import { importModule } from '../base/import-module.js';
import { printable } from '../base/printable.js';

/**
 * Asks on standard error, since standard output is for the command's result. Resolves to undefined after an
 * interrupt.
 */
export function askOnTerminal(question: string): Promise<string | undefined> {
  return ask(question, process.stderr);
}

/** The same, for what must not be seen: nothing that is entered is shown. */
export async function askHidden(question: string): Promise<string | undefined> {
  // Readline shows what is entered, and not the terminal.
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const entered = await ask(question, unseen);
  if (entered !== undefined) process.stderr.write('\n');
  return entered;
}

async function ask(question: string, output: NodeJS.WritableStream): Promise<string | undefined> {
  const { createInterface } =
    await importModule<typeof import('node:readline/promises')>('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  const interrupted = new AbortController();
  terminal.once('SIGINT', () => interrupted.abort());
  terminal.once('close', () => interrupted.abort());
  try {
    if (output !== process.stderr) process.stderr.write(printable(question));
    return await terminal.question(printable(question), { signal: interrupted.signal });
  } catch {
    process.stderr.write('\n');
    return undefined;
  } finally {
    terminal.close();
  }
}
