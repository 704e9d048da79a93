import assert from 'node:assert/strict';
import { AheadLauncher } from '../../../src/core/processes/ahead-launcher.js';
import { launch } from '../../../src/core/processes/failed-launch.js';
import type { PartExit, PartInstance, PartLauncher } from '../../../src/core/processes/part-launcher.js';
import { PartSupervisor } from '../../../src/core/processes/part-supervisor.js';
import { ProcessLauncher } from '../../../src/core/processes/process-launcher.js';
import { FakeClock } from '../../support/fake-clock.js';
import { FakeLauncher } from './fake-launcher.js';

/** A launcher that throws until it is disabled. */
class Thrower implements PartLauncher {
  readonly role = 'extension-host';
  readonly isolated = true;
  readonly working = new FakeLauncher();
  failing = true;
  tries = 0;

  launch(): PartInstance {
    this.tries += 1;
    if (this.failing) throw new Error("ENOSPC: no space left on device, mkdtemp '/tmp/x'");
    return this.working.launch();
  }
}

async function ended(instance: PartInstance): Promise<{ exit: PartExit; log: string[] }> {
  const log: string[] = [];
  instance.onDidLog((line) => log.push(line));
  const exit = await new Promise<PartExit>((resolve) => instance.onDidExit(resolve));
  instance.dispose();
  return { exit, log };
}

describe('a launch that fails', () => {
  const why = "ENOSPC: no space left on device, mkdtemp '/tmp/x'";

  it('results in a part that has exited, whatever the launcher threw', async () => {
    const { exit, log } = await ended(launch(new Thrower()));
    assert.deepEqual(exit, {
      code: null,
      signal: null,
      why: `could not be started: ${why}`,
      notStarted: true,
    });
    assert.deepEqual(log, [why]);
  });

  it('has no process, and a channel that drops what is written and is closed with the exit', async () => {
    const part = launch(new Thrower());
    assert.equal(part.pid, 0);
    part.control.write('a request');
    assert.deepEqual([part.control.writableLength, part.control.destroyed], [0, false]);
    await new Promise((resolve) => part.onDidExit(resolve));
    assert.equal(part.control.destroyed, true);

    const disposed = launch(new Thrower());
    disposed.dispose();
    assert.equal(disposed.control.destroyed, true);
  });

  it('does so for a launch ahead of time as well', async () => {
    const launcher = new Thrower();
    const ahead = new AheadLauncher(launcher);
    assert.equal((await ended(ahead.launch())).exit.why, `could not be started: ${why}`);
    launcher.failing = false;
    assert.equal(ahead.launch(), launcher.working.last);
    launcher.working.last.dispose();
  });

  for (const [what, options, reason] of [
    ['that the system reports later', { workingFolder: '/nonexistent' }, /ENOENT/],
    ['that the system reports at once', { execArgv: ['x'.repeat(4_000_000)] }, /E2BIG/],
  ] as const) {
    it(`gives the reason ${what}`, async () => {
      const launcher = new ProcessLauncher('live-server', { entryPoint: '/bin/true', ...options });
      const { exit, log } = await ended(launcher.launch());
      assert.match(exit.why ?? '', reason);
      assert.match(log.join(), reason);
    });
  }

  it('is retried with growing delays until it succeeds; the error gives the reason', async () => {
    const clock = new FakeClock();
    const launcher = new Thrower();
    const supervisor = new PartSupervisor({
      launcher,
      logLevel: 'info',
      spare: false,
      random: () => 0,
      limits: { maxCrashes: 100 },
    });
    try {
      supervisor.start();
      await clock.pass(10_000);
      assert.equal(supervisor.state, 'starting');
      assert.equal(supervisor.error?.message, `The extension host could not be started: ${why}.`);
      assert.ok(launcher.tries > 3 && launcher.tries < 30, `${launcher.tries} tries`);
      launcher.failing = false;
      await clock.pass(60_000);
      assert.equal(supervisor.state, 'running');
      launcher.failing = true;
      launcher.working.last.crash();
      await clock.pass(1000);
      assert.equal(supervisor.state, 'restarting');
      launcher.failing = false;
      await clock.pass(60_000);
      assert.equal(supervisor.state, 'running');
    } finally {
      supervisor.dispose();
      await clock.pass(1000);
      clock.restore();
    }
  });
});
