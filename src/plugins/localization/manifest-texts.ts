import { join } from 'node:path';
import { DEFAULT_LANGUAGE, languagesFor } from '../../base/language.js';
import { printable, shorten } from '../../base/printable.js';
import { BulkheadError } from '../../protocol/errors.js';
import { MANIFEST_LIMITS } from '../manifest-bounds.js';
import { readSmallFile } from '../read-json.js';

/** Texts of a manifest by their keys. */
export type ManifestTexts = ReadonlyMap<string, string>;

/** Most characters of one text; what the manifest allows in its place is checked afterwards. */
const MOST_TEXT = 4000;
const MOST_TEXTS = 2000;

/** A file of texts in a plugin's folder. */
export interface TextsFile {
  /** `package.nls.zh-cn.json` */
  readonly name: string;
  readonly texts: ManifestTexts;
  /** What is wrong with it: what it holds that can't be used is left out. */
  readonly problem?: string;
}

export function textsFileName(language: string | undefined): string {
  return language === undefined ? 'package.nls.json' : `package.nls.${language}.json`;
}

/**
 * Reads a file of texts: an object whose values are texts, or objects with a `message` and a `comment` for translators.
 *
 * @returns undefined if there is no such file
 */
export function readTextsFile(folder: string, name: string): TextsFile | undefined {
  const wrong = (problem: string): TextsFile => ({ name, texts: new Map(), problem });
  let content: unknown;
  try {
    const text = readSmallFile(join(folder, name), MANIFEST_LIMITS.bytes);
    if (text === undefined) return undefined;
    content = JSON.parse(text);
  } catch (error) {
    return wrong(error instanceof BulkheadError ? error.message.replace(/^.*?: /, '') : 'expected JSON');
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return wrong('expected an object of texts by their keys');
  }
  const entries = Object.entries(content);
  if (entries.length > MOST_TEXTS)
    return wrong(`expected at most ${MOST_TEXTS} texts, got ${entries.length}`);
  const texts = new Map<string, string>();
  for (const [key, value] of entries) {
    const message: unknown =
      typeof value === 'string' ? value : (value as { message?: unknown } | null)?.message;
    if (typeof message === 'string') texts.set(key, printable(shorten(message, MOST_TEXT)));
  }
  if (texts.size === entries.length) return { name, texts };
  const [key = ''] = entries.find(([name]) => !texts.has(name)) ?? [];
  return { name, texts, problem: `"${key.slice(0, 100)}": expected text, or an object with "message"` };
}

/** The texts for a language, and those that take the place of what it lacks. */
export interface TextsFor {
  /** Absent for the default language, or where there are none for this one. */
  readonly translated?: TextsFile | undefined;
  readonly untranslated?: TextsFile | undefined;
}

export function readTextsFor(folder: string, language: string): TextsFor {
  let translated: TextsFile | undefined;
  for (const name of languagesFor(language)) {
    translated ??= readTextsFile(folder, textsFileName(name));
    // What follows in this list is farther from it than the default.
    if (name === DEFAULT_LANGUAGE) break;
  }
  return { translated, untranslated: readTextsFile(folder, textsFileName(undefined)) };
}
