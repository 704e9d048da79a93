import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { listenerCount } from '../../src/base/event.js';
import { setUnexpectedErrorHandler } from '../../src/base/unexpected-error.js';
import { QUICK_FFMPEG } from './ffmpeg.js';
import { PATIENCE } from './wait.js';

/**
 * Runs around every test file: everything that a test acquired must be released when it ends. Handles that Node
 * closes a moment later (a socket in its last state) get some time.
 */

/** Resources that Mocha, stdio and the runtime hold themselves. */
const IGNORED = new Set([
  'TTYWrap',
  'PipeWrap',
  'Immediate',
  'FSReqCallback',
  'FSReqPromise',
  'CloseReq',
  'TickObject',
]);
const GRACE_MS = 2000;
/** Most are closed within some turns of the loop; to look for the others all the time would keep a processor busy. */
const SPINNING_MS = 10;
/** Unit tests create their objects themselves, and can dispose of all. */
const UNIT_TEST = /[\\/]test[\\/]unit[\\/]/;

/**
 * Faults hit broadcasts with the oldest ffmpeg that is supported, which starts soonest: they start many. All other tests take what a
 * streamer would, the one on the PATH.
 */
const FAULT_TEST = /[\\/]test[\\/]faults[\\/]/;

/** The children of this process, of which those that have ended are forgotten at the next look. */
const spawned = new Set<ChildProcess>();
subscribe('child_process', (message) => {
  spawned.add((message as { readonly process: ChildProcess }).process);
});

/** As Node knows them: to look for them among all processes of the machine takes longer than most unit tests. */
function children(): ReadonlySet<ChildProcess> {
  for (const child of spawned) {
    // One that could not be started has no number.
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null)
      spawned.delete(child);
  }
  return spawned;
}

function resources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    if (!IGNORED.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

let before: Map<string, number>;
let childrenBefore: ReadonlySet<ChildProcess>;
let listenersBefore: number;

function leaks(test: Mocha.Test | undefined): string[] {
  const found: string[] = [];
  const listeners = listenerCount() - listenersBefore;
  if (listeners > 0 && UNIT_TEST.test(test?.file ?? '')) found.push(`${listeners} × listener of an event`);
  for (const [name, count] of resources()) {
    // Mocha's own timeout of the running hook is one Timeout.
    const extra = count - (before.get(name) ?? 0) - (name === 'Timeout' ? 1 : 0);
    if (extra > 0) found.push(`${extra} × ${name}`);
  }
  for (const child of children()) {
    if (!childrenBefore.has(child)) found.push(`child process ${child.pid} (${child.spawnargs.join(' ')})`);
  }
  return found;
}

/** Errors thrown by listeners during the test: the core would log them, but here they are failures. */
const unexpected: unknown[] = [];
setUnexpectedErrorHandler((error) => unexpected.push(error));

export const mochaHooks = {
  /** Before each file, where several run at a time. */
  beforeAll(this: Mocha.Context): void {
    const suites = this.test?.parent?.suites ?? [];
    if (suites.every(({ file }) => FAULT_TEST.test(file ?? ''))) process.env['FFMPEG_BIN'] ??= QUICK_FFMPEG;
    else if (process.env['FFMPEG_BIN'] === QUICK_FFMPEG) delete process.env['FFMPEG_BIN'];
  },
  beforeEach(this: Mocha.Context): void {
    const test = this.currentTest;
    test?.timeout(PATIENCE * test.timeout());
    before = resources();
    listenersBefore = listenerCount();
    childrenBefore = new Set(children());
  },
  async afterEach(this: Mocha.Context): Promise<void> {
    const [failure] = unexpected.splice(0);
    if (failure !== undefined) {
      throw new Error(`a listener failed in "${this.currentTest?.fullTitle()}"`, { cause: failure });
    }
    const endedMs = Date.now();
    let found = leaks(this.currentTest);
    while (found.length > 0 && Date.now() < endedMs + GRACE_MS) {
      const isSpinning = Date.now() < endedMs + SPINNING_MS;
      await new Promise((resolve) => (isSpinning ? setImmediate(resolve) : setTimeout(resolve, 10)));
      found = leaks(this.currentTest);
    }
    if (found.length > 0)
      throw new Error(`"${this.currentTest?.fullTitle()}" left behind: ${found.join(', ')}`);
  },
};
