import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { assertNoFrameMissing, writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

/** The core as compiled by tsc: its modules can be accessed by a module that is loaded first. */
const CORE = join(packageRoot(), 'dist', 'src', 'core', 'main.js');
const INJECTION = new URL('fixtures/inject-errors.js', import.meta.url);

describe('an error that nothing in the core has caught', function () {
  this.timeout(90_000);
  let folder: TempDir;
  let nginx: NginxRtmp;
  let core: Bulkhead;
  let live: Bulkhead | undefined;
  let viewer: LiveViewer | undefined;

  beforeEach(async () => {
    folder = tempDir('core-errors');
    nginx = await startNginxRtmp();
    core = new Bulkhead([], {
      program: CORE,
      env: { NODE_OPTIONS: `--import ${pathToFileURL(INJECTION.pathname)}` },
    });
  });

  afterEach(async () => {
    await viewer?.stop();
    await live?.end();
    await core.end();
    await nginx.stop();
    folder.dispose();
  });

  it('loses no frame, and is reported in the log with its stack and in one notice', async () => {
    await core.until('the core answers', () => true);
    const url = nginx.url('live', 'key');
    const { address, pid } = core;
    live = new Bulkhead(['live', '--mode', 'attach', writeConfig(folder.path), '--output', url], { address });
    await core.until('on air', ({ state }) => state === 'live');
    viewer = watchLive(url);
    await viewer.next(({ keyframe }) => keyframe);

    process.kill(pid, 'SIGUSR2');
    const logged = (message: RegExp) =>
      eventually(`in the log: ${message}`, () => (message.test(core.stderr) ? true : undefined));
    await logged(
      /"stack":"Error: injected exception\\n +at .*inject-errors.*"uncaught exception: Error: injected exception"/,
    );
    await logged(
      /"stack":"Error: injected rejection\\n +at .*inject-errors.*"unhandled rejection: Error: injected rejection"/,
    );
    await logged(
      /"stack":"Error: injected into a listener\\n +at .*inject-errors.*"a listener failed: Error: injected into a listener"/,
    );
    for (let keyframes = 0; keyframes < 3; keyframes++) await viewer.next(({ keyframe }) => keyframe);

    const { state, encoder, outputs, timeline } = await core.status();
    assert.deepEqual(
      { state, epoch: encoder.epoch, splices: timeline.splices, sessions: outputs[0]?.sessions },
      { state: 'live', epoch: 1, splices: 0, sessions: 1 },
    );
    await assertNoFrameMissing(viewer.packets, () => core.status());
    assert.ok((core.stderr.match(/a listener failed/g)?.length ?? 0) <= 20, core.stderr);
    assert.equal(live.stdout.match(/An error inside Bulkhead was caught/g)?.length, 1, live.stdout);
    assert.equal(await core.stop(), ExitCodes.ok, core.stderr);
  });
});
