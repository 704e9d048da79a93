// Kills the processes with the mark given as its argument; run by the orphan guard of a core
// (`core/processes/orphan-guard.ts`).
import { setPriority } from 'node:os';
import { killMarked } from './run-mark.js';

const [, , mark] = process.argv;
// The broadcast may still be on air.
setPriority(10);
if (mark !== undefined && mark !== '') void killMarked(mark);
