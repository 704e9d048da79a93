// Puts one scene after the other on air, by cuts and fades, and changes their layers meanwhile, while encoders and sources are killed, and looks
// at each frame of what a viewer has recorded: each clip has to go on where it was when it was on air before.
//   node dist/bench/scenes/main.js [changes of scenes, 500] [kills, 40] [changes of layers, 200]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlClient } from '../../src/control-client/control-client.js';
import type { Status } from '../../src/protocol/status/status.js';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { AAC, H264, writeMarkedClip } from '../../test/support/marked-clip.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { readNumbersIfAny } from '../../test/support/numbered-frames.js';
import { tempDir } from '../../test/support/temp.js';
import { quantile, summary } from '../support/statistics.js';
import { atMost, exactly } from '../support/targets.js';

const CHANGES = Number(process.argv[2] ?? 500);
const KILLS = Number(process.argv[3] ?? 40);
const LAYER_CHANGES = Number(process.argv[4] ?? 200);
const FPS = 30;
const SIZE = { width: 640, height: 360 };
const SCENES = ['one', 'two', 'other'] as const;
/** Every tenth change is a fade, whose frames show two numbers over each other. */
const FADE_EACH = 10;
const FADE_MS = 300;
/** Longest time that one change may take, with the pause after it. */
const CHANGE_S = 0.6;
/** From the request to a cut in the encoder's input, whose sources are open. */
const MOST_CUT_MS = 100;

/** So that a frame's number says which clip it is of. */
const FIRST_OF_TWO = 20_000;

type Clip = 'one' | 'two';

const folder = tempDir('scenes-bench');
const recording = join(folder.path, 'recording.flv');
const nginx = await startNginxRtmp();

function configuration(): object {
  const clip = (id: Clip) => ({ id, type: 'file', path: join(folder.path, `${id}.mp4`), warm: true });
  const plain = { id: 'plain', source: 'plain', x: 400, y: 200, width: 200, height: 120, opacity: 0.5 };
  const scene = (id: string, source: Clip) => ({ id, layers: [{ id: 'clip', source }, plain] });
  return {
    sources: [clip('one'), clip('two'), { id: 'plain', type: 'colour', warm: true }],
    scenes: [scene('one', 'one'), scene('two', 'two'), scene('other', 'two')],
    video: { ...SIZE, fps: FPS, bitrateKbps: 1500, keyframeIntervalSeconds: 1 },
  };
}

/** Kills what is at work: the video encoder, the AAC encoder, a source that is on air, in turn. */
function kill({ encoder, sources }: Status, number: number): void {
  const source = sources.find(({ id, state }) => (id === 'one' || id === 'two') && state === 'live');
  const pid = [encoder.videoPid, encoder.audioPid, source?.pid ?? 0][number % 3] ?? 0;
  if (pid > 0) process.kill(pid, 'SIGKILL');
}

/** Moves a layer that is on air, blends it, hides it, or takes it away and adds it again. */
async function changeLayer({ scenes }: ControlClient, scene: string, number: number): Promise<void> {
  const set = (change: object) => scenes.setLayer({ scene, id: 'plain', change: { ...change } });
  switch (number % 4) {
    case 0:
      await set({ x: 300 + (number % 100), width: 100 + (number % 90) });
      break;
    case 1:
      await set({ opacity: (number % 10) / 10 });
      break;
    case 2:
      await set({ visible: number % 8 === 2 });
      break;
    default:
      await scenes.removeLayer({ scene, id: 'plain' });
      await scenes.undo();
  }
}

/** How long each cut took, ms. */
async function change(bulkhead: Bulkhead): Promise<number[]> {
  const cutMs: number[] = [];
  const client = await ControlClient.connect(bulkhead.address);
  try {
    for (let number = 0; number < CHANGES; number++) {
      const id = sceneAfter(number);
      const begunMs = performance.now();
      await client.scenes.switchTo({
        id,
        transition: { type: isFade(number) ? 'fade' : 'cut', durationMs: FADE_MS },
      });
      if (!isFade(number)) cutMs.push(performance.now() - begunMs);
      if (number % Math.ceil(CHANGES / KILLS) === 0)
        kill(await bulkhead.status(), number / Math.ceil(CHANGES / KILLS));
      await delay(50 + 150 * Math.random());
      if (
        Math.floor((number * LAYER_CHANGES) / CHANGES) < Math.floor(((number + 1) * LAYER_CHANGES) / CHANGES)
      )
        await changeLayer(client, id, number);
      await delay(50 + 150 * Math.random());
    }
  } finally {
    client.dispose();
  }
  return cutMs;
}

interface Seen {
  readonly frames: number;
  readonly missing: number;
  readonly repeated: number;
  /** Frames that came before, and changes that were not seen. */
  readonly wrong: number;
}

const clipOf = (scene: (typeof SCENES)[number]): Clip => (scene === 'one' ? 'one' : 'two');
const sceneAfter = (change: number) => SCENES[(change + Math.floor(change / 7)) % SCENES.length] ?? 'one';
const isFade = (change: number) => change % FADE_EACH === FADE_EACH - 1;

/** The changes from one clip to the other, and whether they are fades. */
function clipChanges(): boolean[] {
  let clip: Clip = 'one';
  return Array.from({ length: CHANGES }, (_, change) => change).flatMap((change) => {
    const next = clipOf(sceneAfter(change));
    const isOther = next !== clip;
    clip = next;
    return isOther ? [isFade(change)] : [];
  });
}

/** Each clip goes on only while it is on air, so that none of its frames may be missing, whatever comes between; in a fade both go on. */
function judge(numbers: readonly (number | undefined)[]): Seen {
  const fadeFrames = Math.ceil((FADE_MS * FPS) / 1000);
  const expected = clipChanges();
  const last: Partial<Record<Clip, number>> = {};
  const hidden: Record<Clip, number> = { one: 0, two: 0 };
  let [missing, repeated, wrong, changes] = [0, 0, 0, 0];
  let current: Clip = 'one';
  for (const [at, number] of numbers.entries()) {
    if (number === undefined || isMisread(numbers, at)) continue;
    const clip: Clip = number >= FIRST_OF_TWO ? 'two' : 'one';
    if (clip !== current) {
      if (expected[changes] === true) for (const one of ['one', 'two'] as const) hidden[one] = fadeFrames;
      changes += 1;
      current = clip;
    }
    const step = number - (last[clip] ?? number - 1);
    if (step < 0) wrong += 1;
    if (step === 0) repeated += 1;
    missing += Math.max(0, step - 1 - hidden[clip]);
    last[clip] = number;
    hidden[clip] = 0;
  }
  wrong += Math.abs(changes - expected.length);
  return { frames: numbers.length, missing, repeated, wrong };
}

/** The numbers of two frames over each other may read as a third one, which then does not fit those of any frame near it. */
function isMisread(numbers: readonly (number | undefined)[], at: number): boolean {
  const number = numbers[at] ?? Number.NaN;
  return !numbers.slice(Math.max(0, at - 10), at + 11).some((other, index) => {
    const distance = index - Math.min(10, at);
    return distance !== 0 && other !== undefined && Math.abs(other - number - distance) <= 1;
  });
}

try {
  const seconds = Math.ceil(CHANGES * CHANGE_S) + 30;
  for (const [id, sampleRate, firstNumber] of [
    ['one', 44_100, 0],
    ['two', 48_000, FIRST_OF_TWO],
  ] as const) {
    await writeMarkedClip(join(folder.path, `${id}.mp4`), {
      ...{ ...SIZE, rate: String(FPS), flashPeriodS: 0 },
      video: { frames: seconds * FPS, firstNumber, encode: H264 },
      sound: { seconds, sampleRate, layout: 'stereo', encode: AAC },
    });
  }
  const config = join(folder.path, 'show.json');
  writeFileSync(config, JSON.stringify(configuration()));
  const bulkhead = new Bulkhead(['live', config, '--output', nginx.url('live', 'scenes')]);
  try {
    await bulkhead.until('live', ({ state }) => state === 'live');
    const recorder = spawn(
      'ffmpeg',
      ['-v', 'error', '-i', nginx.url('live', 'scenes'), '-c', 'copy', recording],
      { stdio: ['pipe', 'ignore', 'ignore'] },
    );
    await delay(8000);
    const before = (await bulkhead.status()).encoder.repeatedFrames;
    const cutMs = await change(bulkhead);
    await delay(2000);
    const { encoder, outputs } = await bulkhead.status();
    recorder.stdin?.write('q');
    await once(recorder, 'close');
    const { frames, missing, repeated, wrong } = judge(readNumbersIfAny(recording));
    const fades = Math.floor(CHANGES / FADE_EACH);
    const lacked = encoder.repeatedFrames - before;
    console.log(
      `${CHANGES} changes of scenes, ${fades} of them fades, ${LAYER_CHANGES} of layers, and ${KILLS} kills: of ${frames} frames ${missing} missing ${exactly(missing, 0)}, ` +
        `${repeated} repeated, ${lacked} of them since a source had none in time ${atMost(repeated - lacked, 0)}, ${wrong} wrong ${exactly(wrong, 0)}; ` +
        `${encoder.skippedSlots} slots were left out since the machine was too slow`,
    );
    console.log(
      `a cut is in the encoder's input after ${summary(cutMs, 0)} ms, p95 ${quantile(cutMs, 0.95).toFixed(0)} ms ${atMost(quantile(cutMs, 0.95), MOST_CUT_MS)}; ` +
        `the encoder process restarted ${encoder.restarts} times ${exactly(encoder.restarts, 0)}; ${outputs[0]?.sessions} session ${exactly(outputs[0]?.sessions, 1)}`,
    );
  } finally {
    await bulkhead.end();
  }
} finally {
  await nginx.stop();
  folder.dispose();
}
