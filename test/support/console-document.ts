import { fencedBlocks } from './markdown.js';

/** A step of a document's reader: type a command into one of several terminals, end its program, or write a file. */
export type Step =
  | {
      readonly kind: 'command';
      readonly terminal: number;
      readonly command: string;
      /** The output shown in the document; `…` stands for any text, and alone for any lines. */
      readonly output: readonly string[];
      /** The command must fail. */
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

/** Languages of blocks with commands that must be run. */
const SHELLS = new Set(['sh', 'bash', 'shell', 'zsh']);

/**
 * Reads the steps of a Markdown document.
 *
 * A block ```` ```console ```` contains commands after `$ ` and their output; `terminal=2` behind it is another terminal,
 * where `^C` ends the running command, and a block without a command shows later output; `fails` says that the commands
 * fail. A block with `title="PATH"` is the content of the file. Other blocks are ignored.
 *
 * @throws if there are commands that would not be run.
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

/** Matches the output shown in the document. `…` stands for any text, alone on a line for any lines. */
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
