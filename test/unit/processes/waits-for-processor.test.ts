import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stateIn, waitsForProcessor } from '../../../src/core/processes/waits-for-processor.js';
import { eventually } from '../../support/wait.js';

describe('a process that waits for the processor', () => {
  it('is read from its state, whatever its name', () => {
    assert.equal(stateIn('12 (node) S 1 2 3'), 'S');
    assert.equal(stateIn('12 (a ) R (b) T 1 2 3'), 'T');
    assert.equal(stateIn('12 node'), undefined);
    assert.equal(stateIn(''), undefined);
  });

  it('is one that computes, not one that sleeps, is stopped or is gone', async function () {
    if (process.platform !== 'linux') this.skip();
    const busy = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    const idle = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
    const [busyPid = 0, idlePid = 0] = [busy.pid, idle.pid];
    try {
      await eventually('one that computes', () => waitsForProcessor(busyPid) || undefined);
      await eventually('one that sleeps', () => !waitsForProcessor(idlePid) || undefined);
      busy.kill('SIGSTOP');
      await eventually('one that is stopped', () => !waitsForProcessor(busyPid) || undefined);
    } finally {
      for (const child of [busy, idle]) {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }
    }
    assert.equal(waitsForProcessor(busyPid), false);
    assert.equal(waitsForProcessor(0), false);
  });
});
