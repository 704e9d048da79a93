// The core's memory over time, and how long a tag stays in it, at 6 Mbit/s. Argument: minutes.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { BroadcastConfigInput } from '../../src/config/schema.js';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../test/support/live-viewer.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { tempDir } from '../../test/support/temp.js';
import { slope, summary } from '../support/statistics.js';
import { atMost, shown } from '../support/targets.js';

const MINUTES = Number(process.argv[2] ?? 10);
const INTERVAL_MS = 10_000;
const KBPS = 6000;

const nginx = await startNginxRtmp();
const folder = tempDir('soak');
const input = join(folder.path, 'noise.mp4');
// A test pattern alone is too simple to fill 6 Mbit/s.
await promisify(execFile)('ffmpeg', [
  ...['-nostdin', '-loglevel', 'error', '-f', 'lavfi'],
  ...['-i', 'testsrc2=size=1280x720:rate=30,noise=alls=60:allf=t'],
  ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000', '-t', '10', '-ac', '2'],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-b:v', '8000k', '-pix_fmt', 'yuv420p', input],
]);
const config = join(folder.path, 'soak.json');
const settings: BroadcastConfigInput = {
  input: { type: 'file', path: input },
  video: { bitrateKbps: KBPS, preset: 'ultrafast' },
};
writeFileSync(config, JSON.stringify(settings));
const url = nginx.url('live', 'key');
const bulkhead = new Bulkhead(['live', config, '--output', url]);
const megabytes: number[] = [];
let viewer: LiveViewer | undefined;
try {
  const start = await bulkhead.until('on air', ({ state }) => state === 'live');
  viewer = watchLive(url);
  for (let elapsedMs = 0; elapsedMs < MINUTES * 60_000; elapsedMs += INTERVAL_MS) {
    await delay(INTERVAL_MS);
    const { core, uptimeMs, outputs, timeline } = await bulkhead.status();
    megabytes.push(core.rssBytes / 1e6);
    const kbps = ((outputs[0]?.bytesSent ?? 0) * 8) / uptimeMs;
    console.log(
      `${(uptimeMs / 1000).toFixed(0).padStart(5)} s  RSS ${megabytes.at(-1)?.toFixed(1)} MB  ` +
        `${kbps.toFixed(0)} kbit/s  p99 in the core ${timeline.transitP99Ms.toFixed(2)} ms`,
    );
  }
  const end = await bulkhead.status();
  const { soundMs, frameMs } = viewer.report();
  await bulkhead.stop();
  const settled = megabytes.slice(Math.floor(megabytes.length / 2));
  const perMinute = slope(settled) * (60_000 / INTERVAL_MS);
  console.log(
    `core RSS over ${MINUTES} min: ${summary(megabytes, 1)} MB ${atMost(Math.max(...megabytes), 100)}; ` +
      `second half: ${summary(settled, 1)} MB, slope ${perMinute.toFixed(2)} MB a minute (target: flat)`,
  );
  console.log(
    `a tag's time in the core, read to socket write: p99 ${end.timeline.transitP99Ms.toFixed(2)} ms ${atMost(end.timeline.transitP99Ms, 5)}; ` +
      `dropped ${end.outputs[0]?.droppedFrames}, sessions ${end.outputs[0]?.sessions}, ` +
      `encoder runs ${end.encoder.epoch}, one core ${end.core.pid === start.core.pid}`,
  );
  console.log(
    `the viewer got ${soundMs.toFixed(0)} ms of sound with ${frameMs.toFixed(0)} ms of video ` +
      shown(Math.abs(soundMs - frameMs) <= 200, 'within 200 ms'),
  );
} finally {
  await viewer?.stop();
  await bulkhead.end();
  folder.dispose();
  await nginx.stop();
}
