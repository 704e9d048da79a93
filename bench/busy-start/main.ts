// A show of several sources that is started on a busy computer: how long until it is on air, and how often its encoder process began anew.
//   node dist/bench/busy-start/main.js [starts, 5] [other programs that compute, 8] [sources, 6]
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { writeNumberedClip } from '../../test/support/numbered-frames.js';
import { tempDir } from '../../test/support/temp.js';
import { summary } from '../support/statistics.js';
import { atMost, exactly } from '../support/targets.js';

const STARTS = Number(process.argv[2] ?? 5);
const PROGRAMS = Number(process.argv[3] ?? 8);
const SOURCES = Number(process.argv[4] ?? 6);
const MOST_S = 30;
const REST_MS = 2000;
const VIDEO = { width: 1280, height: 720, fps: 30 };

const folder = tempDir('busy-start');
const nginx = await startNginxRtmp();
const clip = join(folder.path, 'clip.mp4');
writeNumberedClip(clip, { size: '1280x720', fps: 30, seconds: 30, sampleRate: 44_100 });
const ids = Array.from({ length: SOURCES }, (_, index) => `s${index}`);
const config = join(folder.path, 'show.json');
writeFileSync(
  config,
  JSON.stringify({
    video: VIDEO,
    sources: ids.map((id) => ({ id, type: 'file', path: clip })),
    scenes: [
      {
        id: 'main',
        layers: ids.map((id, index) =>
          index === 0 ? { id, source: id } : { id, source: id, x: 200 * index, width: 320, height: 180 },
        ),
      },
    ],
  }),
);

// Each in a session of its own, as another program of the desktop would be.
const programs: ChildProcess[] = Array.from({ length: PROGRAMS }, () =>
  spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore', detached: true }),
);
const seconds: number[] = [];
let [restarts, missed] = [0, 0];
try {
  for (let start = 0; start < STARTS; start++) {
    const begunMs = performance.now();
    const bulkhead = new Bulkhead(['live', config, '--output', nginx.url('live', `busy${start}`)]);
    try {
      const status = await bulkhead.until('live', ({ state }) => state === 'live').catch(() => undefined);
      if (status === undefined) missed++;
      else seconds.push((performance.now() - begunMs) / 1000);
      restarts += (status ?? (await bulkhead.status())).encoder.restarts;
    } finally {
      await bulkhead.end();
    }
    await delay(REST_MS);
  }
} finally {
  for (const program of programs) {
    const gone = once(program, 'exit');
    program.kill('SIGKILL');
    await gone;
  }
  await nginx.stop();
  folder.dispose();
}
console.log(
  `${STARTS} starts with ${SOURCES} sources at 720p30, beside ${PROGRAMS} programs on ${availableParallelism()} cores: ` +
    `on air after s: ${summary(seconds, 1)} ${atMost(Math.max(...seconds), MOST_S)}; never ${missed} ${exactly(missed, 0)}; ` +
    `encoder processes started again ${restarts} ${exactly(restarts, 0)}`,
);
