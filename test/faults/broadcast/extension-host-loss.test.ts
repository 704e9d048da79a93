import assert from 'node:assert/strict';
import type { ExtensionHostStatus } from '../../../src/protocol/status/extension-host-status.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { runCommand } from '../../support/bulkhead.js';
import type { LiveViewer } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { writePlugin } from '../../support/plugins.js';
import { type ModeOnAir, ModesOnAir, RUN_MODES } from '../../support/run-modes.js';
import { assertNoFrameMissing, writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';

const PLUGIN = `
  const { commands } = require('@bulkhead/extension-api');
  exports.activate = () => { commands.registerCommand('faulty.spin', () => { for (;;); }); };`;

// If plugins run inside the core, there is no host to lose.
const MODES = RUN_MODES.filter(({ pluginsIsolated }) => pluginsIsolated);

describe('the extension host is lost on air, in every mode that has one', function () {
  this.timeout(180_000);
  const folder = tempDir('host-loss');
  const modes = new ModesOnAir();
  const viewers = new Map<ModeOnAir, LiveViewer>();
  let nginx: NginxRtmp;

  const hostIs = (wanted: (host: ExtensionHostStatus) => boolean) => (status: Status) => {
    const [host] = status.extensionHosts;
    return host !== undefined && wanted(host);
  };

  before(async () => {
    writePlugin(folder.path, 'faulty', { type: 'cjs', source: PLUGIN });
    const config = writeConfig(folder.path, { plugins: ['faulty'] });
    nginx = await startNginxRtmp();
    await modes.goLive(nginx, MODES, [config]);
    await modes.all(async (onAir) => {
      await onAir.until(
        'the plugin is active',
        hostIs(({ state }) => state === 'running'),
      );
      const viewer = modes.watch(onAir);
      viewers.set(onAir, viewer);
      await viewer.next(({ keyframe }) => keyframe, 60_000);
    });
  });

  after(async () => {
    await modes.end();
    await nginx?.stop();
    folder.dispose();
  });

  /** Viewers got every frame, from one encoder and in one session. */
  async function assertUntouched(onAir: ModeOnAir): Promise<void> {
    const { name } = onAir.mode;
    const viewer = viewers.get(onAir);
    assert(viewer !== undefined);
    await viewer.next(({ keyframe }) => keyframe, 60_000);
    await assertNoFrameMissing(viewer.packets, () => onAir.run.owner.status(), { name });
    assert.equal(viewer.report().backwards, 0, `${name}: timestamps going back`);
    const { state, encoder, outputs, timeline } = await onAir.run.owner.status();
    assert.deepEqual(
      { state, epoch: encoder.epoch, restarts: encoder.restarts, splices: timeline.splices },
      { state: 'live', epoch: 1, restarts: 0, splices: 0 },
      name,
    );
    assert.deepEqual([outputs[0]?.sessions, outputs[0]?.droppedFrames], [1, 0], name);
  }

  it('loses no frame when it is killed, and runs its plugin again', () =>
    modes.all(async (onAir) => {
      const [host] = (await onAir.run.owner.status()).extensionHosts;
      process.kill(host?.pid ?? 0, 'SIGKILL');
      await onAir.until(
        'the plugin is active again',
        hostIs(({ state, restarts }) => state === 'running' && restarts === 1),
      );
      await assertUntouched(onAir);
    }));

  it('loses no frame when it is stopped, and runs its plugin again', () =>
    modes.all(async (onAir) => {
      const [host] = (await onAir.run.owner.status()).extensionHosts;
      process.kill(host?.pid ?? 0, 'SIGSTOP');
      await onAir.until(
        'the plugin is active again',
        hostIs(({ state, restarts }) => state === 'running' && restarts === 2),
      );
      await assertUntouched(onAir);
    }));

  it('loses no frame when its plugin is in an endless loop, and is given up after the third time', () =>
    modes.all(async (onAir) => {
      const spun = assert.rejects(runCommand(onAir.run.owner.address, 'faulty.spin'));
      await onAir.until(
        'the plugin is given up',
        hostIs(({ state }) => state === 'quarantined'),
      );
      await spun;
      await assertUntouched(onAir);
    }));
});
