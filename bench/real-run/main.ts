// A recording, looped to nginx-rtmp with a viewer attached, while ffmpeg, the encoder process and the extension host are
// each killed three times, in every run mode. Usage: node dist/bench/real-run/main.js [FILE]; without a file one with 48 kHz
// sound is made.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Status } from '../../src/protocol/status/status.js';
import { clip } from '../../test/integration/encoder/test-media.js';
import { type LiveViewer, watchLive } from '../../test/support/live-viewer.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { RUN_MODES, type RunMode } from '../../test/support/run-modes.js';
import { tempDir } from '../../test/support/temp.js';

const KILLS = 3;
/** Between two kills, ms: longer than an encoder has to run for its next restart to be immediate. */
const REST_MS = 4000;
const PLUGIN = join(process.cwd(), 'sample-plugins', 'stream-health');

const folder = tempDir('real-run');
const file = process.argv[2] ?? (await clip(folder.path, 'clip.mp4', 6));

interface Victim {
  readonly name: string;
  readonly pid: (status: Status) => number | undefined;
  /** Whether the process is there in this mode, and can be killed alone. */
  readonly in: (mode: RunMode) => boolean;
  /** Whether what there is to say about its loss has come true since `before`. */
  readonly back: (before: Status, now: Status) => boolean;
}

const newEpoch = (before: Status, now: Status) => now.timeline.splices > before.timeline.splices;
const VICTIMS: readonly Victim[] = [
  {
    name: 'the video encoder',
    pid: ({ encoder }) => encoder.videoPid,
    in: () => true,
    back: ({ encoder: before }, { encoder: now }) => now.videoPid !== before.videoPid && now.heldVideoPid > 0,
  },
  {
    name: 'the encoder process',
    pid: ({ encoder }) => encoder.pid,
    in: ({ encoderIsolated }) => encoderIsolated,
    back: newEpoch,
  },
  {
    name: 'the extension host',
    pid: ({ extensionHosts: [host] }) => host?.pid,
    in: ({ pluginsIsolated }) => pluginsIsolated,
    // The third crash within five minutes puts a plugin into quarantine.
    back: ({ extensionHosts: [before] }, { extensionHosts: [now] }) =>
      now?.state === 'quarantined' || (now?.state === 'running' && now.pid !== before?.pid),
  },
];

async function run(mode: RunMode): Promise<void> {
  const nginx = await startNginxRtmp();
  const url = nginx.url('live', 'key');
  const live = await mode.goLive(['--input', file, '--output', url, '--plugins', PLUGIN]);
  let viewer: LiveViewer | undefined;
  try {
    await live.owner.until(
      'on air with its plugin',
      ({ state, extensionHosts: [host] }) => state === 'live' && host?.state === 'running',
    );
    viewer = watchLive(url);
    await viewer.next(({ stream }) => stream === 'video');
    console.log(`\n${mode.name}`);
    for (const victim of VICTIMS.filter((candidate) => candidate.in(mode))) {
      for (let kill = 1; kill <= KILLS; kill++) {
        await delay(REST_MS);
        const before = await live.owner.status();
        const pid = victim.pid(before) ?? 0;
        const sinceMs = performance.now() - 200;
        process.kill(pid, 'SIGKILL');
        await live.owner.until(`${victim.name} is back`, (now) => victim.back(before, now));
        await delay(1500);
        const { longestGapMs } = viewer.report(sinceMs);
        console.log(`  kill -9 of ${victim.name} (${pid}): the viewer's gap ${longestGapMs.toFixed(0)} ms`);
      }
    }
    const { outputs, encoder, timeline, extensionHosts } = await live.owner.status();
    const { videoPackets, backwards, soundMs, frameMs } = viewer.report();
    console.log(
      `  RTMP sessions ${outputs[0]?.sessions}, encoder runs ${encoder.epoch}, splices ${timeline.splices}; ` +
        `the viewer ${viewer.watching ? 'still watches' : 'was thrown out'}: ` +
        `${videoPackets} frames, ${backwards} timestamps going back, ` +
        `${soundMs.toFixed(0)} ms of sound with ${frameMs.toFixed(0)} ms of video`,
    );
    const [plugin] = extensionHosts;
    console.log(
      `  the plugin: ${plugin?.state}${plugin?.error === undefined ? '' : `: ${plugin.error.message}`}`,
    );
    if (live.cli !== live.owner) await live.cli.stop();
    console.log(`  Ctrl-C: exit code ${await live.owner.stop()}`);
  } finally {
    await viewer?.stop();
    await live.end();
    await nginx.stop();
  }
}

try {
  for (const mode of RUN_MODES) await run(mode);
} finally {
  folder.dispose();
}
