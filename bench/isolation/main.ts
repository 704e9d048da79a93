// Frames missing at a viewer, ffprobe behind nginx-rtmp, while the extension host is killed, stopped, or spins forever.
import { setTimeout as delay } from 'node:timers/promises';
import type { Status } from '../../src/protocol/status/status.js';
import { Bulkhead, runCommand } from '../../test/support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../test/support/live-viewer.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { writePlugin } from '../../test/support/plugins.js';
import { missingFrames } from '../../test/support/small-broadcast.js';
import { tempDir } from '../../test/support/temp.js';
import { summary } from '../support/statistics.js';
import { exactly, shown } from '../support/targets.js';

const ROUNDS = Number(process.argv[2] ?? 5);
const FPS = 30;
const PLUGIN = `
  const { commands } = require('@bulkhead/extension-api');
  exports.activate = () => { commands.registerCommand('faulty.spin', () => { for (;;); }); };`;

interface Fault {
  readonly name: string;
  readonly befall: (bulkhead: Bulkhead, hostPid: number) => void;
  /** Whether the core has dealt with it. */
  readonly over: (status: Status) => boolean;
}

const host = ({ extensionHosts: [first] }: Status) => first;

/** The third crash in five minutes is where a plugin is given up: each round has a broadcast of its own. */
const FAULTS: readonly Fault[] = [
  {
    name: 'kill -9',
    befall: (_, pid) => process.kill(pid, 'SIGKILL'),
    over: (status) => host(status)?.state === 'running' && host(status)?.restarts === 1,
  },
  {
    name: 'SIGSTOP',
    befall: (_, pid) => process.kill(pid, 'SIGSTOP'),
    over: (status) => host(status)?.state === 'running' && host(status)?.restarts === 2,
  },
  {
    name: 'endless loop',
    befall: ({ address }) => void runCommand(address, 'faulty.spin').catch(() => {}),
    over: (status) => host(status)?.state === 'quarantined',
  },
];

const results = FAULTS.map(({ name }) => ({ name, frames: 0, missing: 0, gaps: [] as number[] }));
const quietGaps: number[] = [];
const sessions = new Set<number | undefined>();
const nginx = await startNginxRtmp();
const folder = tempDir('isolation');
try {
  writePlugin(folder.path, 'faulty', { type: 'cjs', source: PLUGIN });
  for (let round = 0; round < ROUNDS; round++) {
    const url = nginx.url('live', `key-${round}`);
    const bulkhead = new Bulkhead(['live', '--output', url, '--plugins', folder.path]);
    let viewer: LiveViewer | undefined;
    try {
      await bulkhead.until('on air with its plugin', (status) => host(status)?.state === 'running');
      await bulkhead.until('on air', ({ state }) => state === 'live');
      viewer = watchLive(url);
      await viewer.next(({ keyframe }) => keyframe);
      await viewer.next(({ keyframe }) => keyframe);
      const quietSinceMs = performance.now();
      await delay(3000);
      quietGaps.push(viewer.report(quietSinceMs).longestGapMs);
      for (const [index, { name, befall, over }] of FAULTS.entries()) {
        const from = viewer.packets.length - 1;
        const sinceMs = performance.now();
        befall(bulkhead, host(await bulkhead.status())?.pid ?? 0);
        await bulkhead.until(`${name} is over`, over, 60_000);
        await viewer.next(({ keyframe }) => keyframe);
        const packets = viewer.packets.slice(from);
        const result = results[index];
        if (result === undefined) continue;
        result.frames += packets.filter(({ stream }) => stream === 'video').length;
        result.missing += missingFrames(packets, FPS);
        result.gaps.push(viewer.report(sinceMs).longestGapMs);
      }
      sessions.add((await bulkhead.status()).outputs[0]?.sessions);
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
for (const { name, frames, missing, gaps } of results) {
  console.log(
    `${name} of the extension host, ${ROUNDS} times: ${missing} of ${frames} frames missing ${exactly(missing, 0)}; ` +
      `longest time between two ${summary(gaps)} ms`,
  );
}
console.log(
  `left alone: longest time between two ${summary(quietGaps)} ms; sessions ${[...sessions].join(', ')} ${shown(
    [...sessions].every((count) => count === 1),
    '1',
  )}`,
);
