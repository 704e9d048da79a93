import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFfmpeg } from '../../../src/encoder/ffmpeg-resolver.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { allGone, descendantsOf, runningProcesses } from '../../support/children.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { writePlugin } from '../../support/plugins.js';
import { ModesOnAir, RUN_MODES } from '../../support/run-modes.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';

const PLUGIN = 'exports.activate = () => {};';
/** Identifies what this run's ffmpeg leaves in its own session. */
const SLEEPS = `1000.${process.pid}`;

/** An ffmpeg that starts another process, which leaves its process group and its session. */
function writeFfmpeg(folder: string): string {
  const path = join(folder, 'ffmpeg');
  const script = `#!/bin/sh
setsid sleep ${SLEEPS} < /dev/null > /dev/null 2>&1 3>&- 4>&- &
exec '${findFfmpeg()}' "$@"
`;
  writeFileSync(path, script, { mode: 0o755 });
  return path;
}

function sleepers(): number[] {
  return runningProcesses()
    .filter(({ command }) => command === `sleep ${SLEEPS}`)
    .map(({ pid }) => pid);
}

describe('the core is killed on air', function () {
  this.timeout(120_000);
  const folder = tempDir('core-loss');
  const modes = new ModesOnAir();
  let nginx: NginxRtmp;
  let args: readonly string[];

  before(async () => {
    writePlugin(folder.path, 'quiet', { type: 'cjs', source: PLUGIN });
    args = [writeConfig(folder.path, { plugins: ['quiet'], ffmpeg: writeFfmpeg(folder.path) })];
    nginx = await startNginxRtmp();
  });

  afterEach(async () => {
    try {
      await modes.end();
    } finally {
      for (const pid of sleepers()) process.kill(pid, 'SIGKILL');
    }
  });

  after(async () => {
    await nginx?.stop();
    folder.dispose();
  });

  it('leaves no process behind, and the broadcast recovers in spawn and hybrid mode', async () => {
    const owned = RUN_MODES.filter(({ name }) => name !== 'attach');
    await modes.goLive(nginx, owned, args);
    await modes.all(async (onAir) => {
      const { mode, run, until } = onAir;
      const before = await until('its plugin', ({ extensionHosts: [host] }) => host?.state === 'running');
      const children = descendantsOf(before.core.pid).map(({ pid }) => pid);
      assert(children.includes(before.encoder.videoPid), `${mode.name}: ffmpeg is one of them`);
      const strays = children.filter((pid) => sleepers().includes(pid));
      assert(strays.length > 0, `${mode.name}: what ffmpeg has started is one of them`);
      process.kill(before.core.pid, 'SIGKILL');
      assert.deepEqual(await allGone([before.core.pid, ...children], 10_000), [], mode.name);

      const viewer = modes.watch(onAir);
      const after = await until(
        'on air again',
        ({ state, core }) => state === 'live' && core.pid !== before.core.pid,
      );
      await viewer.next(({ keyframe }) => keyframe);
      assert.equal(after.mode, before.mode);
      assert.deepEqual(
        [after.encoder.isolated, after.extensionHosts[0]?.isolated],
        [mode.encoderIsolated, mode.pluginsIsolated],
      );
      assert.match(run.cli.stdout, /The core died \(SIGKILL\); restarting it\./);
      assert.equal(await run.cli.stop(), ExitCodes.ok, run.cli.stderr);
    });
    assert.deepEqual(await allGone(sleepers(), 10_000), [], 'what ffmpeg has started');
  });

  it('leaves no process behind, which attached commands report', async () => {
    await modes.goLive(
      nginx,
      RUN_MODES.filter(({ name }) => name === 'attach'),
      args,
    );
    await modes.all(async ({ run, until }) => {
      const { core } = await until('its plugin', ({ extensionHosts: [host] }) => host?.state === 'running');
      const children = descendantsOf(core.pid).map(({ pid }) => pid);
      process.kill(core.pid, 'SIGKILL');
      assert.deepEqual(await allGone([core.pid, ...children], 10_000), []);
      assert.equal(await run.cli.exit(), ExitCodes.unavailable);
      assert.match(
        run.cli.stderr,
        /^bulkhead: the core at \S+ was lost, and the broadcast with it\. Start it/,
      );
    });
    assert.deepEqual(await allGone(sleepers(), 10_000), [], 'what ffmpeg has started');
  });
});
