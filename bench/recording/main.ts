// Recording: what is lost when the recorder or the core is killed, after a power cut, on a full disk; and what it costs beside ffmpeg.
// node dist/bench/recording/main.js [--rounds N] [--only recorder,core,power,disk,cpu] [--format mkv]
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { RecordingFormat } from '../../src/config/recording-schema.js';
import type { Status } from '../../src/protocol/status/status.js';
import { repair } from '../../src/recorder/repair.js';
import { Bulkhead, runBulkhead } from '../../test/support/bulkhead.js';
import { allGone } from '../../test/support/children.js';
import { orderOf, readNumbersIfAny, writeNumberedClip } from '../../test/support/numbered-frames.js';
import { probeRecording, soundFaults } from '../../test/support/probed-recording.js';
import { SMALL_VIDEO, writeConfig } from '../../test/support/small-broadcast.js';
import { SmallDisk } from '../../test/support/small-disk.js';
import { tempDir } from '../../test/support/temp.js';
import { summary } from '../support/statistics.js';
import { atMost, exactly } from '../support/targets.js';
import { measureCpu } from './cpu.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    only: { type: 'string', default: 'recorder,core,power,disk,cpu' },
    format: { type: 'string', default: 'mkv' },
  },
});
const ROUNDS = Number(values.rounds);
const FORMAT = values.format as RecordingFormat;
const wanted = new Set(values.only.split(','));
const SOUND_FRAME_MS = 1024 / 48;
const folder = tempDir('bench-recording');
const clip = join(folder.path, 'clip.mp4');
let count = 0;

/** A broadcast of the clip, recorded from its start. */
function goLive(recording: object = {}): { live: Bulkhead; recordings: string } {
  count += 1;
  const recordings = join(folder.path, `recordings-${count}`);
  const config = writeConfig(join(folder.path, `show-${count}`), {
    input: { type: 'file', path: clip },
    recording: { folder: recordings, name: 'show', format: FORMAT, startWithBroadcast: true, ...recording },
  });
  return { live: new Bulkhead(['live', config]), recordings };
}

const written = (live: Bulkhead, ms: number) =>
  live.until('written', ({ recording }) => (recording?.recordedMs ?? 0) > ms, 60_000);

/** Some time within two seconds, so that the kill may come anywhere. */
const anyMoment = () => delay(Math.random() * 2000);

function faultsOf(
  file: string,
  skipped: number,
): { missing: number; repeated: number; backwards: number; sound: number } {
  const { missing, repeated, backwards } = orderOf(readNumbers(file));
  const sound = soundFaults(probeRecording(file).packets, SOUND_FRAME_MS);
  return {
    missing: Math.max(0, missing - skipped),
    repeated,
    backwards,
    sound: sound.missing + sound.repeated,
  };
}

async function killRecorder(): Promise<void> {
  const { live } = goLive();
  try {
    for (let kill = 0; kill < ROUNDS; kill++) {
      const { recording } = await live.until(
        `recorded after ${kill} kills`,
        ({ recording: now }) => now?.restarts === kill && now.pid > 0 && now.unwrittenMs < 1000,
        60_000,
      );
      await anyMoment();
      process.kill(recording?.pid ?? 0, 'SIGKILL');
    }
    const status = await live.until(
      'recorded',
      ({ recording }) => recording?.restarts === ROUNDS && recording.unwrittenMs < 1000,
    );
    const { stdout } = await runBulkhead(['record', 'stop', '--json'], { address: live.address });
    const { file, files } = JSON.parse(stdout) as { file: string; files: number };
    if (files !== 1) console.log(live.stdout.slice(-5000));
    const { missing, repeated, backwards, sound } = faultsOf(file, status.encoder.skippedSlots);
    const frames = readNumbers(file).length;
    console.log(
      `recorder killed ${ROUNDS} times (${FORMAT}), ${frames} frames in ${files} file: missing ${missing} ${exactly(missing, 0)}, ` +
        `twice ${repeated} ${exactly(repeated, 0)}, out of order ${backwards} ${exactly(backwards, 0)}, ` +
        `of the sound missing or twice ${sound} ${exactly(sound, 0)}; left out by the encoder ${status.encoder.skippedSlots}`,
    );
  } finally {
    await live.end();
  }
}

async function killCore(): Promise<void> {
  const lostMs: number[] = [];
  let unreadable = 0;
  let unfinished = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { live, recordings } = goLive();
    try {
      await written(live, 1000);
      await anyMoment();
      const { core, timeline, recording } = await live.status();
      process.kill(core.pid, 'SIGKILL');
      await allGone([recording?.pid ?? 0], 10_000);
      const file = join(recordings, 'show.mkv'.replace('.mkv', extensionOf(FORMAT)));
      if (existsSync(`${file}.recording`)) unfinished += 1;
      // The recording begins with the timeline.
      const lost = Math.max(0, timeline.lastTimestampMs - endOf(file));
      lostMs.push(lost);
      if (lost > 500)
        console.log(`  round ${round}: ${lost} ms lost; ${JSON.stringify({ recording, timeline })}`);
      const { missing, repeated, backwards } = orderOf(readNumbers(file));
      if (missing > 0 || repeated + backwards > 0)
        console.log(`  round ${round}: ${missing} missing, ${repeated} twice, ${backwards} back`);
    } catch (error) {
      unreadable += 1;
      console.log(`  round ${round}: ${(error as Error).message}`);
    } finally {
      await live.end();
    }
  }
  console.log(
    `core killed ${ROUNDS} times: lost ${summary(lostMs)} ms ${atMost(Math.max(...lostMs), 500)}, ` +
      `unreadable ${unreadable} ${exactly(unreadable, 0)}, not ended in order ${unfinished} ${exactly(unfinished, 0)}`,
  );
}

/** A copy at any moment, cut at any place in what is not known to be on the disk, stands for what a power cut leaves. */
async function cutPower(): Promise<void> {
  const { live } = goLive();
  const lostMs: number[] = [];
  const repairMs: number[] = [];
  let unreadable = 0;
  try {
    await written(live, 5000);
    for (let round = 0; round < 20; round++) {
      await anyMoment();
      const { recording, timeline, encoder } = await live.status();
      const { file = '', writtenBytes = 0 } = recording ?? {};
      const left = join(folder.path, `power-${round}`);
      mkdirSync(left);
      const copy = join(left, `cut${extensionOf(FORMAT)}`);
      copyFileSync(file, copy);
      copyFileSync(`${file}.recording`, `${copy}.recording`);
      const { size } = statSync(copy);
      truncateSync(copy, writtenBytes + Math.floor(Math.random() * Math.max(0, size - writtenBytes)));
      const beganMs = performance.now();
      const [repaired] = await repair(left);
      repairMs.push(performance.now() - beganMs);
      try {
        lostMs.push(Math.max(0, timeline.lastTimestampMs - endOf(copy)));
        checkOrder(copy, encoder);
      } catch (error) {
        unreadable += 1;
        console.log(`  round ${round}: ${repaired?.result} ${(error as Error).message}`);
      }
    }
    // And anywhere in it: whatever is left has to be playable.
    const { recording, encoder } = await live.status();
    for (let round = 0; round < 20; round++) {
      const copy = join(folder.path, `anywhere-${round}${extensionOf(FORMAT)}`);
      copyFileSync(recording?.file ?? '', copy);
      truncateSync(copy, Math.floor(Math.random() * statSync(copy).size));
      const [repaired] = await repair(copy);
      if (repaired?.result === 'unusable') continue;
      try {
        checkOrder(copy, encoder);
      } catch (error) {
        unreadable += 1;
        console.log(`  cut anywhere, round ${round}: ${(error as Error).message}`);
      }
    }
  } finally {
    await live.end();
  }
  console.log(
    `power cut, 20 copies: lost ${summary(lostMs)} ms ${atMost(Math.max(...lostMs), 500)}, unreadable of 40 ${unreadable} ${exactly(unreadable, 0)}, repaired in ${summary(repairMs)} ms`,
  );
}

async function fillDisk(): Promise<void> {
  const lostMs: number[] = [];
  let unreadable = 0;
  let broken = 0;
  for (let round = 0; round < 10; round++) {
    const disk = new SmallDisk(join(folder.path, `disk-${round}`), 6);
    // Half of them are filled by another program at once, below what is kept free.
    const { live } = goLive({ folder: disk.path, keepFreeMb: round % 2 === 0 ? 1 : 4 });
    try {
      await written(live, 500);
      if (round % 2 === 0) {
        await anyMoment();
        disk.fill();
      }
      const { recording, timeline, state, encoder } = await live.until(
        'full',
        ({ recording: now }) => now?.state === 'failed',
        120_000,
      );
      if (state !== 'live') broken += 1;
      const file = recording?.file ?? '';
      // The status is from shortly after the end.
      lostMs.push(Math.max(0, timeline.lastTimestampMs - endOf(file)));
      checkOrder(file, encoder);
    } catch (error) {
      unreadable += 1;
      console.log(`  round ${round}: ${(error as Error).message}; ${readdirSync(disk.path)}`);
    } finally {
      await live.end();
      disk.dispose();
    }
  }
  console.log(
    `disk full 10 times: files unreadable ${unreadable} ${exactly(unreadable, 0)}, broadcasts disturbed ${broken} ${exactly(broken, 0)}, lost until it was seen ${summary(lostMs)} ms`,
  );
}

/** Throws if frames are missing, twice or out of order, but for what the encoder process had to leave out or repeat. */
function checkOrder(file: string, { skippedSlots, repeatedFrames }: Status['encoder']): void {
  const { missing, repeated, backwards } = orderOf(readNumbers(file));
  if (missing > skippedSlots || repeated > repeatedFrames || backwards > 0)
    throw new Error(`${missing} missing, ${repeated} twice, ${backwards} back`);
}

/** Of the clip: before its first frame a broadcast has others, which are not numbered. */
function readNumbers(file: string): number[] {
  return readNumbersIfAny(file).filter((number) => number !== undefined);
}

/** Of the last frame, on the timeline of a recording that began with it, ms. */
function endOf(file: string): number {
  const { packets } = probeRecording(file);
  return Math.max(...packets.map(({ ptsMs }) => ptsMs));
}

function extensionOf(format: RecordingFormat): string {
  return format === 'mkv' ? '.mkv' : '.mp4';
}

try {
  writeNumberedClip(clip, { size: '320x180', fps: SMALL_VIDEO.fps, seconds: 600, sampleRate: 48_000 });
  if (wanted.has('recorder')) await killRecorder();
  if (wanted.has('core')) await killCore();
  if (wanted.has('power')) await cutPower();
  if (wanted.has('disk')) await fillDisk();
  if (wanted.has('cpu')) await measureCpu(folder.path, FORMAT);
} finally {
  folder.dispose();
}
