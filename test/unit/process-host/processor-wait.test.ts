import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ProcessorWait } from '../../../src/process-host/processor-wait.js';
import { eventually } from '../../support/wait.js';

describe('the wait for the processor', () => {
  it('starves a process that waits for more than half of the time since it was asked last', () => {
    let [nowMs, waitedMs] = [1000, 40];
    const wait = new ProcessorWait(
      () => waitedMs,
      () => nowMs,
    );
    const starvedAfter = (ms: number, waiting: number) => {
      nowMs += ms;
      waitedMs += waiting;
      return wait.wasStarved();
    };
    assert.deepEqual(
      [starvedAfter(1000, 501), starvedAfter(1000, 499), starvedAfter(100, 90), starvedAfter(1000, 0)],
      [true, false, true, false],
    );
  });

  it('starves one of several that share a processor, not one that has its own or is stopped', async function () {
    if (process.platform !== 'linux') this.skip();
    const spin = () =>
      spawn('taskset', ['-c', '0', process.execPath, '-e', 'for (;;);'], { stdio: 'ignore' });
    const spinning = [spin(), spin(), spin(), spin()];
    try {
      const wait = ProcessorWait.of(spinning[0]?.pid ?? 0);
      await eventually('it is starved', async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        return wait.wasStarved() || undefined;
      });
      spinning[0]?.kill('SIGSTOP');
      await eventually('it is not, stopped', async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        return !wait.wasStarved() || undefined;
      });
      assert.equal(ProcessorWait.of(0).wasStarved(), false);
    } finally {
      for (const child of spinning) {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }
    }
  });
});
