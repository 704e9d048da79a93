// Plays a looped clip for hours of programme time, faster than a clock, through the real encoder, its sources and its ffmpegs, and changes
// settings on air again and again. The recording is then decoded: how far are sound and frames apart at the beginning and at the end?
//   node dist/bench/long-run/main.js [--hours 2] [--speed 12] [--handovers 200] [--fps 30000/1001] [--seconds 180]
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { EncoderReconfigureRequest, EncoderStopRequest } from '../../src/protocol/encoder.js';
import { EncoderSession, encodeSettings } from '../../test/integration/encoder/encoder-session.js';
import { AAC, H264, writeMarkedClip } from '../../test/support/marked-clip.js';
import { tempDir } from '../../test/support/temp.js';
import { checkRecording, type RecordingCheck } from '../../test/tools/recording/check-recording.js';
import { seenFrames } from '../support/seen-frames.js';
import { settingsChange } from '../support/settings-changes.js';
import { median, summary } from '../support/statistics.js';
import { atLeast, atMost, exactly } from '../support/targets.js';
import { FastTime } from './fast-time.js';

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '2' },
    speed: { type: 'string', default: '12' },
    handovers: { type: 'string', default: '200' },
    /** Of the clip and the programme. */
    fps: { type: 'string', default: '30000/1001' },
    /** Of the clip. */
    seconds: { type: 'string', default: '180' },
  },
});
const [numerator = Number.NaN, denominator = 1] = values.fps.split('/').map(Number);
const FPS = numerator / denominator;
const PLAYED_MS = Number(values.hours) * 3_600_000;
const CHANGES = Number(values.handovers);
const SIZE = { width: 160, height: 90 };
const LEAST_KBPS = 250;
/** The clip's sound is a bit shorter than its frames, and neither a whole number of frames nor of AAC frames. */
const FRAMES = Math.round(Number(values.seconds) * FPS) - 1;
const CLIP_MS = (FRAMES * 1000) / FPS;
const SOUND_SHORTER_MS = 20;
/** Around the clip's end it goes like a clock: its next pass is opened 2 s before, which takes some tenths of a second. */
const SEAM = { beforeMs: 3500, afterMs: 500 };
const LOOK_MS = 2;
/** An AAC frame of 1024 samples at 48 kHz. */
const MOST_OFFSET_MS = 21.3;
/** Share of the programme that counts as its beginning, middle and end. */
const SHARE = 0.05;

const folder = tempDir('long-run');
const clip = join(folder.path, 'clip.mp4');
const recording = join(folder.path, 'recording.flv');

interface Played {
  readonly tookMs: readonly number[];
  readonly failures: readonly string[];
  readonly skipped: number;
  /** Frames that were shown again, since the input had none in time. */
  readonly inputLacked: number;
  readonly realMs: number;
}

async function play(): Promise<Played> {
  const settings = encodeSettings({
    input: { type: 'file', path: clip, loop: true },
    video: { ...SIZE, fps: FPS, bitrateKbps: LEAST_KBPS },
  });
  const time = new FastTime({
    speed: Number(values.speed),
    recordedMs: () => session.playedMs,
    isReal: (ms) => (ms + SEAM.beforeMs) % CLIP_MS < SEAM.beforeMs + SEAM.afterMs,
  });
  const session: EncoderSession = EncoderSession.inProcess({ time }, recording);
  const until = async (ms: number) => {
    let exited = false;
    void session.exited.then(() => (exited = true));
    while (session.playedMs < ms && !exited) await delay(LOOK_MS);
    if (exited) throw new Error(`The encoder has ended: ${JSON.stringify(await session.exited)}`);
  };
  try {
    await session.start(settings);
    const begunMs = performance.now();
    const tookMs: number[] = [];
    const failures: string[] = [];
    for (let number = 0; number < CHANGES; number++) {
      await until(((number + 0.5) * PLAYED_MS) / CHANGES);
      const { video, audio } = settingsChange(number, LEAST_KBPS);
      const next = {
        video: { ...settings.video, ...video },
        audio: { ...settings.audio, ...audio },
      };
      const changedMs = performance.now();
      const change = () =>
        session.connection.sendRequest(EncoderReconfigureRequest.type, next, { deadlineMs: 30_000 });
      await time.slowly(change).then(
        () => tookMs.push(performance.now() - changedMs),
        (error: Error) => failures.push(error.message),
      );
    }
    await until(PLAYED_MS);
    const realMs = performance.now() - begunMs;
    await session.connection.sendRequest(EncoderStopRequest.type, {}, { deadlineMs: 10_000 });
    await session.recorded;
    const { skippedSlots = 0, repeatedFrames = 0 } = session.progress.at(-1) ?? {};
    return { tookMs, failures, skipped: skippedSlots, inputLacked: repeatedFrames, realMs };
  } finally {
    session.dispose();
  }
}

function report({ tookMs, failures, skipped, inputLacked, realMs }: Played, check: RecordingCheck): void {
  const { video, av } = check;
  const hours = ((video?.endMs ?? 0) - (video?.firstMs ?? 0)) / 3_600_000;
  console.log(
    `${hours.toFixed(2)} hours ${atLeast(hours, Number(values.hours))} at ${values.fps} fps in ${(realMs / 60_000).toFixed(1)} minutes, with ` +
      `${tookMs.length} handovers ${exactly(tookMs.length, CHANGES)} and ${video?.order?.seams} seams of the clip: ${seenFrames(check, inputLacked)}; ` +
      `${skipped} slots were left out since the machine was too slow, and ${inputLacked} frames shown again since the input had none in time`,
  );
  for (const failure of failures) console.log(failure);
  const readings = av?.readings ?? [];
  const medianFrom = (share: number) =>
    median(
      readings
        .slice(Math.floor(share * readings.length))
        .slice(0, Math.ceil(SHARE * readings.length))
        .map(({ offsetMs }) => offsetMs),
    );
  const places = { beginning: 0, middle: 0.5 - SHARE / 2, end: 1 - SHARE };
  const medians = Object.entries(places).map(
    ([place, share]) => `${medianFrom(share).toFixed(1)} ms late at the ${place}`,
  );
  const worst = Math.abs(av?.worstMs ?? Number.NaN);
  console.log(
    `sound ${medians.join(', ')}; ${worst.toFixed(1)} ms off at worst ${atMost(worst, MOST_OFFSET_MS)}, in ${readings.length} flashes and beeps; ` +
      `${av?.unmatched} without the other, as where the input had none in time ${atMost(av?.unmatched ?? Number.NaN, inputLacked)}; it ends ${av?.endMs.toFixed(1)} ms after the frames; a handover took ${summary(tookMs)} ms`,
  );
}

try {
  await writeMarkedClip(clip, {
    ...{ ...SIZE, rate: values.fps, flashPeriodS: 2 },
    video: { frames: FRAMES, encode: H264 },
    sound: {
      ...{ seconds: (CLIP_MS - SOUND_SHORTER_MS) / 1000, sampleRate: 44_100 },
      ...{ layout: 'stereo', encode: AAC },
    },
  });
  report(await play(), await checkRecording(recording, { loop: FRAMES }));
} finally {
  folder.dispose();
}
