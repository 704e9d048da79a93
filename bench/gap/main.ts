// The viewer's gap when an encoder dies, as ffprobe behind nginx-rtmp sees it: longest time without a new picture.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Status } from '../../src/protocol/control.js';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../test/support/live-viewer.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { tempDir } from '../../test/support/temp.js';
import { median, quantile, summary } from '../support/statistics.js';

interface Series {
  readonly name: string;
  readonly signal: NodeJS.Signals;
  readonly victim: (status: Status) => number;
  /** Runs with B-frames and lookahead instead of the default settings. */
  readonly quality?: boolean;
  readonly target: string;
}

const SERIES: readonly Series[] = [
  {
    name: 'kill -9 of ffmpeg',
    signal: 'SIGKILL',
    victim: ({ encoder }) => encoder.ffmpegPid,
    target: 'median ≤ 250 ms, p95 ≤ 500 ms',
  },
  {
    name: 'kill -9 of the encoder process',
    signal: 'SIGKILL',
    victim: ({ encoder }) => encoder.pid,
    target: 'median ≤ 250 ms, p95 ≤ 500 ms',
  },
  {
    name: 'SIGSTOP of ffmpeg',
    signal: 'SIGSTOP',
    victim: ({ encoder }) => encoder.ffmpegPid,
    target: '≤ 2500 ms',
  },
  {
    name: 'SIGSTOP of the encoder process',
    signal: 'SIGSTOP',
    victim: ({ encoder }) => encoder.pid,
    target: '≤ 2500 ms',
  },
  {
    name: 'kill -9 of ffmpeg, quality preset',
    signal: 'SIGKILL',
    victim: ({ encoder }) => encoder.ffmpegPid,
    quality: true,
    target: 'reported',
  },
];

const KILLS = Number(process.argv[2] ?? 20);
const only = process.argv[3];
const QUALITY = { video: { tune: 'none', bFrames: 2, lookahead: 20, preset: 'veryfast' } };
/** After a kill the encoder must have been stable for two seconds, or its next restart would not be immediate. */
const REST_MS = 3000;

const nginx = await startNginxRtmp();
const folder = tempDir('gap');
try {
  for (const series of SERIES.filter(({ name }) => only === undefined || name.includes(only))) {
    const url = nginx.url('live', `key-${SERIES.indexOf(series)}`);
    const config = join(folder.path, 'quality.jsonc');
    writeFileSync(config, JSON.stringify(QUALITY));
    const bulkhead = new Bulkhead(['live', ...(series.quality ? [config] : []), '--output', url]);
    let viewer: LiveViewer | undefined;
    try {
      await bulkhead.until('live', ({ state }) => state === 'live');
      viewer = watchLive(url);
      await viewer.next(({ keyframe }) => keyframe);
      const gaps: number[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        await delay(REST_MS + Math.random() * 1000);
        const { encoder } = await bulkhead.status();
        const sinceMs = performance.now() - 200;
        process.kill(series.victim({ encoder } as Status), series.signal);
        await bulkhead.until('the next epoch', (status) => status.encoder.epoch > encoder.epoch);
        await delay(1500);
        gaps.push(viewer.report(sinceMs).longestGapMs);
      }
      const { outputs } = await bulkhead.status();
      const { backwards } = viewer.report();
      console.log(
        `${series.name}, ${KILLS} times: gap ${summary(gaps)} ms, median ${median(gaps).toFixed(0)}, ` +
          `p95 ${quantile(gaps, 0.95).toFixed(0)} (target ${series.target}); ` +
          `sessions ${outputs[0]?.sessions}, timestamps going back ${backwards}`,
      );
      await bulkhead.stop();
    } finally {
      await viewer?.stop();
      await bulkhead.end();
    }
  }
} finally {
  folder.dispose();
  await nginx.stop();
}
