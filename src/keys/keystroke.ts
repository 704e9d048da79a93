/**
 * A key with its modifiers, named as VS Code names them: `ctrl+shift+m`, `alt+f4`, `numpad5`.
 *
 *     key      ::= { modifier '+' } name
 *     modifier ::= 'ctrl' | 'shift' | 'alt' | 'cmd' | 'win' | 'meta'
 *     name     ::= one of KEY_NAMES
 *
 * `cmd`, `win` and `meta` are one key. There are no sequences of keys, such as `ctrl+k ctrl+c`.
 */

const MODIFIERS = ['ctrl', 'shift', 'alt', 'meta'] as const;
export type Modifier = (typeof MODIFIERS)[number];

const SYNONYMS: Readonly<Record<string, string>> = {
  cmd: 'meta',
  win: 'meta',
  control: 'ctrl',
  esc: 'escape',
};

const range = (prefix: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${prefix}${from + index}`);

/** Names of keys, apart from modifiers. */
export const KEY_NAMES: ReadonlySet<string> = new Set([
  ...'abcdefghijklmnopqrstuvwxyz0123456789',
  ..."`-=[]\\;',./",
  ...range('f', 1, 24),
  ...['left', 'up', 'right', 'down', 'pageup', 'pagedown', 'end', 'home'],
  ...['tab', 'enter', 'escape', 'space', 'backspace', 'delete', 'insert'],
  ...['pausebreak', 'capslock', 'numlock', 'scrolllock', 'printscreen'],
  ...range('numpad', 0, 9),
  ...['numpad_multiply', 'numpad_add', 'numpad_subtract', 'numpad_decimal', 'numpad_divide'],
]);

/** Most characters of a key with its modifiers, as written. */
export const MOST_KEY = 60;

export interface Keystroke {
  /** In the order of their names in `MODIFIERS`. */
  readonly modifiers: readonly Modifier[];
  /** One of {@link KEY_NAMES}. */
  readonly name: string;
}

/** @returns the key, or as text what is expected */
export function readKeystroke(text: string): Keystroke | string {
  const example = 'expected a key such as "ctrl+shift+m"';
  if (text.length > MOST_KEY) return `${example}, of at most ${MOST_KEY} characters`;
  const trimmed = text.trim();
  if (trimmed === '') return example;
  if (/\s/.test(trimmed)) return `${example} without spaces: sequences of keys are not supported`;
  const parts = trimmed
    .toLowerCase()
    .split('+')
    .map((part) => (Object.hasOwn(SYNONYMS, part) ? SYNONYMS[part] : part) ?? '');
  const name = parts.pop() ?? '';
  const isModifier = (part: string): part is Modifier => MODIFIERS.some((modifier) => modifier === part);
  const strange = parts.find((part) => !isModifier(part));
  if (strange !== undefined) return 'expected "ctrl", "shift", "alt" or "cmd" before a "+"';
  if (isModifier(name)) return 'expected a key after the modifiers';
  if (!KEY_NAMES.has(name)) return 'expected the name of a key after the modifiers, such as "m" or "f5"';
  if (new Set(parts).size < parts.length) return 'expected each modifier once';
  return { modifiers: MODIFIERS.filter((modifier) => parts.includes(modifier)), name };
}

/** What is wrong with a key as text; undefined if nothing is. */
export function findKeyProblem(text: string): string | undefined {
  const read = readKeystroke(text);
  return typeof read === 'string' ? read : undefined;
}

/** The key as it is always written: `Shift+CTRL+M` is `ctrl+shift+m`. @throws RangeError for what is no key */
export function canonicalKey(text: string): string {
  const read = readKeystroke(text);
  if (typeof read === 'string') throw new RangeError(read);
  return [...read.modifiers, read.name].join('+');
}

/** Whether a key may be heard of wherever the keyboard's input goes: what is used for typing may not. @param key canonical */
export function isGlobalKey(key: string): boolean {
  return /\b(ctrl|alt|meta)\+/.test(key) || /^(shift\+)?(f\d+|pausebreak|scrolllock|printscreen)$/.test(key);
}

/** As its users call it: `cmd+m` on macOS, `win+m` on Windows. @param key canonical */
export function displayKey(key: string, platform: NodeJS.Platform): string {
  const name = platform === 'darwin' ? 'cmd' : platform === 'win32' ? 'win' : 'meta';
  return key.replace(/\bmeta(?=\+)/, name);
}
