import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Status } from '../../../src/protocol/status/status.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { type ModeOnAir, ModesOnAir, RUN_MODES } from '../../support/run-modes.js';
import { SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';

const KEYFRAME_INTERVAL_MS = SMALL_VIDEO.keyframeIntervalSeconds * 1000;
/** What the bytes between two acknowledgements hold at the bitrate of the test, with some for what is on its way, ms. */
const UNACKNOWLEDGED_MS = 1000;

describe('the live server is lost on air, in every mode', function () {
  this.timeout(120_000);
  const folder = tempDir('server-loss');
  const modes = new ModesOnAir();
  let nginx: NginxRtmp;

  beforeEach(async () => {
    nginx = await startNginxRtmp();
    await modes.goLive(nginx, RUN_MODES, [writeConfig(folder.path)]);
  });

  afterEach(async () => {
    await modes.end();
    await nginx?.stop();
    folder.dispose();
  });

  async function assertOnAirAgain(onAir: ModeOnAir, before: Status, sessions: number): Promise<void> {
    const { name } = onAir.mode;
    const viewer = modes.watch(onAir);
    const again = await onAir.until(
      'on air again',
      ({ state, outputs }) => state === 'live' && outputs[0]?.sessions === sessions,
    );
    assert.equal(again.encoder.epoch, 1, `${name}: the encoder was not started again`);
    assert.equal(again.encoder.videoPid, before.encoder.videoPid, name);
    assert.equal(again.core.pid, before.core.pid, name);
    assert.equal(again.outputs[0]?.error, undefined, name);

    await viewer.next(({ stream }) => stream === 'video');
    await viewer.next(({ keyframe }) => keyframe);
    const first = viewer.packets.find(({ stream }) => stream === 'video');
    // What the server that was killed had not acknowledged is sent again, from a keyframe on.
    const fromMs = before.timeline.lastTimestampMs - UNACKNOWLEDGED_MS - KEYFRAME_INTERVAL_MS;
    assert(
      (first?.dtsMs ?? 0) >= fromMs,
      `${name}: timestamps go on from ${fromMs} at least, seen ${first?.dtsMs}`,
    );
    assert.equal(viewer.report().backwards, 0, `${name}: timestamps going back`);
  }

  it('recovers when the server was killed: immediately, and after five seconds', async () => {
    const before = await modes.all(({ run }) => run.owner.status());
    await nginx.kill9();
    await nginx.restart();
    await modes.all((onAir) => assertOnAirAgain(onAir, statusOf(onAir, before), 2));

    const between = await modes.all(({ run }) => run.owner.status());
    await nginx.kill9();
    await modes.all(({ until }) => until('it is known', ({ state }) => state === 'reconnecting'));
    await delay(5000);
    await nginx.restart();
    await modes.all((onAir) => assertOnAirAgain(onAir, statusOf(onAir, between), 3));
  });

  function statusOf(onAir: ModeOnAir, statuses: readonly Status[]): Status {
    const status = statuses[modes.each.indexOf(onAir)];
    assert(status !== undefined);
    return status;
  }
});
