import assert from 'node:assert/strict';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { allGone, descendantsOf } from '../../support/children.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { writePlugin } from '../../support/plugins.js';
import { ModesOnAir, RUN_MODES } from '../../support/run-modes.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';

const PLUGIN = 'exports.activate = () => {};';

describe('the core is killed on air', function () {
  this.timeout(120_000);
  const folder = tempDir('core-loss');
  const modes = new ModesOnAir();
  let nginx: NginxRtmp;
  let args: readonly string[];

  before(async () => {
    writePlugin(folder.path, 'quiet', { type: 'cjs', source: PLUGIN });
    args = [writeConfig(folder.path, { plugins: ['quiet'] })];
    nginx = await startNginxRtmp();
  });

  afterEach(() => modes.end());

  after(async () => {
    await nginx?.stop();
    folder.dispose();
  });

  it('leaves no process behind, and the broadcast comes back by itself in spawn and hybrid mode', async () => {
    const owned = RUN_MODES.filter(({ name }) => name !== 'attach');
    await modes.goLive(nginx, owned, args);
    await modes.all(async (onAir) => {
      const { mode, run, until } = onAir;
      const before = await until('its plugin', ({ extensionHosts: [host] }) => host?.state === 'running');
      const children = descendantsOf(before.core.pid).map(({ pid }) => pid);
      assert(children.includes(before.encoder.ffmpegPid), `${mode.name}: ffmpeg is one of them`);
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
      assert.match(run.cli.stdout, /The core died \(SIGKILL\) and is started again\./);
      assert.equal(await run.cli.stop(), ExitCodes.ok, run.cli.stderr);
    });
  });

  it('leaves no process behind, and tells whoever is attached', async () => {
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
        /^bulkhead: the core at \S+ has gone, and the broadcast with it\. Start it/,
      );
    });
  });
});
