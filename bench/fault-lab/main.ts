// Pictures missing at a viewer, ffprobe behind nginx-rtmp, while the sample plugin fault-lab runs each of its faults in turn.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlClient } from '../../src/control-client/control-client.js';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../test/support/live-viewer.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { missingPictures } from '../../test/support/small-broadcast.js';
import { quantile } from '../support/statistics.js';

const FPS = 30;
const PLUGIN = 'bulkhead.fault-lab';
const FOLDER = 'sample-plugins/fault-lab';
/** How long a fault is watched at least: it may begin after its command has answered, ms. */
const WATCHED_MS = 3000;

const { contributes } = JSON.parse(readFileSync(`${FOLDER}/package.json`, 'utf8')) as {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
};

const nginx = await startNginxRtmp();
const url = nginx.url('live', 'key');
const bulkhead = new Bulkhead(['live', '--output', url, '--plugins', FOLDER]);
let viewer: LiveViewer | undefined;
let client: ControlClient | undefined;
let missing = 0;
let pictures = 0;
const gaps: number[] = [];
try {
  await bulkhead.until('on air with its plugin', ({ extensionHosts: [host] }) => host?.state === 'running');
  await bulkhead.until('on air', ({ state }) => state === 'live');
  client = await ControlClient.connect(bulkhead.address);
  viewer = watchLive(url);
  await viewer.next(({ keyframe }) => keyframe);
  await viewer.next(({ keyframe }) => keyframe);
  for (const { command } of contributes.commands) {
    const from = viewer.packets.length - 1;
    const sinceMs = performance.now();
    const outcome = await client.runCommand(command, []).then(
      () => 'answered',
      (error: Error) => error.message,
    );
    await delay(WATCHED_MS);
    const [host] = (await client.status()).extensionHosts;
    // It may have been given up: each fault is to find it well.
    await client.plugins.restart({ id: PLUGIN });
    await viewer.next(({ keyframe }) => keyframe);
    const packets = viewer.packets.slice(from);
    const missed = missingPictures(packets, FPS);
    pictures += packets.filter(({ stream }) => stream === 'video').length;
    missing += missed;
    gaps.push(viewer.report(sinceMs).longestGapMs);
    console.log(`${command}: ${missed} pictures missing; ${outcome.slice(0, 150)}; host ${host?.state}`);
  }
  const { outputs, timeline } = await client.status();
  console.log(
    `${contributes.commands.length} faults: ${missing} of ${pictures} pictures missing (target 0); longest time between two ` +
      `${quantile(gaps, 1).toFixed(0)} ms; a tag in the core p99 ${timeline.transitP99Ms.toFixed(2)} ms; ` +
      `sessions ${outputs[0]?.sessions} (target 1)`,
  );
} finally {
  client?.dispose();
  await viewer?.stop();
  await bulkhead.end();
  await nginx.stop();
}
