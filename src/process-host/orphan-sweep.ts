// Ends what carries the mark that its argument gives; the guard of a core runs it (`core/processes/orphan-guard.ts`).
import { setPriority } from 'node:os';
import { killMarked } from './run-mark.js';

const [, , mark] = process.argv;
// The broadcast may still be on air.
setPriority(10);
if (mark !== undefined && mark !== '') void killMarked(mark);
