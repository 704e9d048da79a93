// What a viewer of the page waits for: how long from opening it to its first frame, and how old the frames are that it shows (glass to
// glass, by loopback). The time at which a frame was made is drawn into it, and read from the page's <video>.
//
//   node dist/bench/first-frame/main.js [times]
//
// Both for what is encoded here and for what a publisher sends, which is passed on. Exits with 1 where a target is missed.

import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BroadcastConfigInput } from '../../src/config/schema.js';
import { openBrowser, type TestBrowser } from '../../test/support/browser.js';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { freePorts } from '../../test/support/live-server.js';
import { publish } from '../../test/support/publisher.js';
import { writeConfig } from '../../test/support/small-broadcast.js';
import { tempDir } from '../../test/support/temp.js';
import { quantile, summary } from '../support/statistics.js';
import { CLOCK_PERIOD_MS, COLLECT_FRAMES, clockFilters } from './time-code.js';

const ROUNDS = Number(process.argv[2] ?? 20);
const FIRST_FRAME_MS = 600;
const LATENCY_MS = 800;
/** How long each page is watched, ms; and from when on its playback has found its place. */
const WATCH_MS = 4000;
const SETTLED_MS = 1500;
const KEY = 'bench-first-frame-key';
const VIDEO = { width: 640, height: 360, fps: 30, bitrateKbps: 1500, preset: 'ultrafast' } as const;

let missed = false;
const folder = tempDir('bench-first-frame');
const browser = await openBrowser();
try {
  await encoded();
  await passedOn();
} finally {
  await browser.close();
  folder.dispose();
}
process.exit(missed ? 1 : 0);

/** The test pattern, from an ffmpeg whose pattern has the clock. */
async function encoded(): Promise<void> {
  const ffmpeg = join(folder.path, 'ffmpeg');
  const pattern = `,${clockFilters()},format=yuv420p`;
  // Every other argument is left alone.
  writeFileSync(
    ffmpeg,
    `#!/bin/bash
args=()
for arg; do
  [[ $arg == testsrc2=* ]] && arg="\${arg%,format=yuv420p}"${shellQuote(pattern)}
  args+=("$arg")
done
exec ffmpeg "\${args[@]}"
`,
  );
  chmodSync(ffmpeg, 0o755);
  const config: BroadcastConfigInput = { video: VIDEO, ffmpeg };
  await measure('encoded here, a keyframe every 2 s', config, undefined);
}

/** ffmpeg publishes, which makes a frame when it is due. */
async function passedOn(): Promise<void> {
  const config: BroadcastConfigInput = {
    input: { type: 'ingest', key: 'env:BENCH_FIRST_FRAME_KEY' },
    video: VIDEO,
    liveServer: { enabled: true },
  };
  await measure('published by ffmpeg and passed on, a keyframe every 2 s', config, [
    ...[
      '-f',
      'lavfi',
      '-i',
      `testsrc2=size=640x360:rate=30,${clockFilters()},format=yuv420p[out0];sine=sample_rate=48000[out1]`,
    ],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-tune',
      'zerolatency',
      '-g',
      '60',
      '-b:v',
      '1500k',
      '-c:a',
      'aac',
      '-ac',
      '2',
    ],
  ]);
}

async function measure(
  what: string,
  config: BroadcastConfigInput,
  published: readonly string[] | undefined,
): Promise<void> {
  const ports = await freePorts();
  const file = writeConfig(folder.path, { ...config, liveServer: { ...config.liveServer, ...ports } });
  const bulkhead = new Bulkhead(['live', file], { env: { BENCH_FIRST_FRAME_KEY: KEY } });
  const publisher =
    published === undefined
      ? undefined
      : await bulkhead
          .until('on air', ({ state }) => state === 'live', 30_000)
          .then(() => publish(`rtmp://127.0.0.1:${ports.rtmpPort}/ingest/${KEY}`, published));
  try {
    const { liveServer } = await bulkhead.until(
      'on air',
      ({ state, ingests }) => state === 'live' && (published === undefined || ingests[0]?.state === 'live'),
      30_000,
    );
    await delay(3000);
    const firstFrames: number[] = [];
    const latencies: number[] = [];
    const pages: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const seen = await watch(browser, liveServer?.pageUrl ?? '');
      firstFrames.push(seen.firstFrameMs);
      latencies.push(...seen.latenciesMs);
      pages.push(quantile(seen.latenciesMs, 0.5));
      // Pages are opened at any time of a GOP.
      await delay(Math.random() * 2000);
    }
    console.log(`${what}; ${ROUNDS} pages; ms`);
    expect('from opening the page to its first frame', firstFrames, FIRST_FRAME_MS);
    expect(`glass to glass, of ${latencies.length} frames`, latencies, LATENCY_MS);
    console.log(`  glass to glass, the median of each page: ${summary(pages)}`);
  } finally {
    await publisher?.kill();
    await bulkhead.end();
  }
}

/** One page, as a viewer opens it. */
async function watch(
  { open }: TestBrowser,
  url: string,
): Promise<{ readonly firstFrameMs: number; readonly latenciesMs: readonly number[] }> {
  const { page, close } = await open('about:blank');
  await page.addInitScript(COLLECT_FRAMES);
  const openedAtMs = Date.now();
  await page.goto(url);
  await delay(WATCH_MS);
  const frames = await page.evaluate<[number, number][]>('window.seenFrames');
  await close();
  const [first] = frames;
  if (first === undefined) throw new Error(`the page has shown no frame in ${WATCH_MS} ms`);
  return {
    firstFrameMs: first[0] - openedAtMs,
    latenciesMs: frames
      .filter(([shownAtMs, clockMs]) => shownAtMs > openedAtMs + SETTLED_MS && clockMs >= 0)
      .map(([shownAtMs, clockMs]) => (shownAtMs - clockMs) % CLOCK_PERIOD_MS),
  };
}

/** The median has to reach the target; the spread is shown. */
function expect(what: string, values: readonly number[], target: number): void {
  const isMissed = !(quantile(values, 0.5) <= target);
  missed ||= isMissed;
  const upper = quantile(values, 0.9).toFixed(0);
  console.log(
    `  ${what}: ${summary(values)}, 90 % within ${upper} (target ≤ ${target})${isMissed ? ' MISSED' : ''}`,
  );
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
