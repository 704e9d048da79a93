// Kills the processes with the mark given as its argument, those that have not ended within the ms in the second one; run by the orphan guard of a core
// (`core/processes/orphan-guard.ts`).
import { setPriority } from 'node:os';
import { killMarked } from './run-mark.js';

const [, , mark, graceMs = '0'] = process.argv;
// The broadcast may still be on air.
setPriority(10);
if (mark !== undefined && mark !== '') void killMarked(mark, Number(graceMs));
