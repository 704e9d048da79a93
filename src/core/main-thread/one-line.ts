import * as z from 'zod';

/** What of a text is shown on one line: cut off, and without what a terminal would obey. */
export function toOneLine(text: string, maxCharacters: number): string {
  return text
    .slice(0, maxCharacters)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
}

/** Text that is shown on one line. */
export const oneLine = (maxCharacters: number) =>
  z.string().transform((text) => toOneLine(text, maxCharacters));

/** The same, and not empty. */
export const oneLineOfText = (maxCharacters: number) =>
  oneLine(maxCharacters).refine((text) => text !== '', 'expected text');
