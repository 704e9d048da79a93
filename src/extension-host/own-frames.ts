import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { foldStack } from '../base/stack-frames.js';

const HERE = fileURLToPath(import.meta.url);
/** The folder of the bundle that holds the host, which may be in parts; in the build for tests that of all modules. */
const OWN = (HERE.endsWith('own-frames.js') ? dirname(dirname(HERE)) : dirname(HERE)) + sep;
const MAX_CAUSES = 8;

/** Removes the frames of the host and of Node from the stack of what a plugin threw, and from those of its causes. */
export function foldOwnFrames(error: unknown, causesLeft = MAX_CAUSES): void {
  if (!(error instanceof Error)) return;
  try {
    if (error.stack !== undefined) error.stack = foldStack(error.stack, (frame) => frame.includes(OWN));
  } catch {
    // It is frozen.
  }
  if (causesLeft > 0) foldOwnFrames(error.cause, causesLeft - 1);
}
