import * as z from 'zod';

/** Text that is shown on one line: cut off, and without what a terminal would obey. */
export const oneLine = (maxCharacters: number) =>
  z.string().transform((text) =>
    text
      .slice(0, maxCharacters)
      .replace(/\p{Cc}+/gu, ' ')
      .trim(),
  );

/** The same, and not empty. */
export const oneLineOfText = (maxCharacters: number) =>
  oneLine(maxCharacters).refine((text) => text !== '', 'expected text');
