import { sep } from 'node:path';
import { pathToFileURL } from 'node:url';

const FRAME = /^\s+at /;

/** A stack without the frames that `isOwn` names, and without Node's: those of no use to the author of a plugin. */
export function foldStack(stack: string, isOwn: (frame: string) => boolean): string {
  return stack
    .split('\n')
    .filter((line) => !FRAME.test(line) || !(line.includes('node:internal') || isOwn(line)))
    .join('\n');
}

/** The innermost frame in a folder, as `at run (/folder/src/a.ts:3:5)`; of an installed package only if there is no other. */
export function frameIn(stack: string, folder: string): string | undefined {
  const frames = stack.split('\n').filter((line) => FRAME.test(line) && mentions(line, folder));
  return (frames.find((frame) => !frame.includes('node_modules')) ?? frames[0])?.trim();
}

/** Whether a stack or a module's URL contains a file in the folder. */
export function mentions(text: string, folder: string): boolean {
  return text.includes(folder + sep) || text.includes(`${pathToFileURL(folder).href}/`);
}

/** A stack with those of the error's causes, for a log. A cause that says the same only carried the error. */
export function stackWithCauses(error: Error, causesLeft = 8): string {
  const { cause, stack = `${error.name}: ${error.message}` } = error;
  if (!(cause instanceof Error) || cause.message === error.message || causesLeft === 0) return stack;
  return `${stack}\nCaused by: ${stackWithCauses(cause, causesLeft - 1)}`;
}
