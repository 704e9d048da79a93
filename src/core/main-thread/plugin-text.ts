import * as z from 'zod';
import { printable, printableLines, shorten } from '../../base/printable.js';

/** Text of a plugin as it is shown on one line, at most `max` characters of it. */
export const oneLine = (max: number) => z.string().transform((text) => toOneLine(text, max));

/** The same, and not empty. */
export const oneLineOfText = (max: number) => oneLine(max).refine((text) => text !== '', 'expected text');

/** Text of a plugin with its line breaks, at most `max` characters of it. */
export const manyLines = (max: number) => z.string().transform((text) => printableLines(shorten(text, max)));

export function toOneLine(text: string, max: number): string {
  return printable(shorten(text, max)).trim();
}

/** The label of a marker. */
export const MarkerLabel = oneLineOfText(100);
