import { oneLineOfText } from './one-line.js';

/** What a marker may be called: text on one line. What is longer is cut off. */
export const MarkerLabel = oneLineOfText(100);
