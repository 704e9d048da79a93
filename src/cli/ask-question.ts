import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { type Answer, MAX_ANSWER_CHARACTERS, type OpenQuestion } from '../protocol/questions.js';
import type { CliContext } from './cli-context.js';
import { choices } from './question-text.js';

/**
 * What words answer a question, from an argument or the terminal: an action, an item and a file can be numbers, names and paths. Anything
 * else is refused by the core.
 */
export function answerOf(
  { actions, text, pick, file }: OpenQuestion,
  words: readonly string[],
  cwd: string,
): Answer {
  if (file !== undefined) return words.map((word) => resolve(cwd, word));
  if (pick !== undefined) return words.filter(Boolean).map((word) => placeOf(pick.items, word));
  if (words.length > 1) {
    const remedy = text === undefined ? undefined : 'Put the text into quotes.';
    throw new BulkheadError(ErrorCodes.configInvalid, `expected one answer, got ${words.length}`, { remedy });
  }
  const [word = ''] = words;
  return text !== undefined || actions.includes(word) ? word : (actions[Number(word) - 1] ?? word);
}

/** An item by its label, or else by its number from 1 on. */
function placeOf(items: readonly { readonly label: string }[], word: string): string | number {
  const isNumber = /^\d+$/.test(word) && !items.some(({ label }) => label === word);
  return isNumber ? Number(word) - 1 : word;
}

/** Asks once for the answer, at the terminal. @returns undefined after an interrupt */
export async function askForAnswer(
  question: OpenQuestion,
  { ask, askHidden, stderr, cwd }: CliContext,
): Promise<Answer | undefined> {
  const { text, pick, file } = question;
  if (text?.password === true) return askHidden?.('Answer, which is not shown: ');
  stderr.line(...choices(question));
  if (file?.many === true) {
    const paths: string[] = [];
    for (;;) {
      const path = await ask?.('A file; nothing after the last one: ');
      if (path === undefined) return undefined;
      if (path.trim() === '') return answerOf(question, paths, cwd);
      paths.push(withHome(path.trim()));
    }
  }
  const line = await ask?.(pick?.many === true ? 'Numbers, such as 1 3; nothing for none: ' : 'Answer: ');
  if (line === undefined) return undefined;
  if (text !== undefined) return line === '' ? (text.value ?? '') : line;
  if (file !== undefined) return answerOf(question, [withHome(line.trim())], cwd);
  if (pick?.many === true) return answerOf(question, line.split(/[\s,]+/).filter(Boolean), cwd);
  return answerOf(question, [line.trim()], cwd);
}

/** As shells do it for arguments. */
function withHome(path: string): string {
  return path.replace(/^~(?=$|[/\\])/, homedir());
}

/** The text on the first line of standard input. @throws `config.invalid` if there is none */
export async function textFromInput({ readInput }: CliContext): Promise<string> {
  const input = (await readInput?.(4 * MAX_ANSWER_CHARACTERS + 2)) ?? '';
  if (input !== '') return input.split(/\r?\n/, 1)[0] ?? '';
  throw new BulkheadError(ErrorCodes.configInvalid, 'there is no answer on standard input', {
    remedy: 'Put it on the first line, or run the command in a terminal.',
  });
}
