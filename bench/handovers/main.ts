// Changes the settings of the studio's encoders on air, again and again, and looks at each frame of what a viewer has recorded. One
// change in ten fails: its ffmpeg delivers nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlClient } from '../../src/control-client/control-client.js';
import type { EncoderSettingsChange } from '../../src/protocol/encoder-settings.js';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { AAC, H264, writeMarkedClip } from '../../test/support/marked-clip.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { tempDir } from '../../test/support/temp.js';
import { checkRecording } from '../../test/tools/recording/check-recording.js';
import { seenFrames } from '../support/seen-frames.js';
import { settingsChange } from '../support/settings-changes.js';
import { summary } from '../support/statistics.js';
import { atMost, exactly } from '../support/targets.js';

const COUNT = Number(process.argv[2] ?? 200);
const FPS = 30;
const KEYFRAMES_S = 1;
/** Longest time that one change may take. */
const CHANGE_S = 2.5;
const FAILS_EACH = 10;
const LEAST_KBPS = 1500;
/** A/V offset after all, ms. */
const MOST_OFFSET_MS = 22;

const folder = tempDir('handovers-bench');
const clip = join(folder.path, 'clip.mp4');
const recording = join(folder.path, 'recording.flv');
const silent = join(folder.path, 'ffmpeg');
const nginx = await startNginxRtmp();

function change(number: number): EncoderSettingsChange {
  if (number % FAILS_EACH === FAILS_EACH - 1) return { ffmpeg: silent };
  return settingsChange(number, LEAST_KBPS);
}

/** How long each change took, ms, and how many failed that should not, or the other way round. */
async function changes(address: string): Promise<{ tookMs: number[]; unexpected: number }> {
  const tookMs: number[] = [];
  let unexpected = 0;
  const client = await ControlClient.connect(address);
  try {
    for (let number = 0; number < COUNT; number++) {
      const settings = change(number);
      const begunMs = performance.now();
      const failed = await client.setEncoder(settings).then(
        () => false,
        () => true,
      );
      if (failed !== (settings.ffmpeg !== undefined)) unexpected += 1;
      if (!failed) tookMs.push(performance.now() - begunMs);
      // So that not all of them begin at the same place between two keyframes.
      await delay(300 * Math.random());
    }
  } finally {
    client.dispose();
  }
  return { tookMs, unexpected };
}

async function run(): Promise<void> {
  const config = join(folder.path, 'studio.jsonc');
  const video = {
    width: 640,
    height: 360,
    fps: FPS,
    bitrateKbps: LEAST_KBPS,
    keyframeIntervalSeconds: KEYFRAMES_S,
  };
  writeFileSync(config, JSON.stringify({ input: { type: 'file', path: clip }, video }));
  const bulkhead = new Bulkhead(['live', config, '--output', nginx.url('live', 'handovers')]);
  try {
    await bulkhead.until('live', ({ state }) => state === 'live');
    const recorder = spawn(
      'ffmpeg',
      ['-v', 'error', '-i', nginx.url('live', 'handovers'), '-c', 'copy', recording],
      { stdio: ['pipe', 'ignore', 'ignore'] },
    );
    await delay(3000);
    const before = (await bulkhead.status()).encoder.repeatedFrames ?? 0;
    const { tookMs, unexpected } = await changes(bulkhead.address);
    await delay(2000);
    const { encoder, outputs } = await bulkhead.status();
    recorder.stdin?.write('q');
    await once(recorder, 'close');
    const check = await checkRecording(recording);
    const { av } = check;
    const inputLacked = (encoder.repeatedFrames ?? 0) - before;
    console.log(
      `${COUNT} changes of settings, of which ${Math.floor(COUNT / FAILS_EACH)} fail: ${seenFrames(check, inputLacked)}; ` +
        `${encoder.skippedSlots} slots were left out since the machine was too slow, and ${inputLacked} frames shown again since the input had none in time`,
    );
    console.log(
      `${unexpected} changes ended otherwise than they should ${exactly(unexpected, 0)}; ` +
        `the encoder process restarted ${encoder.restarts} times ${exactly(encoder.restarts, 0)}; ` +
        `${outputs[0]?.sessions} session ${exactly(outputs[0]?.sessions, 1)}; ` +
        `a change took ${summary(tookMs, 0)} ms, with a keyframe each ${KEYFRAMES_S * 1000} ms; ` +
        `sound ${av?.medianMs.toFixed(1)} ms late (median), ${av?.worstMs.toFixed(1)} at worst ${atMost(Math.abs(av?.worstMs ?? Number.NaN), MOST_OFFSET_MS)}`,
    );
  } finally {
    await bulkhead.end();
  }
}

try {
  writeFileSync(silent, '#!/bin/sh\nexec cat >/dev/null\n');
  chmodSync(silent, 0o755);
  const seconds = Math.ceil(COUNT * CHANGE_S) + 30;
  await writeMarkedClip(clip, {
    ...{ width: 640, height: 360, rate: String(FPS), flashPeriodS: 2 },
    video: { frames: seconds * FPS, encode: H264 },
    sound: { seconds, sampleRate: 48_000, layout: 'stereo', encode: AAC },
  });
  await run();
} finally {
  await nginx.stop();
  folder.dispose();
}
