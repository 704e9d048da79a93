import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FeedRecordingStatus, RecordingStatus } from '../../../src/protocol/recording.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { freePorts } from '../../support/live-server.js';
import { orderOf, readNumbersIfAny, writeNumberedClip } from '../../support/numbered-frames.js';
import { probeRecording } from '../../support/probed-recording.js';
import { type Publisher, publish } from '../../support/publisher.js';
import { SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const { fps: FPS } = SMALL_VIDEO;
/** AAC at 48 kHz, ms. */
const SOUND_FRAME_MS = 1024 / 48;
const KEY = 'the-key-of-obs';
/** Of the guest's clip. */
const GUEST_FPS = 25;

interface Recorded {
  /** Numbers of the frames by their times, ms, without the first, which may be shown before its time. */
  readonly frames: ReadonlyMap<number, number>;
  readonly numbers: readonly number[];
  readonly startMs: number;
  readonly endMs: number;
  readonly soundStartMs: number;
}

describe('what is recorded besides the programme', function () {
  this.timeout(180_000);
  let folder: TempDir;
  let recordings: string;
  let live: Bulkhead | undefined;
  let publisher: Publisher | undefined;
  let rtmpPort = 0;

  before(() => {
    folder = tempDir('recorded-feeds');
    for (const [name, size, fps, sampleRate] of [
      ['clip', '320x180', FPS, 48_000],
      ['guest', '480x270', GUEST_FPS, 44_100],
    ] as const)
      writeNumberedClip(join(folder.path, `${name}.mp4`), { size, fps, seconds: 120, sampleRate });
  });
  afterEach(async () => {
    await publisher?.kill();
    await live?.end();
  });
  after(() => folder.dispose());

  async function goLive(recording: object, video: object = {}): Promise<Bulkhead> {
    recordings = join(folder.path, `recordings-${Date.now()}`);
    const ports = await freePorts();
    ({ rtmpPort } = ports);
    const file = (name: string) => ({
      id: name,
      type: 'file' as const,
      path: join(folder.path, `${name}.mp4`),
    });
    const small = { width: 80, height: 44, y: 120 };
    const box = {
      id: 'box',
      type: 'box' as const,
      x: 0,
      y: 0,
      width: 80,
      height: 40,
      colour: '#ffffff',
    };
    const config = writeConfig(join(folder.path, String(Date.now())), {
      video: { ...SMALL_VIDEO, ...video },
      sources: [
        file('clip'),
        file('guest'),
        { id: 'obs', type: 'ingest', ingest: 'main' },
        { id: 'plain', type: 'colour' },
      ],
      scenes: [
        {
          id: 'main',
          layers: [
            { id: 'clip', source: 'clip' },
            { id: 'guest', source: 'guest', ...small },
            { id: 'obs', source: 'obs', ...small, x: 160 },
          ],
        },
      ],
      mixer: { sources: { guest: { gainDb: -60, muted: true } } },
      overlays: [{ id: 'box', x: 120, y: 60, width: 80, height: 40, elements: [box] }],
      ingests: [{ id: 'main', key: KEY }],
      recording: { folder: recordings, name: 'show', ...recording },
      liveServer: ports,
    } as never);
    live = new Bulkhead(['live', config]);
    return live;
  }

  const feedOf = ({ recording }: Status, name: string): FeedRecordingStatus => {
    const found = recording?.also?.find(({ feed, source }) => (source ?? feed) === name);
    assert.ok(found !== undefined, `${name} is not recorded`);
    return found;
  };
  const renditionOf = ({ encoder }: Status, name: string) =>
    encoder.renditions?.find(({ source }) => source === name);

  /** Fails where a frame of sound is missing, or a frame is older than the one before. */
  function look(file: string | undefined): Recorded {
    assert.ok(file !== undefined);
    const { packets } = probeRecording(file);
    const ptsOf = (of: string) =>
      packets
        .filter(({ stream }) => stream === of)
        .map(({ ptsMs }) => ptsMs)
        .sort((a, b) => a - b);
    const [times, sounds] = [ptsOf('video'), ptsOf('audio')];
    // Where silence goes on to sound, frames are half of one apart from their places at most.
    for (const [index, ms] of sounds.slice(1).entries()) {
      const frameSteps = (ms - (sounds[index] ?? 0)) / SOUND_FRAME_MS;
      assert.ok(
        frameSteps > 0.4 && frameSteps < 1.6,
        `${file}: sound at ${sounds.slice(Math.max(0, index - 3), index + 5)} ms`,
      );
    }
    const numbers = readNumbersIfAny(file);
    assert.equal(numbers.length, times.length, file);
    const frames = new Map<number, number>();
    for (const [index, number] of numbers.entries())
      if (number !== undefined && index > 0) frames.set(times[index] ?? Number.NaN, number);
    const known = numbers.filter((number) => number !== undefined);
    assert.equal(orderOf(known).backwards, 0, file);
    return {
      frames,
      numbers: known,
      startMs: times[0] ?? Number.NaN,
      endMs: times.at(-1) ?? Number.NaN,
      soundStartMs: sounds[0] ?? Number.NaN,
    };
  }

  /** Fails where two files show other frames at the same time. */
  function assertInStep(one: Recorded | undefined, other: Recorded | undefined, fewest: number): void {
    const both = [...(one?.frames ?? [])].filter(([time]) => other?.frames.has(time));
    assert.ok(both.length > fewest, `${both.length} frames are in both`);
    for (const [time, number] of both) assert.equal(number, other?.frames.get(time), `at ${time} ms`);
  }

  /** Loudness of a file's sound in its last seconds, dB. */
  function loudness(file: string): number {
    const args = ['-v', 'info', '-sseof', '-2', '-i', file, '-vn', '-af', 'volumedetect', '-f', 'null', '-'];
    const { stderr } = spawnSync('ffmpeg', args, { encoding: 'utf8' });
    return Number(/mean_volume: (-?[\d.]+) dB/.exec(stderr)?.[1] ?? Number.NaN);
  }

  /** How bright the middle of the frame is where the overlay is, 0 to 255, near the end. */
  function brightness(file: string): number {
    const filter = 'crop=40:20:140:70,scale=1:1:flags=area,format=gray';
    const args = ['-v', 'error', '-sseof', '-1', '-i', file, '-vf', filter, '-frames:v', '1'];
    return spawnSync('ffmpeg', [...args, '-f', 'rawvideo', '-']).stdout[0] ?? Number.NaN;
  }

  async function stop(run: Bulkhead): Promise<RecordingStatus> {
    const { code, stdout, stderr } = await runBulkhead(['record', 'stop', '--json'], {
      address: run.address,
    });
    assert.equal(code, 0, `${stdout}${stderr}`);
    return JSON.parse(stdout) as RecordingStatus;
  }

  it('has the same times, and each loses its encoder or its recorder alone', async () => {
    const run = await goLive({
      startWithBroadcast: true,
      also: [{ feed: 'clean' }, { source: 'clip' }, { source: 'guest' }, { source: 'obs' }],
    });
    await run.until('live', ({ state }) => state === 'live', 40_000);
    const input = ['-re', '-i', join(folder.path, 'guest.mp4'), '-c', 'copy'];
    publisher = publish(`rtmp://127.0.0.1:${rtmpPort}/ingest/${KEY}`, input);
    const begun = await run.until(
      'all are written',
      ({ recording }) => recording?.also?.every(({ recordedMs }) => recordedMs > 2000) === true,
      60_000,
    );
    const encoder = renditionOf(begun, 'guest');
    assert.ok(encoder !== undefined && encoder.videoPid > 0);
    process.kill(encoder.videoPid, 'SIGKILL');
    await run.until('another encoder', (now) => renditionOf(now, 'guest')?.videoPid !== encoder.videoPid);
    process.kill(feedOf(begun, 'clip').pid, 'SIGKILL');
    await run.until('another recorder', (now) => feedOf(now, 'clip').restarts === 1);
    await delay(2000);
    const last = await run.status();
    const ended = await stop(run);
    assert.deepEqual([ended.state, ended.files, ended.restarts], ['stopped', 1, 0], run.stdout);
    for (const { state, files, lostMs } of ended.also ?? [])
      assert.deepEqual([state, files, lostMs], ['stopped', 1, 0], JSON.stringify(ended.also));
    assert.equal(last.encoder.restarts, 0);
    assert.deepEqual(readdirSync(recordings).sort(), [
      ...['show clean.mkv', 'show clip.mkv', 'show guest.mkv', 'show obs.mkv', 'show.mkv'],
    ]);

    const path = (name: string) => join(recordings, name);
    const main = look(path('show.mkv'));
    const [clean, clip, guest, obs] = ['clean', 'clip', 'guest', 'obs'].map((name) =>
      look(path(`show ${name}.mkv`)),
    );
    for (const file of [main, clean, clip, guest, obs]) {
      assert.ok(file !== undefined);
      assert.equal(file.startMs, 0);
      assert.ok(file.soundStartMs < SOUND_FRAME_MS, `sound begins at ${file.soundStartMs} ms`);
      assert.ok(Math.abs(file.endMs - main.endMs) < 1500, `${file.endMs} and ${main.endMs} ms`);
    }
    // What shows the same frame has it at the same time.
    for (const other of [clean, clip]) {
      assert.ok(other !== undefined);
      assertInStep(other, main, 3 * FPS);
      const { missing } = orderOf(other.numbers);
      assert.ok(missing <= last.encoder.skippedSlots + skipped(last), `${missing} frames are missing`);
    }
    // The guest's clip has another frame rate.
    const offsets = [...(guest?.frames ?? [])].map(([time, number]) => time - (number * 1000) / GUEST_FPS);
    assert.ok(offsets.length > 3 * FPS, `${offsets.length} frames of the guest`);
    const spread = Math.max(...offsets) - Math.min(...offsets);
    assert.ok(spread <= 2 * (1000 / FPS) + 1000 / GUEST_FPS, `the guest's times differ by ${spread} ms`);
    // As it is published.
    assert.equal(orderOf(obs?.numbers ?? []).missing, 0);

    assert.deepEqual(sizeOf(path('show guest.mkv')), '480x270');
    assert.deepEqual(sizeOf(path('show obs.mkv')), '480x270');
    assert.ok(brightness(path('show.mkv')) > 220, 'the overlay is in the programme');
    assert.ok(brightness(path('show clean.mkv')) < 220, 'no overlay is in the clean feed');
    assert.ok(
      loudness(path('show guest.mkv')) > -40,
      `the guest is heard: ${loudness(path('show guest.mkv'))}`,
    );
  });

  it('is begun by command, of sources that are not on air as well, and split with the programme', async () => {
    const run = await goLive({}, { tune: 'none', bFrames: 2 });
    await run.until('live', ({ state }) => state === 'live', 40_000);
    const record = (...args: string[]) => runBulkhead(['record', ...args], { address: run.address });
    for (const [args, wanted] of [
      [['--source', 'nobody'], /no source "nobody".*The sources: clip, guest, obs, plain/s],
      [['--source', 'clip', '--source', 'clip'], /expected "clip" once/],
      [['--source', 'a', '--source', 'b', '--source', 'c', '--source', 'd', '--clean-feed'], /4/],
    ] as const) {
      const { code, stderr } = await record('start', ...args);
      assert.notEqual(code, 0);
      assert.match(stderr, wanted);
    }
    const { code, stderr } = await record('start', '--clean-feed', '--source', 'guest', '--source', 'plain');
    assert.equal(code, 0, stderr);
    await run.until(
      'all are written',
      ({ recording }) => recording?.also?.every(({ recordedMs }) => recordedMs > 1500) === true,
      60_000,
    );
    assert.match((await record('status')).stdout, /plain: recording/);
    assert.equal((await record('split')).code, 0);
    await run.until(
      'all have another file',
      ({ recording }) => recording?.files === 2 && recording.also?.every(({ files }) => files === 2) === true,
    );
    await delay(1500);
    await stop(run);
    await run.until('no encode is left', ({ encoder }) => encoder.renditions === undefined);
    for (const part of ['', '-2']) {
      const all = ['', ' clean', ' guest', ' plain'].map((name) =>
        look(join(recordings, `show${name}${part}.mkv`)),
      );
      const [main] = all;
      for (const { startMs, soundStartMs } of all) {
        // Of B-frames, times are rounded twice.
        assert.ok(Math.abs(startMs - (main?.startMs ?? 0)) <= 1, `it begins at ${startMs} ms`);
        assert.ok(soundStartMs < SOUND_FRAME_MS, `sound begins at ${soundStartMs} ms`);
      }
      assertInStep(all[1], main, FPS / 2);
    }
  });

  function skipped({ encoder }: Status): number {
    return (encoder.renditions ?? []).reduce((sum, { skippedSlots }) => sum + skippedSlots, 0);
  }

  function sizeOf(file: string): string {
    const args = ['-v', 'error', '-select_streams', 'v', '-show_entries', 'stream=width,height'];
    return spawnSync('ffprobe', [...args, '-of', 'csv=p=0:s=x', file], { encoding: 'utf8' }).stdout.trim();
  }
});
