import type {
  InputBoxOptions,
  OpenFileOptions,
  QuestionOptions,
  QuickPickItem,
  QuickPickOptions,
} from '@bulkhead/extension-api';
import { QUESTION_MS } from '../protocol/plugin-window.js';
import {
  type FileQuestion,
  MAX_ANSWER_CHARACTERS,
  type PickItem,
  type PickQuestion,
  type TextQuestion,
} from '../protocol/questions.js';

// Reads what plugins pass to the questions of `window`. As in VS Code, options that are not known are ignored; those of another type are
// refused where the plugin makes the mistake. The core checks all of it again.

interface Asked {
  readonly message: string;
  readonly timeoutMs?: number;
}

/** What is wrong with a text; undefined if nothing is. */
export type CheckInput = (text: string) => Promise<string | undefined>;

export function readInputOptions(options: InputBoxOptions = {}): Asked & { text: TextQuestion } {
  const { password, minLength, maxLength } = options;
  const placeHolder = textOf(options, 'placeHolder');
  const value = password === true ? undefined : textOf(options, 'value');
  for (const [name, length] of Object.entries({ minLength, maxLength })) {
    if (length !== undefined && !(Number.isInteger(length) && length >= 0))
      throw new TypeError(`${name} is a number of characters`);
  }
  return {
    ...askedOf(
      options,
      [textOf(options, 'title'), textOf(options, 'prompt')],
      placeHolder ?? 'asks for a text',
    ),
    text: {
      ...(password === true && { password }),
      ...(placeHolder !== undefined && { placeHolder }),
      ...(value !== undefined && { value }),
      ...(minLength !== undefined && { minLength: Math.min(minLength, MAX_ANSWER_CHARACTERS) }),
      maxLength: Math.min(maxLength ?? MAX_ANSWER_CHARACTERS, MAX_ANSWER_CHARACTERS),
    },
  };
}

/**
 * What the plugin itself has to check of a text; undefined if nothing.
 *
 * @param report takes what `validateInput` throws
 */
export function checkOf(
  { pattern, patternErrorMessage, validateInput }: InputBoxOptions = {},
  report: (error: unknown) => void,
): CheckInput | undefined {
  if (pattern === undefined && validateInput === undefined) return undefined;
  const regExp = pattern === undefined ? undefined : withoutState(pattern);
  return async (text) => {
    if (regExp?.test(text) === false)
      return patternErrorMessage ?? `expected a text that matches ${regExp.source}`;
    try {
      const mistake = await validateInput?.(text);
      return mistake === undefined || mistake === null || mistake === '' ? undefined : String(mistake);
    } catch (error) {
      report(error);
      throw error;
    }
  };
}

/** The flags g and y would keep a place between calls. */
function withoutState(pattern: string | RegExp): RegExp {
  if (typeof pattern === 'string') return new RegExp(pattern, 'u');
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
}

export function readPickOptions(
  items: readonly (string | QuickPickItem)[],
  options: QuickPickOptions = {},
): Asked & { pick: PickQuestion } {
  if (!Array.isArray(items) || items.length === 0)
    throw new TypeError('expected a list of items to pick from');
  const lines = [textOf(options, 'title'), textOf(options, 'placeHolder')];
  return {
    ...askedOf(options, lines, 'asks you to pick'),
    pick: {
      items: items.map(itemOf),
      ...(options.canPickMany === true && { many: true }),
    },
  };
}

function itemOf(item: string | QuickPickItem, index: number): PickItem {
  if (typeof item === 'string') return { label: item };
  if (typeof item?.label !== 'string') {
    throw new TypeError(`an item to pick is a text, or has a label; number ${index + 1} does not`);
  }
  const description = textOf(item, 'description');
  const detail = textOf(item, 'detail');
  return {
    label: item.label,
    ...(description !== undefined && { description }),
    ...(detail !== undefined && { detail }),
    ...(item.picked === true && { picked: true }),
  };
}

export function readFileOptions(options: OpenFileOptions = {}): Asked & { question: FileQuestion } {
  const { filters = {}, canSelectMany } = options;
  return {
    ...askedOf(options, [textOf(options, 'title')], 'asks for a file'),
    question: {
      filters: Object.entries(filters).map(([name, extensions]) => {
        if (!Array.isArray(extensions) || extensions.some((one) => typeof one !== 'string' || one === ''))
          throw new TypeError(`the filter "${name}" is a list of ends of names, such as "png"`);
        return { name, extensions: extensions.map((one) => one.replace(/^\*?\./, '').toLowerCase()) };
      }),
      ...(canSelectMany === true && { many: true }),
    },
  };
}

function askedOf(
  { timeoutMs }: QuestionOptions,
  lines: readonly (string | undefined)[],
  otherwise: string,
): Asked {
  const given = lines.filter((line) => line !== undefined && line.trim() !== '');
  if (timeoutMs !== undefined && !(timeoutMs > 0))
    throw new TypeError('timeoutMs is a number of milliseconds above 0');
  return {
    message: given.length === 0 ? otherwise : given.join('\n'),
    ...(timeoutMs !== undefined && { timeoutMs: Math.min(Math.max(timeoutMs, 1), QUESTION_MS) }),
  };
}

function textOf<T extends object>(options: T, name: keyof T & string): string | undefined {
  const value: unknown = options[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new TypeError(`${name} is text`);
}
