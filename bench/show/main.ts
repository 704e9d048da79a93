// A show of ten minutes, scripted: two recordings, a live RTMP source that dies and returns, the screen, an image with alpha, three sources of
// sound, text in English and Chinese, forty changes and fifteen kills. The first recording is in every scene, with marks in its frames and its
// sound: what a viewer was sent is checked frame by frame and beep by beep.
//
//   node dist/bench/show/main.js [--minutes 10] [--changes 40] [--kills 15] [--images FOLDER] [RECORDING RECORDING]
//
// Without recordings, two are made. With a folder, five moments are written there as JPEG images.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ControlClient } from '../../src/control-client/control-client.js';
import type { Status } from '../../src/protocol/status/status.js';
import { clip } from '../../test/integration/encoder/test-media.js';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { childrenOf } from '../../test/support/children.js';
import { writeMarkedRecording } from '../../test/support/marked-recording.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { tempDir } from '../../test/support/temp.js';
import { checkRecording } from '../../test/tools/recording/check-recording.js';
import { MOST_OFFSET_MS } from '../../test/tools/recording/faults.js';
import { atMost, exactly } from '../support/targets.js';
import { CHANGES, SCENES, showOf } from './script.js';

const SIZE = { width: 1280, height: 720 };
const FPS = 30;
const TIMES = 4;
const WARM_MS = 6000;
/** How long the live source stays away, ms. */
const AWAY_MS = 3000;
/** The changes after which the moments are that are shown: each scene once. */
const SHOWN_AFTER = [0, 3, 6, 9, 11];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '10' },
    changes: { type: 'string', default: '40' },
    kills: { type: 'string', default: '15' },
    images: { type: 'string' },
  },
});

const folder = tempDir('show');
const recordings = join(folder.path, 'recordings');
mkdirSync(recordings);
const nginx = await startNginxRtmp({ recordingFolder: recordings });
const guestUrl = nginx.url('other', 'guest');

/** Publishes a second recording live. */
function publishGuest(file: string) {
  return spawn(
    'ffmpeg',
    ['-v', 'error', '-re', '-stream_loop', '-1', '-i', file, '-c', 'copy', '-f', 'flv', guestUrl],
    { stdio: 'ignore' },
  );
}

async function startScreen() {
  const server = spawn(
    'Xvfb',
    ['-displayfd', '3', '-wr', '-screen', '0', '1280x720x24', '-nolisten', 'tcp'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  );
  const [number] = (await once(server.stdio[3] as Readable, 'data')) as [Buffer];
  return { display: `:${number.toString().trim()}`, server };
}

/** What can be killed, in turn; the live source is published again after a while. */
const VICTIMS: readonly (readonly [name: string, pid: (status: Status, guest: number) => number])[] = [
  ['the video encoder', ({ encoder }) => encoder.videoPid],
  ['the live source', (_, guest) => guest],
  ['the sound encoder', ({ encoder }) => encoder.audioPid],
  ['what reads the recording', ({ sources }) => sources.find(({ id }) => id === 'one')?.pid ?? 0],
  [
    'what draws the overlays',
    ({ encoder }) => childrenOf(encoder.pid).find(({ command }) => command.endsWith('overlay.cjs'))?.pid ?? 0,
  ],
  ['what captures the screen', ({ sources }) => sources.find(({ id }) => id === 'screen')?.pid ?? 0],
];

try {
  const made =
    positionals.length === 2
      ? positionals
      : [await clip(folder.path, 'one.mp4', 8), await clip(folder.path, 'two.mp4', 7)];
  const [first = '', second = ''] = made;
  const one = join(folder.path, 'marked.mp4');
  await writeMarkedRecording(one, [first], { ...SIZE, fps: FPS, times: TIMES });
  const loop = (await checkRecording(one)).video?.frames;
  const logo = join(folder.path, 'logo.png');
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'color=red:s=200x200,format=rgba'],
    ...['-vf', "geq=r='255':g='200*Y/H':b='40':a='255*lte(hypot(X-100,Y-100),95)'", '-frames:v', '1', logo],
  ]);
  const music = join(folder.path, 'music.m4a');
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'sine=220:sample_rate=44100', '-t', '20', '-c:a', 'aac', music],
  ]);
  const screen = await startScreen();
  let guest = publishGuest(second);
  await delay(1000);
  const config = join(folder.path, 'show.json');
  const show = showOf({ one, two: second, guestUrl, logo, music, display: screen.display, ...SIZE });
  writeFileSync(
    config,
    JSON.stringify({
      ...show,
      video: { ...SIZE, fps: FPS },
      outputs: [{ id: 'nginx', url: nginx.url('recorded', 'show') }],
    }),
  );
  const bulkhead = new Bulkhead(['live', config]);
  const killed = new Map<string, number>();
  let [restarts, skipped] = [0, 0];
  try {
    await bulkhead.until('live', ({ state }) => state === 'live', 30_000);
    await delay(WARM_MS);
    const client = await ControlClient.connect(bulkhead.address);
    const [changes, kills] = [Number(values.changes), Number(values.kills)];
    const eachMs = (Number(values.minutes) * 60_000) / changes;
    for (let change = 0; change < changes; change++) {
      const begunMs = performance.now();
      await CHANGES[change % CHANGES.length]?.(client);
      if (Math.floor(((change + 1) * kills) / changes) > Math.floor((change * kills) / changes)) {
        const status = await bulkhead.status();
        const turn = Math.floor((change * kills) / changes) % VICTIMS.length;
        // Nothing captures the screen while no scene on air shows it: then the next one is killed.
        const [name, pid] = [...VICTIMS.slice(turn), ...VICTIMS]
          .map(([name, pidOf]) => [name, pidOf(status, guest.pid ?? 0)] as const)
          .find(([, pid]) => pid > 0) ?? ['nothing', 0];
        if (pid > 0) process.kill(pid, 'SIGKILL');
        killed.set(name, (killed.get(name) ?? 0) + 1);
        if (pid === guest.pid) {
          await delay(AWAY_MS);
          guest = publishGuest(second);
        }
      }
      await delay(Math.max(0, eachMs - (performance.now() - begunMs)));
    }
    ({ restarts, skippedSlots: skipped } = (await bulkhead.status()).encoder);
    client.dispose();
    await bulkhead.stop();
  } finally {
    guest.kill('SIGKILL');
    screen.server.kill();
    await bulkhead.end();
  }

  const recorded = readdirSync(recordings).filter((name) => name.startsWith('show-'));
  const recording = join(recordings, recorded[0] ?? '');
  const check = await checkRecording(recording, { loop, fromMs: WARM_MS });
  const { video, audio, av, decodeErrors } = check;
  const order = video?.order;
  const far = (av?.readings ?? []).filter(({ offsetMs }) => Math.abs(offsetMs) > MOST_OFFSET_MS);
  const missing = (order?.missing ?? 0) - skipped;
  console.log(
    [
      `${values.changes} changes in ${SCENES.length} scenes; killed ${[...killed].map(([name, times]) => `${name} (${times})`).join(', ')}`,
      `  ${video?.frames} frames, ${order?.missing} missing, ${skipped} of them left out since the machine was too slow ${atMost(missing, 0)}, ` +
        `${order?.repeated} repeated, ${order?.outOfOrder} out of order ${exactly(order?.outOfOrder, 0)}, ${order?.unreadable} without a number ${exactly(order?.unreadable, 0)}`,
      `  ${video?.missingSlots} slots missing, ${(video?.stepsBack ?? 0) + (audio?.stepsBack ?? 0)} timestamps back ${exactly((video?.stepsBack ?? 0) + (audio?.stepsBack ?? 0), 0)}, ` +
        `${decodeErrors.length} decode errors ${exactly(decodeErrors.length, 0)}; ${video?.longestStillMs.toFixed(0)} ms without a change at the longest`,
      `  ${audio?.beeps} beeps; offset of sound and frames: median ${av?.medianMs.toFixed(1)} ms, worst ${av?.worstMs.toFixed(1)}, ${far.length} of ${av?.readings.length} beyond ${MOST_OFFSET_MS}; ` +
        `longest silence ${audio?.longestSilenceMs.toFixed(0)} ms, longest gap ${audio?.longestGapMs.toFixed(0)} ms ${atMost(audio?.longestGapMs ?? 1000, 50)}`,
      `  ${recorded.length} session ${exactly(recorded.length, 1)}, restarts of the encoder process ${restarts} ${exactly(restarts, 0)}; load ${loadavg()[0]?.toFixed(1)}`,
    ].join('\n'),
  );
  const { images } = values;
  if (images !== undefined) {
    mkdirSync(images, { recursive: true });
    for (const [index, change] of SHOWN_AFTER.entries()) {
      const atS = WARM_MS / 1000 + ((change + 0.7) / Number(values.changes)) * Number(values.minutes) * 60;
      const file = join(images, `show-${index + 1}.jpg`);
      const frame = ['-frames:v', '1', '-vf', 'scale=640:-2', '-q:v', '4'];
      execFileSync('ffmpeg', ['-v', 'error', '-y', '-ss', String(atS), '-i', recording, ...frame, file]);
    }
  }
} finally {
  await nginx.stop();
  folder.dispose();
}
