import { fencedBlocks } from './markdown.js';

/** What a reader of a document does: types a command into one of several terminals, ends what runs there, writes a file. */
export type Step =
  | {
      readonly kind: 'command';
      readonly terminal: number;
      readonly command: string;
      /** Lines that the document shows below it; `…` stands for any text, and alone for any lines. */
      readonly output: readonly string[];
      /** The command is to fail. */
      readonly fails: boolean;
      readonly line: number;
    }
  | { readonly kind: 'interrupt'; readonly terminal: number; readonly line: number }
  | {
      readonly kind: 'output';
      readonly terminal: number;
      readonly output: readonly string[];
      readonly line: number;
    }
  | { readonly kind: 'file'; readonly path: string; readonly text: string; readonly line: number };

/** Languages of blocks that hold commands, and must be run. */
const SHELLS = new Set(['sh', 'bash', 'shell', 'zsh']);

/**
 * Reads the steps of a Markdown document.
 *
 * A block ```` ```console ```` holds commands after `$ ` and what they print; `terminal=2` behind it is another terminal,
 * where `^C` ends what runs, and a block without a command shows what has been printed since; `fails` says that the
 * commands fail. A block with `title="PATH"` is what the file is to hold. Other blocks are for reading alone.
 *
 * @throws when there are commands that nobody would run.
 */
export function readSteps(markdown: string): Step[] {
  const steps: Step[] = [];
  for (const { info, body, line } of fencedBlocks(markdown)) {
    const [language = ''] = info.split(' ');
    const [, path] = /title="([^"]+)"/.exec(info) ?? [];
    if (SHELLS.has(language)) throw new Error(`line ${line}: commands belong into a block "console"`);
    if (language === 'console') steps.push(...readConsole(body, info, line));
    else if (path !== undefined) steps.push({ kind: 'file', path, text: `${body.join('\n')}\n`, line });
  }
  return steps;
}

function readConsole(body: readonly string[], info: string, firstLine: number): Step[] {
  const terminal = Number(/terminal=(\d+)/.exec(info)?.[1] ?? 1);
  const fails = / fails\b/.test(info);
  const steps: Step[] = [];
  let output: string[] = [];
  for (const [index, text] of body.entries()) {
    const line = firstLine + index + 1;
    if (text.startsWith('$ ')) {
      output = [];
      steps.push({ kind: 'command', terminal, command: text.slice(2), output, fails, line });
    } else if (text === '^C') {
      steps.push({ kind: 'interrupt', terminal, line });
    } else {
      if (steps.length === 0) steps.push({ kind: 'output', terminal, output, line });
      output.push(text);
    }
  }
  return steps;
}

/** What prints as the document shows it. `…` stands for any text, alone in a line for any lines. */
export function patternOf(output: readonly string[]): string {
  return output
    .map((line) =>
      line.trim() === '…'
        ? '(?:.*\\n)*?'
        : `${line
            .trimEnd()
            .split('…')
            .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
            .join('.*')}[ \\t]*\\n`,
    )
    .join('');
}
