import assert from 'node:assert/strict';
import { Bulkhead } from '../../support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';

/** Each right after the previous run has begun: the restarts of the encoder's process take longer and longer. */
const KILLS: readonly NodeJS.Signals[] = [
  'SIGKILL',
  'SIGKILL',
  'SIGKILL',
  'SIGSTOP',
  'SIGKILL',
  'SIGKILL',
  'SIGKILL',
];

describe('a live server that ends a session after two seconds of silence', function () {
  this.timeout(120_000);
  // nginx's two seconds and the slate's 0.7 s use the same clock: if other work stops the machine for the rest, a session is lost.
  this.retries(2);

  it("keeps its session while the encoder's process is repeatedly killed and stopped", async () => {
    const folder = tempDir('impatient');
    let nginx: NginxRtmp | undefined;
    let bulkhead: Bulkhead | undefined;
    let viewer: LiveViewer | undefined;
    try {
      nginx = await startNginxRtmp({ dropIdle: 2 });
      const url = nginx.url('live', 'key');
      bulkhead = new Bulkhead(['live', writeConfig(folder.path), '--output', url]);
      await bulkhead.until('on air', ({ state }) => state === 'live');
      viewer = watchLive(url);
      await viewer.next(({ keyframe }) => keyframe);
      for (const signal of KILLS) {
        const { encoder, timeline } = await bulkhead.until(
          'the encoder delivers',
          ({ encoder: { videoPid, state } }) => videoPid > 0 && state === 'running',
        );
        process.kill(encoder.pid, signal);
        await bulkhead.until('the next run', (now) => now.timeline.splices > timeline.splices, 30_000);
      }
      await viewer.next(({ keyframe }) => keyframe);
      const { outputs, timeline } = await bulkhead.status();
      assert.ok(
        timeline.maxGapMs > 2000,
        `a gap that nginx would not have waited for: ${timeline.maxGapMs} ms`,
      );
      assert.equal(outputs[0]?.sessions, 1, 'one session');
      assert.equal(viewer.report().backwards, 0, 'no timestamp goes back');
      assert.doesNotMatch(nginx.log(), /drop idle publisher/);
    } finally {
      await viewer?.stop();
      await bulkhead?.end();
      await nginx?.stop();
      folder.dispose();
    }
  });
});
