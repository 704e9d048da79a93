// What `kill -9` of the core leaves behind, and for how long; and how soon `bulkhead live` is on air again.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { allGone, descendantsOf } from '../../test/support/children.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { RUN_MODES } from '../../test/support/run-modes.js';
import { firstMediaProxy } from '../support/first-media-proxy.js';
import { summary } from '../support/statistics.js';
import { atMost } from '../support/targets.js';

const ROUNDS = Number(process.argv[2] ?? 5);
const PLUGIN = join(process.cwd(), 'sample-plugins', 'stream-health');
/** Time for the warm spare of the encoder to be there too, ms. */
const REST_MS = 2500;

const nginx = await startNginxRtmp();
const proxy = await firstMediaProxy(nginx.port);
try {
  for (const mode of RUN_MODES) {
    const restarts = mode.name !== 'attach';
    const goneMs: number[] = [];
    const onAirMs: number[] = [];
    let children = 0;
    for (let round = 0; round < ROUNDS; round++) {
      // A core that dies again within the minute is started later each time: each round has a command of its own.
      const run = await mode.goLive([
        '--output',
        `rtmp://127.0.0.1:${proxy.port}/live/key`,
        '--plugins',
        PLUGIN,
      ]);
      try {
        await run.owner.until('its plugin', ({ extensionHosts: [host] }) => host?.state === 'running');
        const { core } = await run.owner.until('on air', ({ state }) => state === 'live');
        await delay(REST_MS);
        const pids = descendantsOf(core.pid).map(({ pid }) => pid);
        children = pids.length;
        const media = proxy.nextFirstMedia();
        const killedAtMs = performance.now();
        process.kill(core.pid, 'SIGKILL');
        const left = await allGone([core.pid, ...pids], 10_000);
        goneMs.push(left.length === 0 ? performance.now() - killedAtMs : Number.POSITIVE_INFINITY);
        if (restarts) {
          onAirMs.push((await media) - killedAtMs);
          await run.cli.stop();
        }
      } finally {
        await run.end();
      }
    }
    console.log(
      `${mode.name}: kill -9 of the core, ${ROUNDS} times: all ${children} processes below it gone after ` +
        `${summary(goneMs)} ms ${atMost(Math.max(...goneMs), 1000)}` +
        (restarts
          ? `; media at the server again after ${summary(onAirMs)} ms ${atMost(Math.max(...onAirMs), 4000)}`
          : ''),
    );
  }
} finally {
  await proxy.close();
  await nginx.stop();
}
