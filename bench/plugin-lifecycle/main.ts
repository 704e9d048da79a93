// Frames missing at a viewer, ffprobe behind nginx-rtmp, while plugins are installed, updated and removed on air.
// Argument: how many plugins.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pluginEntries, writeArchive } from '../../test/support/archive.js';
import { Bulkhead, runBulkhead } from '../../test/support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../test/support/live-viewer.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { missingFrames } from '../../test/support/small-broadcast.js';
import { tempDir } from '../../test/support/temp.js';
import { summary } from '../support/statistics.js';
import { exactly } from '../support/targets.js';

const PLUGINS = Number(process.argv[2] ?? 10);
const FPS = 30;

const folder = tempDir('plugin-lifecycle');
const nginx = await startNginxRtmp();
const url = nginx.url('live', 'key');
const bulkhead = new Bulkhead(['live', '--output', url]);
let viewer: LiveViewer | undefined;

const names = Array.from({ length: PLUGINS }, (_, index) => `plugin-${index}`);
const pack = (name: string, version: string) =>
  writeArchive(join(folder.path, `${name}-${version}.tgz`), pluginEntries({ name, version }));

/** Time that the whole command takes, its own start included, ms. */
async function timed(...args: string[]): Promise<number> {
  const startedMs = performance.now();
  const { code, stderr } = await runBulkhead(['plugin', ...args], { address: bulkhead.address });
  if (code !== 0) throw new Error(`plugin ${args.join(' ')}: ${stderr}`);
  return performance.now() - startedMs;
}

async function each(act: (name: string) => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (const name of names) times.push(await act(name));
  return times;
}

try {
  await bulkhead.until('on air', ({ state }) => state === 'live');
  viewer = watchLive(url);
  await viewer.next(({ keyframe }) => keyframe);
  await viewer.next(({ keyframe }) => keyframe);
  const quietSinceMs = performance.now();
  await delay(3000);
  const quietGapMs = viewer.report(quietSinceMs).longestGapMs;

  const from = viewer.packets.length - 1;
  const sinceMs = performance.now();
  const steps = {
    install: await each((name) => timed('install', pack(name, '1.0.0'))),
    update: await each((name) => timed('update', pack(name, '1.1.0'), '--data', 'keep')),
    restart: await each((name) => timed('restart', name)),
    remove: await each((name) => timed('remove', name, '--purge')),
  };
  await viewer.next(({ keyframe }) => keyframe);
  const packets = viewer.packets.slice(from);
  const { outputs, extensionHosts } = await bulkhead.status();
  const missing = missingFrames(packets, FPS);
  const frames = packets.filter(({ stream }) => stream === 'video').length;
  console.log(
    `${PLUGINS} plugins installed, updated, restarted and removed on air: ` +
      `${missing} of ${frames} frames missing ${exactly(missing, 0)}; ` +
      `longest time between two ${Math.round(viewer.report(sinceMs).longestGapMs)} ms, ` +
      `left alone ${Math.round(quietGapMs)} ms; ` +
      `sessions ${outputs[0]?.sessions} ${exactly(outputs[0]?.sessions, 1)}; ` +
      `hosts left ${extensionHosts.length} ${exactly(extensionHosts.length, 0)}`,
  );
  for (const [step, times] of Object.entries(steps)) {
    console.log(`bulkhead plugin ${step}: ${summary(times)} ms`);
  }
  await bulkhead.stop();
} finally {
  await viewer?.stop();
  await bulkhead.end();
  folder.dispose();
  await nginx.stop();
}
