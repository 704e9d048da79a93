// Time from "the live server listens again" to the first media at it, after it was killed: back at once, and after 5 s.
import { setTimeout as delay } from 'node:timers/promises';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { watchLive } from '../../test/support/live-viewer.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { firstMediaProxy } from '../support/first-media-proxy.js';
import { median, quantile, summary } from '../support/statistics.js';
import { atMost, exactly } from '../support/targets.js';

const ROUNDS = Number(process.argv[2] ?? 10);
const SERIES = [
  { name: 'back at once', awayMs: 0, targetMs: 500 },
  { name: 'back after 5 s', awayMs: 5000, targetMs: 2000 },
] as const;
/** A session that has lasted so long ends an outage: the next one starts again, ms. */
const REST_MS = 6000;

const nginx = await startNginxRtmp();
// The server that the broadcast sees: it listens when nginx behind it does.
let server = await firstMediaProxy(nginx.port);
const { port } = server;
const bulkhead = new Bulkhead(['live', '--output', `rtmp://127.0.0.1:${port}/live/key`]);
try {
  await bulkhead.until('on air', ({ state }) => state === 'live');
  for (const { name, awayMs, targetMs } of SERIES) {
    const mediaMs: number[] = [];
    const frameMs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await delay(REST_MS);
      await Promise.all([nginx.kill9(), server.close()]);
      await delay(awayMs);
      await nginx.restart();
      server = await firstMediaProxy(nginx.port, port);
      const listensAtMs = performance.now();
      const viewer = watchLive(nginx.url('live', 'key'));
      try {
        mediaMs.push((await server.nextFirstMedia()) - listensAtMs);
        const frame = await viewer.next(({ stream }) => stream === 'video');
        frameMs.push(frame.arrivedAtMs - listensAtMs);
      } finally {
        await viewer.stop();
      }
      await bulkhead.until('on air again', ({ state }) => state === 'live');
    }
    console.log(
      `killed and ${name}, ${ROUNDS} times: media at the server after ${summary(mediaMs)} ms, ` +
        `median ${median(mediaMs).toFixed(0)}, p95 ${quantile(mediaMs, 0.95).toFixed(0)} ${atMost(quantile(mediaMs, 0.95), targetMs)}; ` +
        `a fresh ffprobe, which looks until the next keyframe, has its first frame after ${summary(frameMs)} ms`,
    );
  }
  const { encoder, outputs } = await bulkhead.status();
  console.log(
    `encoder runs ${encoder.epoch} ${exactly(encoder.epoch, 1)}, restarts ${encoder.restarts} ${exactly(encoder.restarts, 0)}; ` +
      `sessions ${outputs[0]?.sessions} (expected ${1 + SERIES.length * ROUNDS})`,
  );
  await bulkhead.stop();
} finally {
  await bulkhead.end();
  await server.close();
  await nginx.stop();
}
