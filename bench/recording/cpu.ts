import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RecordingFormat } from '../../src/config/recording-schema.js';
import { Bulkhead, runBulkhead } from '../../test/support/bulkhead.js';
import { writeConfig } from '../../test/support/small-broadcast.js';
import { atMost } from '../support/targets.js';
import { ownCpuSeconds } from '../support/tree-cpu.js';

const SECONDS = 60;
/** Until processes have started up, ms. */
const SETTLE_MS = 5000;

/** CPU time that recording costs, beside ffmpeg that copies the same stream, at the same time. */
export async function measureCpu(folder: string, format: RecordingFormat): Promise<void> {
  const config = writeConfig(join(folder, 'cpu'), {
    video: {
      width: 1280,
      height: 720,
      fps: 30,
      bitrateKbps: 6000,
      preset: 'ultrafast',
      constantBitrate: true,
    },
    recording: { folder: join(folder, 'cpu-recordings'), format },
  });
  const live = new Bulkhead(['live', config]);
  try {
    const { core, liveServer } = await live.until(
      'on air',
      ({ state, liveServer: page }) => state === 'live' && page !== undefined,
    );
    await delay(SETTLE_MS);
    const [alone] = await cpuOf([core.pid]);
    const started = await runBulkhead(['record', 'start', '--json'], { address: live.address });
    if (started.code !== 0) throw new Error(started.stderr);
    const ffmpeg = spawn(
      'ffmpeg',
      [
        '-v',
        'error',
        '-y',
        '-i',
        liveServer?.playUrl ?? '',
        '-c',
        'copy',
        join(folder, `copied.${format === 'mkv' ? 'mkv' : 'mp4'}`),
      ],
      { stdio: 'ignore' },
    );
    try {
      await delay(SETTLE_MS);
      const { recording } = await live.status();
      const before = recording?.writtenBytes ?? 0;
      const [withRecording = 0, recorder = 0, copying = 0] = await cpuOf([
        core.pid,
        recording?.pid ?? 0,
        ffmpeg.pid ?? 0,
      ]);
      const { recording: after } = await live.status();
      const kbps = (((after?.writtenBytes ?? 0) - before) * 8) / SECONDS / 1000;
      const more = Math.max(0, withRecording - (alone ?? 0));
      const ratio = recorder / copying;
      console.log(
        `CPU in ${SECONDS} s at ${kbps.toFixed(0)} kbit/s: recorder ${recorder.toFixed(2)} s, ffmpeg -c copy ${copying.toFixed(2)} s: ` +
          `${ratio.toFixed(2)} ${atMost(ratio, 2)}; the core ${more.toFixed(2)} s more than ${(alone ?? 0).toFixed(2)} s: ` +
          `with it ${((recorder + more) / copying).toFixed(2)}`,
      );
    } finally {
      ffmpeg.kill('SIGKILL');
    }
  } finally {
    await live.end();
  }
}

async function cpuOf(pids: readonly number[]): Promise<number[]> {
  const before = pids.map(ownCpuSeconds);
  await delay(SECONDS * 1000);
  return pids.map((pid, index) => ownCpuSeconds(pid) - (before[index] ?? 0));
}
