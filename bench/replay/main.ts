// Replays: how long it takes until 30 s at 6 Mbit/s are a complete file, from the request at the core and from the start of the command.
// node dist/bench/replay/main.js [--rounds N] [--seconds N] [--format mkv] [--folder PATH]
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { RecordingFormat } from '../../src/config/recording-schema.js';
import { ControlClient } from '../../src/control-client/control-client.js';
import type { SavedReplay } from '../../src/protocol/replay.js';
import { Bulkhead, runBulkhead } from '../../test/support/bulkhead.js';
import { probeRecording, soundFaults } from '../../test/support/probed-recording.js';
import { writeConfig } from '../../test/support/small-broadcast.js';
import { tempDir } from '../../test/support/temp.js';
import { summary } from '../support/statistics.js';
import { atLeast, atMost, exactly } from '../support/targets.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '30' },
    format: { type: 'string', default: 'mkv' },
    folder: { type: 'string' },
  },
});
const [ROUNDS, SECONDS] = [Number(values.rounds), Number(values.seconds)];
const FPS = 30;
/** The encoder stays a little below the bitrate that is set. */
const BITRATE_KBPS = 6600;
const SOUND_FRAME_MS = 1024 / 48;
/** Between two saves, so that they do not wait for each other's disk. */
const PAUSE_MS = 1000;

/** Frames and sound that are missing or twice, and whether it begins with a keyframe at 0. */
function faultsOf({ path }: SavedReplay): { missing: number; sound: number; startMs: number; ms: number } {
  const { packets, durationMs } = probeRecording(path);
  const times = packets.filter(({ stream }) => stream === 'video').map(({ ptsMs }) => ptsMs);
  const steps = times.slice(1).map((ms, index) => Math.round(((ms - (times[index] ?? 0)) * FPS) / 1000));
  const sound = soundFaults(packets, SOUND_FRAME_MS);
  return {
    missing: steps.reduce((sum, step) => sum + Math.abs(step - 1), 0),
    sound: sound.missing + sound.repeated,
    ...{ startMs: times[0] ?? Number.NaN, ms: durationMs },
  };
}

const folder = tempDir('bench-replay');
const config = writeConfig(folder.path, {
  input: { type: 'test-pattern' },
  video: { width: 640, height: 360, fps: FPS, bitrateKbps: BITRATE_KBPS, preset: 'ultrafast' },
  replay: {
    seconds: SECONDS,
    folder: values.folder ?? join(folder.path, 'replays'),
    format: values.format as RecordingFormat,
  },
});
const live = new Bulkhead(['live', config]);
try {
  await live.until('held', ({ replay }) => (replay?.heldMs ?? 0) >= SECONDS * 1000, (SECONDS + 60) * 1000);
  const before = await live.status();
  const client = await ControlClient.connect(live.address);
  const saved: SavedReplay[] = [];
  const savedMs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const beganMs = performance.now();
    saved.push(await client.replays.saveReplay({}));
    savedMs.push(performance.now() - beganMs);
    await delay(PAUSE_MS);
  }
  client.dispose();
  const commandMs: number[] = [];
  for (let round = 0; round < Math.min(5, ROUNDS); round++) {
    const beganMs = performance.now();
    const { code, stderr } = await runBulkhead(['replay', 'save'], { address: live.address });
    commandMs.push(performance.now() - beganMs);
    if (code !== 0) throw new Error(stderr);
    await delay(PAUSE_MS);
  }
  const { encoder, timeline, core } = await live.status();
  const kbps = saved.map(({ path, durationMs }) => (statSync(path).size * 8) / durationMs);
  const faults = saved.map(faultsOf);
  const sum = (of: (fault: (typeof faults)[number]) => number) =>
    faults.reduce((all, one) => all + of(one), 0);
  const left = encoder.skippedSlots - before.encoder.skippedSlots;
  console.log(
    `${ROUNDS} replays of ${SECONDS} s (${values.format}), ${summary(kbps)} kbit/s:\n` +
      `  saved after the request in ${summary(savedMs)} ms ${atMost(Math.max(...savedMs), 300)}\n` +
      `  the command from its start to its end ${summary(commandMs)} ms\n` +
      `  duration ${summary(
        faults.map(({ ms }) => ms / 1000),
        1,
      )} s ${atLeast(Math.min(...faults.map(({ ms }) => ms)) / 1000, SECONDS)}\n` +
      `  first frame at ${summary(faults.map(({ startMs }) => startMs))} ms ${exactly(
        sum(({ startMs }) => startMs),
        0,
      )}\n` +
      `  frames missing ${sum(({ missing }) => missing)}, of the sound ${sum(({ sound }) => sound)} ${exactly(
        sum(({ sound }) => sound),
        0,
      )}; left out by the encoder meanwhile ${left}\n` +
      `  through the core in ${before.timeline.transitP99Ms.toFixed(1)} ms (p99) before, ${timeline.transitP99Ms.toFixed(1)} ms with replays; ${Math.round(before.core.rssBytes / 1e6)} MB, then ${Math.round(core.rssBytes / 1e6)} MB`,
  );
} finally {
  await live.end();
  folder.dispose();
}
