// OBS is killed ten times, frozen five times and restarted with another resolution twice, while it publishes a recording by Bulkhead to
// two servers at once: nginx-rtmp, and nginx-rtmp that drops a publisher after 5 s of silence, as SRS does. Then the same with OBS
// publishing to each of the two directly, since it can publish to one only. Prints what the viewers of each saw.
//
//   node dist/bench/obs-outage/main.js [recording] [ffmpeg | gstreamer] [steps]
//
// Without a recording one is made. Exits with 1 where a viewer behind Bulkhead saw another session, time going back or an error of the
// decoder, with 2 where OBS is not installed.

import { loadavg } from 'node:os';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { freePorts } from '../../test/support/live-server.js';
import { type NginxRtmp, startNginxRtmp } from '../../test/support/nginx.js';
import { writeConfig } from '../../test/support/small-broadcast.js';
import { tempDir } from '../../test/support/temp.js';
import { obsKind } from '../support/publishers/obs-kind.js';
import type { PublishTarget } from '../support/publishers/publisher-kind.js';
import { endUnlessThere, PUBLISHER_KINDS } from '../support/publishers/publisher-kinds.js';
import { FallbackTimes } from './fallback-times.js';
import { describeStep, runSchedule, SCHEDULE, type Step } from './schedule.js';
import { ServerWatch, type WatchReport } from './server-watch.js';

const words = process.argv.slice(2);
const KIND = PUBLISHER_KINDS.find(({ name }) => words.includes(name)) ?? obsKind;
const STEPS = SCHEDULE.slice(0, Number(words.find((word) => /^\d+$/.test(word)) ?? SCHEDULE.length));
const RECORDING = words.find((word) => !/^\d+$/.test(word) && word !== KIND.name);
const FPS = 30;
/** As SRS: it drops a publisher after 5 s of silence. */
const DROP_IDLE_S = 5;
const KEY = 'bench-obs-outage-key';

await endUnlessThere(KIND);
const folder = tempDir('bench-obs-outage');
const setup = await KIND.setUp(folder.path, RECORDING);
const reports = new Map<string, WatchReport>();
try {
  await throughBulkhead();
  await directly('directly to nginx', await startNginxRtmp());
  await directly('directly, dropped after 5 s', await startNginxRtmp({ dropIdle: DROP_IDLE_S }));
} finally {
  await setup.close();
  folder.dispose();
}
printTable();
const passed = [...reports]
  .filter(([name]) => name.startsWith('Bulkhead'))
  .every(
    ([, { sessions, backwards, decodeErrors }]) => sessions === 1 && backwards + decodeErrors.length === 0,
  );
process.exit(passed ? 0 : 1);

async function throughBulkhead(): Promise<void> {
  const servers = [await startNginxRtmp(), await startNginxRtmp({ dropIdle: DROP_IDLE_S })] as const;
  const [patient, impatient] = servers;
  const ports = await freePorts();
  const config = writeConfig(folder.path, {
    input: { type: 'ingest', key: 'env:BENCH_INGEST_KEY' },
    outputs: [
      { id: 'nginx', url: patient.url('live', 'key') },
      { id: 'impatient', url: impatient.url('live', 'key') },
    ],
    liveServer: ports,
  });
  const bulkhead = new Bulkhead(['live', config], { env: { BENCH_INGEST_KEY: KEY } });
  let times: FallbackTimes | undefined;
  try {
    await bulkhead.until('on air with the fallback', ({ state }) => state === 'live', 30_000);
    times = new FallbackTimes(bulkhead);
    const watches = [
      ServerWatch.begin('Bulkhead to nginx', patient, folder.path),
      ServerWatch.begin('Bulkhead, dropped after 5 s', impatient, folder.path),
    ];
    await watch(watches, { server: `rtmp://127.0.0.1:${ports.rtmpPort}/ingest`, key: KEY }, times);
    const { outputs, ingests, timeline } = await bulkhead.status();
    console.log(
      `  outputs: ${outputs.map(({ id, sessions }) => `${id} ${sessions} session(s)`).join(', ')}; ` +
        `publishers on air: ${ingests[0]?.sessions}; splices: ${timeline.splices}`,
    );
  } finally {
    await times?.stop();
    await bulkhead.end();
    for (const server of servers) await server.stop();
  }
}

async function directly(name: string, server: NginxRtmp): Promise<void> {
  try {
    const watches = [ServerWatch.begin(name, server, folder.path)];
    await watch(watches, { server: `rtmp://127.0.0.1:${server.port}/live`, key: 'key' }, undefined);
  } finally {
    await server.stop();
  }
}

/** Runs the schedule before the viewers' eyes, and keeps what they saw from the first publisher's first frames on. */
async function watch(
  watches: readonly ServerWatch[],
  target: PublishTarget,
  times: FallbackTimes | undefined,
): Promise<void> {
  console.log(`\n${watches.map(({ name }) => name).join('; ')} (load ${loadavg()[0]?.toFixed(1)})`);
  let fromMs = Number.POSITIVE_INFINITY;
  try {
    await runSchedule(setup, target, STEPS, {
      began: () => {
        fromMs = performance.now();
      },
      done: (step, beganAtMs) => reportStep(step, beganAtMs, watches),
      ended: async () => {
        const toMs = performance.now();
        const seen = await Promise.all(
          watches.map((each) => each.finish({ fromMs, toMs }, FPS, (atMs) => times?.holds(atMs) === true)),
        );
        for (const [n, report] of seen.entries()) reports.set(watches[n]?.name ?? '', report);
      },
    });
  } finally {
    await Promise.all(watches.map((each) => each.stop()));
  }
}

function reportStep(step: Step, beganAtMs: number, watches: readonly ServerWatch[]): void {
  const freezes = watches.map((each) => seconds(each.longestFreezeSince(beganAtMs)));
  console.log(`  ${describeStep(step)}: longest freeze ${freezes.join(', ')}`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function printTable(): void {
  const rows: readonly (readonly [string, (report: WatchReport) => string])[] = [
    ['watched', ({ watchedMs }) => seconds(watchedMs)],
    ['sessions at the server', ({ sessions }) => String(sessions)],
    ['frames; missing of 30 a second', ({ frames, missing }) => `${frames}; ${missing}`],
    ['longest time without a frame', ({ longestGapMs }) => seconds(longestGapMs)],
    ['longest freeze', ({ longestFreezeMs }) => seconds(longestFreezeMs)],
    ['frozen or slate, in all', ({ frozenMs }) => seconds(frozenMs)],
    ['fallback, in all', ({ fallbackMs }) => seconds(fallbackMs)],
    ['longest time without audio', ({ longestAudioGapMs }) => seconds(longestAudioGapMs)],
    ['longest silence', ({ longestSilenceMs }) => seconds(longestSilenceMs)],
    ['timestamps that went back', ({ backwards }) => String(backwards)],
    ['errors of the decoder', ({ decodeErrors }) => String(decodeErrors.length)],
    ['the viewer', ({ stayed }) => (stayed ? 'stayed' : 'was thrown out')],
  ];
  const all = [...reports];
  console.log(`\n| | ${all.map(([name]) => name).join(' | ')} |\n|${' --- |'.repeat(all.length + 1)}`);
  for (const [what, show] of rows)
    console.log(`| ${what} | ${all.map(([, each]) => show(each)).join(' | ')} |`);
  for (const [name, { decodeErrors }] of all) {
    for (const line of decodeErrors.slice(0, 8)) console.log(`${name}: ${line}`);
  }
}
