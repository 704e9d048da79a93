import { printable, printableLines, shorten } from '../../base/printable.js';
import * as z from '../../base/zod.js';

/** A plugin's text as shown on one line, shortened to `max` characters. */
export const oneLine = (max: number) => z.string().transform((text) => toOneLine(text, max));

/** The same, and not empty. */
export const oneLineOfText = (max: number) => oneLine(max).refine((text) => text !== '', 'expected text');

/** A plugin's text with its line breaks, shortened to `max` characters. */
export const manyLines = (max: number) => z.string().transform((text) => printableLines(shorten(text, max)));

export function toOneLine(text: string, max: number): string {
  return printable(shorten(text, max)).trim();
}

/** The label of a marker. */
export const MarkerLabel = oneLineOfText(100);
