// Memory and CPU of the encoder process, and memory of the whole process tree, while a looped clip is on air, before and after its video
// encoder has stopped delivering.
// With several sources, a scene shows all of them at once, beside each other.
//   node dist/bench/memory/main.js [--minutes 30] [--size 1280x720] [--fps 30] [--stalls 3] [--sources 1]
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { descendantsOf } from '../../test/support/children.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { writeNumberedClip } from '../../test/support/numbered-frames.js';
import { tempDir } from '../../test/support/temp.js';
import { megabytes } from '../support/process-memory.js';
import { median, slope, summary } from '../support/statistics.js';
import { atMost, exactly } from '../support/targets.js';
import { ownCpuSeconds } from '../support/tree-cpu.js';

/** Of one source, and of six. */
const [MOST_MB, MOST_MB_OF_SCENE] = [250, 350];
const MOST_CPU_PERCENT = 4;
const CLIP_SECONDS = 60;
const SAMPLE_MS = 5000;
const WARM_MS = 10_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    size: { type: 'string', default: '1280x720' },
    fps: { type: 'string', default: '30' },
    stalls: { type: 'string', default: '3' },
    sources: { type: 'string', default: '1' },
  },
});
const [width = 1280, height = 720] = values.size.split('x').map(Number);
const fps = Number(values.fps);
const stalls = Number(values.stalls);
const sourceCount = Number(values.sources);
const mostMb = sourceCount > 1 ? MOST_MB_OF_SCENE : MOST_MB;
const samples = Math.ceil((Number(values.minutes) * 60_000) / SAMPLE_MS);

interface Sample {
  /** MB. */
  readonly process: number;
  readonly tree: number;
}

function sample(encoderPid: number, rootPid: number): Sample {
  const tree = [rootPid, ...descendantsOf(rootPid).map(({ pid }) => pid)];
  return {
    process: megabytes(encoderPid, 'status', 'VmRSS'),
    tree: tree.reduce((sum, pid) => sum + megabytes(pid, 'smaps_rollup', 'Pss'), 0),
  };
}

function content(): object {
  if (sourceCount === 1) return { input: { type: 'file', path: clip } };
  const ids = Array.from({ length: sourceCount }, (_, index) => `s${index}`);
  const columns = Math.ceil(Math.sqrt(sourceCount));
  const part = { width: 2 * Math.floor(width / columns / 2), height: 2 * Math.floor(height / columns / 2) };
  const layers = ids.map((id, index) => {
    const place = {
      x: (index % columns) * part.width,
      y: Math.floor(index / columns) * part.height,
      ...part,
    };
    // The first one fills the frame, below the others.
    return index === 0 ? { id, source: id } : { id, source: id, ...place };
  });
  return {
    sources: ids.map((id) => ({ id, type: 'file', path: clip })),
    scenes: [{ id: 'main', layers }],
  };
}

const folder = tempDir('memory');
const nginx = await startNginxRtmp();
const clip = join(folder.path, 'clip.mp4');
writeNumberedClip(clip, { size: `${width}x${height}`, fps, seconds: CLIP_SECONDS, sampleRate: 44_100 });
const config = join(folder.path, 'show.json');
writeFileSync(config, JSON.stringify({ ...content(), video: { width, height, fps } }));
const bulkhead = new Bulkhead(['live', config, '--output', nginx.url('live', 'memory')]);
try {
  await bulkhead.until('live', ({ state }) => state === 'live');
  await delay(WARM_MS);
  const { encoder } = await bulkhead.status();
  const cpu = { s: ownCpuSeconds(encoder.pid), atMs: performance.now() };
  const before: Sample[] = [];
  const after: Sample[] = [];
  let stalled = 0;
  for (let taken = 0; taken < samples; taken++) {
    // The first third is without a stall.
    if (stalled < stalls && taken >= (samples * (stalled + 1)) / (stalls + 1)) {
      process.kill((await bulkhead.status()).encoder.videoPid, 'SIGSTOP');
      stalled++;
    }
    await delay(SAMPLE_MS);
    (stalled === 0 ? before : after).push(sample(encoder.pid, bulkhead.pid));
  }
  const percent = ((ownCpuSeconds(encoder.pid) - cpu.s) * 100_000) / (performance.now() - cpu.atMs);
  const { encoder: end, outputs } = await bulkhead.status();
  await bulkhead.stop();
  const row = (name: string, all: readonly Sample[]) => {
    const own = all.map(({ process: mb }) => mb);
    const perMinute = slope(own) * (60_000 / SAMPLE_MS);
    return (
      `${name}: the encoder process ${summary(own, 0)} MB ${atMost(Math.max(...own), mostMb)}, ${perMinute.toFixed(2)} MB more each minute; ` +
      `the whole tree ${median(all.map(({ tree }) => tree)).toFixed(0)} MB`
    );
  };
  console.log(`${width}×${height} at ${fps} fps, ${sourceCount} sources, ${values.minutes} min`);
  console.log(row('before a stall', before));
  if (after.length > 0) console.log(row(`after ${stalled} stalls of the video encoder`, after));
  console.log(
    `CPU of the encoder process: ${percent.toFixed(1)} % of a core${sourceCount > 1 ? '' : ` ${atMost(percent, MOST_CPU_PERCENT)}`}`,
  );
  console.log(
    `restarts of the encoder process ${end.restarts} ${exactly(end.restarts, 0)}; sessions ${outputs[0]?.sessions}; ` +
      `slots left out ${end.skippedSlots}, frames repeated ${end.repeatedFrames}`,
  );
} finally {
  await bulkhead.end();
  await nginx.stop();
  folder.dispose();
}
