// Frames missing at a viewer, ffprobe behind nginx-rtmp, while the sample plugin fault-lab runs each of its faults in turn,
// and before that crashes until it is given up.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlClient } from '../../src/control-client/control-client.js';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../test/support/live-viewer.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { missingFrames } from '../../test/support/small-broadcast.js';
import { quantile } from '../support/statistics.js';
import { exactly } from '../support/targets.js';

const FPS = 30;
const FAULTS = 'fault-lab';
const PLUGIN = `bulkhead.${FAULTS}`;
const FOLDER = `sample-plugins/${FAULTS}`;
/** How long a fault is watched at least: it may begin after its command has answered, ms. */
const WATCHED_MS = 3000;
const MOST_CRASHES = 5;

const { contributes } = JSON.parse(readFileSync(`${FOLDER}/package.json`, 'utf8')) as {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
};

const nginx = await startNginxRtmp();
const url = nginx.url('live', 'key');
const bulkhead = new Bulkhead(['live', '--output', url, '--plugins', FOLDER]);
let viewer: LiveViewer | undefined;
let client: ControlClient | undefined;
/** Index of the viewer's last packet that has been looked at: what comes between two faults counts with the second. */
let seen = 0;
let missing = 0;
let frames = 0;
const gaps: number[] = [];
try {
  await bulkhead.until('on air with its plugin', ({ extensionHosts: [host] }) => host?.state === 'running');
  await bulkhead.until('on air', ({ state }) => state === 'live');
  client = await ControlClient.connect(bulkhead.address);
  viewer = watchLive(url);
  await viewer.next(({ keyframe }) => keyframe);
  await viewer.next(({ keyframe }) => keyframe);
  const watched = { viewer, client };
  seen = viewer.packets.length - 1;
  // First, while no crash has been counted yet.
  await watch('crashes until it is given up', watched, () => crashUntilGivenUp(watched.client));
  for (const { command } of contributes.commands) {
    // It may have been given up: each fault is to find it well.
    await client.plugins.restart({ id: PLUGIN });
    await watch(command, watched, async () => {
      const outcome = await run(watched.client, command);
      await delay(WATCHED_MS);
      return outcome;
    });
  }
  const { outputs, timeline } = await client.status();
  console.log(
    `${gaps.length} faults: ${missing} of ${frames} frames missing ${exactly(missing, 0)}; longest time between two ` +
      `${quantile(gaps, 1).toFixed(0)} ms; a tag in the core p99 ${timeline.transitP99Ms.toFixed(2)} ms; ` +
      `sessions ${outputs[0]?.sessions} ${exactly(outputs[0]?.sessions, 1)}`,
  );
} finally {
  client?.dispose();
  await viewer?.stop();
  await bulkhead.end();
  await nginx.stop();
}

/** Prints what the viewer missed, and what became of the plugin, while `fault` ran. */
async function watch(
  name: string,
  { viewer, client }: { viewer: LiveViewer; client: ControlClient },
  fault: () => Promise<string>,
): Promise<void> {
  const sinceMs = performance.now();
  const before = (await client.status()).extensionHosts[0];
  const outcome = await fault();
  const after = (await client.status()).extensionHosts[0];
  await viewer.next(({ keyframe }) => keyframe);
  const packets = viewer.packets.slice(seen);
  seen += packets.length - 1;
  const missed = missingFrames(packets, FPS);
  const { longestGapMs } = viewer.report(sinceMs);
  frames += packets.filter(({ stream }) => stream === 'video').length;
  missing += missed;
  gaps.push(longestGapMs);
  console.log(
    `${name}: ${missed} frames missing, ${longestGapMs.toFixed(0)} ms between two at most; ` +
      `plugin ${after?.state}, restarts ${(after?.restarts ?? 0) - (before?.restarts ?? 0)}; ${outcome.slice(0, 120)}`,
  );
}

async function crashUntilGivenUp(client: ControlClient): Promise<string> {
  for (let crashes = 1; crashes <= MOST_CRASHES; crashes++) {
    const before = (await client.status()).extensionHosts[0]?.pid;
    await run(client, `${FAULTS}.crash`);
    const { extensionHosts } = await bulkhead.until(
      'started again, or given up',
      ({ extensionHosts: [host] }) =>
        host?.state === 'quarantined' || (host?.state === 'running' && host.pid !== before),
    );
    if (extensionHosts[0]?.state === 'quarantined') return `after ${crashes} crashes`;
  }
  return `NOT given up after ${MOST_CRASHES} crashes`;
}

function run(client: ControlClient, command: string): Promise<string> {
  return client.runCommand(command, []).then(
    () => 'answered',
    (error: Error) => error.message,
  );
}
