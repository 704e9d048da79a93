// Time from the command to the first media at the live server: `bulkhead live` beside plain ffmpeg, in turn.
import { Bulkhead } from '../../test/support/bulkhead.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { directCommand, endDirect, startDirect } from '../support/direct-ffmpeg.js';
import { firstMediaProxy } from '../support/first-media-proxy.js';
import { median, summary } from '../support/statistics.js';
import { atMost } from '../support/targets.js';

const ROUNDS = Number(process.argv[2] ?? 10);
/** Those of a configuration that says nothing. */
const VIDEO = { width: 1280, height: 720, fps: 30, bitrateKbps: 2500 };

const nginx = await startNginxRtmp();
const proxy = await firstMediaProxy(nginx.port);
const url = (key: string) => `rtmp://127.0.0.1:${proxy.port}/live/${key}`;
const bulkheadMs: number[] = [];
const plainMs: number[] = [];
try {
  for (let round = 0; round <= ROUNDS; round++) {
    let first = proxy.nextFirstMedia();
    let startedMs = performance.now();
    const bulkhead = new Bulkhead(['live', '--output', url('bulkhead')]);
    let ms: number;
    try {
      const ended = bulkhead.exit().then((code) => {
        throw new Error(`bulkhead ended with ${code}: ${bulkhead.stderr}`);
      });
      ms = (await Promise.race([first, ended])) - startedMs;
      await bulkhead.stop();
    } finally {
      await bulkhead.end();
    }
    first = proxy.nextFirstMedia();
    startedMs = performance.now();
    const plain = startDirect(directCommand(VIDEO, url('plain')));
    const plainTook = (await first) - startedMs;
    await endDirect(plain);
    // The first round fills the disk caches.
    if (round === 0) continue;
    bulkheadMs.push(ms);
    plainMs.push(plainTook);
  }
} finally {
  await proxy.close();
  await nginx.stop();
}
const ratios = bulkheadMs.map((ms, round) => ms / (plainMs[round] ?? Number.NaN));
console.log(`first media after, Bulkhead: ${summary(bulkheadMs)} ms; plain ffmpeg: ${summary(plainMs)} ms`);
console.log(
  `ratio, median of ${ROUNDS}: ${median(ratios).toFixed(2)} ${atMost(median(ratios), 1.5)}; all: ${summary(ratios, 2)}`,
);
