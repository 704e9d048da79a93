import type { PartLogParams } from './lifecycle.js';

/** How a process marks the level of a line that it prints: as for systemd's journal. */
const MARKS = { error: '<3>', warn: '<4>', debug: '<7>' } as const;
const LEVELS: ReadonlyMap<string, MarkedLevel> = new Map(
  Object.entries(MARKS).map(([level, mark]) => [mark, level as MarkedLevel]),
);
const MARK_LENGTH = 3;

export type MarkedLevel = keyof typeof MARKS;

/** The text with each of its lines marked. */
export function markLines(level: MarkedLevel, text: string): string {
  return text.replaceAll(/^(?=.)/gm, MARKS[level]);
}

/** A printed line: without a mark it is `info`. */
export function readMark(line: string): PartLogParams {
  const level = LEVELS.get(line.slice(0, MARK_LENGTH));
  if (level !== undefined) return { level, message: line.slice(MARK_LENGTH) };
  return { level: 'info', message: line };
}
