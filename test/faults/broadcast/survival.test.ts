import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Status } from '../../../src/protocol/status/status.js';
import { allGone, descendantsOf } from '../../support/children.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { type LiveRun, RUN_MODES } from '../../support/run-modes.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const PLUGIN = join(process.cwd(), 'sample-plugins', 'stream-health');

for (const mode of RUN_MODES) {
  describe(`a broadcast in ${mode.name} mode`, function () {
    this.timeout(120_000);
    let folder: TempDir;
    let nginx: NginxRtmp;
    let run: LiveRun | undefined;
    let viewer: LiveViewer | undefined;

    beforeEach(async () => {
      folder = tempDir('survival');
      nginx = await startNginxRtmp();
    });
    afterEach(async () => {
      await viewer?.stop();
      await run?.end();
      await nginx.stop();
      folder.dispose();
      viewer = undefined;
      run = undefined;
    });

    it('keeps its session while its parts are killed, and ends in order', async () => {
      const url = nginx.url('live', 'key');
      run = await mode.goLive([writeConfig(folder.path), '--output', url, '--plugins', PLUGIN]);
      const { owner } = run;
      const start = await owner.until(
        'on air with its plugin',
        ({ state, extensionHosts }) => state === 'live' && extensionHosts[0]?.state === 'running',
      );
      assert.equal(start.encoder.isolated, mode.encoderIsolated);
      assert.equal(start.extensionHosts[0]?.isolated, mode.pluginsIsolated);
      assert.doesNotMatch(JSON.stringify(start), /live\/key/, 'the stream key is not shown');
      viewer = watchLive(url);
      await viewer.next(({ keyframe }) => keyframe);

      const viewed = viewer;
      const killEncoder = async (what: string, signal: NodeJS.Signals) => {
        const { encoder, timeline } = await owner.until(
          `both video encoders run before ${what}`,
          (status) => status.encoder.videoPid > 0 && status.encoder.heldVideoPid > 0,
        );
        process.kill(encoder.videoPid, signal);
        const after = await owner.until(
          // On a busy computer the one that was held may have been replaced by one with a faster preset.
          `a held one is at work after ${what}`,
          (status) => status.encoder.videoPid > 0 && status.encoder.videoPid !== encoder.videoPid,
        );
        assert.deepEqual(
          [after.encoder.epoch, after.timeline.splices],
          [encoder.epoch, timeline.splices],
          what,
        );
        await viewed.next(({ keyframe }) => keyframe);
      };
      const killAndRejoin = async (what: string, pid: (status: Status) => number, signal: NodeJS.Signals) => {
        const before = await owner.until(
          `the encoder runs before ${what}`,
          ({ encoder }) => encoder.videoPid > 0 && encoder.state === 'running',
        );
        process.kill(pid(before), signal);
        await owner.until(
          `a new epoch after ${what}`,
          ({ encoder, timeline }) =>
            encoder.epoch > before.encoder.epoch && timeline.splices > before.timeline.splices,
        );
        await viewed.next(({ keyframe }) => keyframe);
      };
      await killEncoder('kill -9 of the video encoder', 'SIGKILL');
      await killEncoder('SIGSTOP of the video encoder', 'SIGSTOP');
      if (mode.encoderIsolated) {
        await killAndRejoin('kill -9 of the encoder process', ({ encoder }) => encoder.pid, 'SIGKILL');
        await killAndRejoin('SIGSTOP of the encoder process', ({ encoder }) => encoder.pid, 'SIGSTOP');
      }
      if (mode.pluginsIsolated) {
        const [host] = (await owner.status()).extensionHosts;
        process.kill(host?.pid ?? 0, 'SIGKILL');
        await owner.until(
          'the plugin runs again',
          ({ extensionHosts: [now] }) => now?.state === 'running' && now.restarts === 1,
        );
      }

      await viewer.next(({ keyframe }) => keyframe);
      const end = await owner.status();
      assert.equal(end.outputs[0]?.sessions, 1, 'one session');
      assert.equal(end.core.pid, start.core.pid, 'one core');
      assert.ok(viewer.watching, 'the viewer has not been thrown out');
      assert.equal(viewer.report().backwards, 0, 'no timestamp goes back');

      const processes = descendantsOf(owner.pid).map(({ pid }) => pid);
      if (run.cli !== run.owner) {
        assert.equal(await run.cli.stop(), 0, 'Ctrl-C detaches');
        assert.equal((await owner.status()).state, 'live', 'the core streams on');
      }
      assert.equal(await owner.stop(), 0, 'Ctrl-C ends the broadcast');
      assert.deepEqual(await allGone(processes, 5000), [], 'no process is left');
    });
  });
}
