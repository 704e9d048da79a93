// A setting of a plugin is changed in the configuration file of a broadcast that is live, again and again: how soon the plugin hears of it, and
// whether a viewer misses a frame. nginx-rtmp takes the stream, and an ffmpeg records it.
//   node dist/bench/settings/main.js [changes, 100]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlClient } from '../../src/control-client/control-client.js';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { AAC, H264, writeMarkedClip } from '../../test/support/marked-clip.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { writePlugin } from '../../test/support/plugins.js';
import { tempDir } from '../../test/support/temp.js';
import { checkRecording } from '../../test/tools/recording/check-recording.js';
import { seenFrames } from '../support/seen-frames.js';
import { quantile } from '../support/statistics.js';
import { atMost, exactly } from '../support/targets.js';

const CHANGES = Number(process.argv[2] ?? 100);
const FPS = 30;
const SIZE = { width: 640, height: 360 };
/** Target, ms. */
const MOST_MS = 300;
/** Between two changes, ms: an editor does not save faster. */
const PAUSE_MS = 200;
/** Longest time that one change may take, s. */
const CHANGE_S = 1;

/** Says when a value has arrived, ms since 1970. */
const PLUGIN = {
  source: `
    import { commands, configuration } from '@bulkhead/extension-api';
    export function activate(context) {
      const waiting = new Map();
      context.subscriptions.push(
        configuration.onDidChange((event) => {
          const atMs = Date.now();
          if (event.affectsConfiguration('step')) waiting.get(configuration.get('step'))?.(atMs);
        }),
        commands.registerCommand('bench.heard', (step) => new Promise((resolve) => waiting.set(step, resolve))),
        commands.registerCommand('bench.ready', () => true),
      );
    }`,
  manifest: {
    contributes: { configuration: { properties: { step: { type: 'integer', default: 0 } } } },
  },
};

const folder = tempDir('settings-bench');
const file = join(folder.path, 'show.jsonc');
const clip = join(folder.path, 'clip.mp4');
const recording = join(folder.path, 'recording.flv');
const plugin = writePlugin(folder.path, 'bench', PLUGIN);
const nginx = await startNginxRtmp();

/** As editors save: another file takes the place of the one before. @returns when, ms since 1970 */
function save(step: number): number {
  const config = {
    input: { type: 'file', path: clip },
    video: { ...SIZE, fps: FPS, bitrateKbps: 1500, keyframeIntervalSeconds: 1 },
    plugins: [plugin],
    pluginSettings: { bench: { step } },
  };
  writeFileSync(`${file}.new`, `// the ${step}th\n${JSON.stringify(config, null, 2)}\n`);
  renameSync(`${file}.new`, file);
  return Date.now();
}

/** From a saved file to the plugin, of each change, ms. */
async function changes(address: string): Promise<number[]> {
  const client = await ControlClient.connect(address);
  const tookMs: number[] = [];
  try {
    await client.runCommand('bench.ready', []);
    for (let step = 1; step <= CHANGES; step++) {
      const heard = client.runCommand('bench.heard', [step]);
      // The plugin waits for it by now.
      await client.runCommand('bench.ready', []);
      const savedMs = save(step);
      tookMs.push(Math.max(0, Number(await heard) - savedMs));
      await delay(PAUSE_MS * (0.5 + Math.random()));
    }
  } finally {
    client.dispose();
  }
  return tookMs;
}

async function run(): Promise<void> {
  save(0);
  const url = nginx.url('live', 'settings');
  const bulkhead = new Bulkhead(['live', file, '--output', url]);
  try {
    await bulkhead.until('live', ({ state }) => state === 'live');
    const recorder = spawn('ffmpeg', ['-v', 'error', '-i', url, '-c', 'copy', recording], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await delay(3000);
    const before = (await bulkhead.status()).encoder.repeatedFrames;
    const tookMs = await changes(bulkhead.address);
    await delay(2000);
    const { encoder, outputs } = await bulkhead.status();
    recorder.stdin?.write('q');
    await once(recorder, 'close');
    const check = await checkRecording(recording);
    const [p50, p95, most] = [0.5, 0.95, 1].map((fraction) => quantile(tookMs, fraction));
    console.log(
      `a setting changed in the configuration file ${CHANGES} times while live: saved → the plugin's onDidChange, ms: ` +
        `p50 ${p50}, p95 ${p95} ${atMost(p95 ?? Number.NaN, MOST_MS)}, most ${most} ${atMost(most ?? Number.NaN, MOST_MS)}`,
    );
    const inputLacked = encoder.repeatedFrames - before;
    console.log(
      `at the viewer ${seenFrames(check, inputLacked)}; ${encoder.skippedSlots} slots were left out since the machine was too slow; ` +
        `the encoder process restarted ${encoder.restarts} times ${exactly(encoder.restarts, 0)}; ${outputs[0]?.sessions} session ${exactly(outputs[0]?.sessions, 1)}`,
    );
  } finally {
    await bulkhead.end();
  }
}

try {
  const seconds = Math.ceil(CHANGES * CHANGE_S) + 30;
  await writeMarkedClip(clip, {
    ...{ ...SIZE, rate: String(FPS), flashPeriodS: 2 },
    video: { frames: seconds * FPS, encode: H264 },
    sound: { seconds, sampleRate: 48_000, layout: 'stereo', encode: AAC },
  });
  await run();
} finally {
  await nginx.stop();
  folder.dispose();
}
