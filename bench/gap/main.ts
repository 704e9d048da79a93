// The viewer's gap when an encoder dies, as ffprobe behind nginx-rtmp sees it: longest time without a new frame.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BroadcastConfigInput } from '../../src/config/schema.js';
import type { Status } from '../../src/protocol/control.js';
import { clip } from '../../test/integration/encoder/test-media.js';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../test/support/live-viewer.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { publish, testPattern } from '../../test/support/publisher.js';
import { tempDir } from '../../test/support/temp.js';
import { median, quantile, summary } from '../support/statistics.js';
import { atMost } from '../support/targets.js';

interface Series {
  readonly name: string;
  readonly signal: NodeJS.Signals;
  readonly victim: (status: Status) => number;
  /** What it runs with in place of the default settings. */
  readonly config?: BroadcastConfigInput;
  /** Frames from one keyframe of the input to the next, where it is an address. */
  readonly sourceGop?: number;
  /** Longest gaps, ms; reported alone without it. */
  readonly target?: { readonly medianMs?: number; readonly p95Ms: number };
}

function targetOf(ms: number, limit: number | undefined): string {
  return limit === undefined ? '' : ` ${atMost(ms, limit)}`;
}

const nginx = await startNginxRtmp();
const folder = tempDir('gap');
const file = await clip(folder.path, 'clip.mp4', 6);
const source = nginx.url('other', 'source');

const SERIES: readonly Series[] = [
  {
    name: 'kill -9 of ffmpeg',
    signal: 'SIGKILL',
    victim: ({ encoder }) => encoder.ffmpegPid,
    target: { medianMs: 250, p95Ms: 500 },
  },
  {
    name: 'kill -9 of the encoder process',
    signal: 'SIGKILL',
    victim: ({ encoder }) => encoder.pid,
    target: { medianMs: 250, p95Ms: 500 },
  },
  {
    name: 'SIGSTOP of ffmpeg',
    signal: 'SIGSTOP',
    victim: ({ encoder }) => encoder.ffmpegPid,
    target: { p95Ms: 2500 },
  },
  {
    name: 'SIGSTOP of the encoder process',
    signal: 'SIGSTOP',
    victim: ({ encoder }) => encoder.pid,
    target: { p95Ms: 2500 },
  },
  {
    name: 'kill -9 of ffmpeg, quality preset',
    signal: 'SIGKILL',
    victim: ({ encoder }) => encoder.ffmpegPid,
    config: { video: { tune: 'none', bFrames: 2, lookahead: 20, preset: 'veryfast' } },
  },
  {
    name: 'kill -9 of ffmpeg, a looped file with 48 kHz sound',
    signal: 'SIGKILL',
    victim: ({ encoder }) => encoder.ffmpegPid,
    config: { input: { type: 'file', path: file } },
  },
  {
    name: 'kill -9 of ffmpeg, an RTMP input with a keyframe a second',
    signal: 'SIGKILL',
    victim: ({ encoder }) => encoder.ffmpegPid,
    config: { input: { type: 'url', url: source } },
  },
  {
    name: 'kill -9 of ffmpeg, an RTMP input with a keyframe every four seconds',
    signal: 'SIGKILL',
    victim: ({ encoder }) => encoder.ffmpegPid,
    config: { input: { type: 'url', url: source } },
    sourceGop: 120,
  },
];

const KILLS = Number(process.argv[2] ?? 20);
const only = process.argv[3];
/** After a kill the encoder must have been stable for two seconds, or its next restart would not be immediate. */
const REST_MS = 3000;

try {
  for (const series of SERIES.filter(({ name }) => only === undefined || name.includes(only))) {
    const url = nginx.url('live', `key-${SERIES.indexOf(series)}`);
    const config = join(folder.path, 'gap.jsonc');
    writeFileSync(config, JSON.stringify(series.config ?? {}));
    const publisher =
      series.config?.input?.type === 'url' ? publish(source, testPattern(series.sourceGop)) : undefined;
    const bulkhead = new Bulkhead(['live', config, '--output', url]);
    let viewer: LiveViewer | undefined;
    try {
      await bulkhead.until('live', ({ state }) => state === 'live');
      viewer = watchLive(url);
      await viewer.next(({ keyframe }) => keyframe);
      const gaps: number[] = [];
      const encoderGaps: number[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        await delay(REST_MS + Math.random() * 1000);
        const before = await bulkhead.until('ffmpeg runs', ({ encoder }) => encoder.ffmpegPid > 0);
        const sinceMs = performance.now() - 200;
        process.kill(series.victim(before), series.signal);
        const { timeline } = await bulkhead.until(
          'the next run delivers',
          ({ timeline: { splices } }) => splices > before.timeline.splices,
        );
        await delay(1500);
        gaps.push(viewer.report(sinceMs).longestGapMs);
        encoderGaps.push(timeline.lastGapMs);
      }
      const { outputs } = await bulkhead.status();
      const { backwards } = viewer.report();
      console.log(
        `${series.name}, ${KILLS} times: gap ${summary(gaps)} ms, ` +
          `median ${median(gaps).toFixed(0)}${targetOf(median(gaps), series.target?.medianMs)}, ` +
          `p95 ${quantile(gaps, 0.95).toFixed(0)}${targetOf(quantile(gaps, 0.95), series.target?.p95Ms)}; ` +
          `without a frame of the input ${summary(encoderGaps)} ms; ` +
          `sessions ${outputs[0]?.sessions}, timestamps going back ${backwards}`,
      );
      await bulkhead.stop();
    } finally {
      await viewer?.stop();
      await bulkhead.end();
      await publisher?.kill();
    }
  }
} finally {
  folder.dispose();
  await nginx.stop();
}
