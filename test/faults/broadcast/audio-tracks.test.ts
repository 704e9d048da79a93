import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RECORDING_FORMATS } from '../../../src/config/recording-schema.js';
import type { RecordingStatus } from '../../../src/protocol/recording.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';

/** Hz */
const RATE = 48_000;
const SOURCES = [
  { id: 'mic', hz: 500, sampleRate: 44_100 },
  { id: 'music', hz: 1300, sampleRate: 48_000 },
  { id: 'game', hz: 3100, sampleRate: 22_050 },
] as const;
const TONES = SOURCES.map(({ hz }) => hz);
const BUSES = [
  { id: 'voice', name: 'Voice', sources: ['mic'] },
  { id: 'rest', sources: ['music', 'game'] },
];
/** One AAC frame, s. */
const FRAME_S = 1024 / RATE;

interface Track {
  readonly name: string | undefined;
  /** Of its frames, s. */
  readonly times: readonly number[];
  /** Those that are heard in it, Hz. */
  readonly tones: readonly number[];
}

describe('several audio tracks in a recording', function () {
  this.timeout(180_000);
  let folder: TempDir;
  let live: Bulkhead;

  before(() => {
    folder = tempDir('tracks');
    for (const { id, hz, sampleRate } of SOURCES) {
      const inputs = [
        ...['-f', 'lavfi', '-i', 'color=gray:s=320x180:r=15'],
        ...['-f', 'lavfi', '-i', `sine=${hz}:sample_rate=${sampleRate}`],
      ];
      const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac'];
      const { status, stderr } = spawnSync(
        'ffmpeg',
        ['-v', 'error', ...inputs, ...codecs, '-t', '60', join(folder.path, `${id}.mp4`)],
        { encoding: 'utf8' },
      );
      assert.equal(status, 0, stderr);
    }
  });
  afterEach(() => live.end());
  after(() => folder.dispose());

  function goLive(name: string, recording: object = {}): string {
    const recordings = join(folder.path, name);
    const config = writeConfig(join(folder.path, `${name}-config`), {
      video: SMALL_VIDEO,
      sources: SOURCES.map(({ id }) => ({ id, type: 'file', path: join(folder.path, `${id}.mp4`) })),
      scenes: [{ id: 'all', layers: SOURCES.map(({ id }) => ({ id, source: id })) }],
      mixer: { sources: { music: { gainDb: -6 } }, buses: BUSES },
      recording: { folder: recordings, name: 'show', ...recording },
    });
    live = new Bulkhead(['live', config]);
    return recordings;
  }

  async function recorded(...args: readonly string[]): Promise<RecordingStatus> {
    const { code, stdout, stderr } = await runBulkhead(['record', ...args, '--json'], {
      address: live.address,
    });
    assert.equal(code, 0, `${stdout}${stderr}`);
    return JSON.parse(stdout) as RecordingStatus;
  }

  const hasRecorded = (ms: number) =>
    live.until(`${ms} ms are recorded`, ({ recording }) => (recording?.recordedMs ?? 0) >= ms, 60_000);

  for (const format of RECORDING_FORMATS) {
    it(`are the programme and what is in each bus, with their names: ${format}`, async () => {
      const recordings = goLive(format, { format, startWithBroadcast: true });
      const { recording } = await live.until(
        'all sources deliver',
        ({ sources }) =>
          SOURCES.every(({ id }) => sources.some((one) => one.id === id && one.state === 'live')),
        40_000,
      );
      await hasRecorded((recording?.recordedMs ?? 0) + 5000);
      const { audioTracks } = await recorded('stop');
      assert.deepEqual(audioTracks, ['Programme', 'Voice', 'rest']);
      const [programme, voice, rest, ...more] = tracksOf(fileIn(recordings));
      assert.deepEqual(more, []);
      assert.deepEqual(programme?.tones, TONES);
      assert.deepEqual(voice?.tones, [500]);
      assert.deepEqual(rest?.tones, [1300, 3100]);
      assert.deepEqual(
        [programme, voice, rest].map((track) => track?.name),
        audioTracks,
      );
      for (const track of [voice, rest]) assertWhole(track, programme);
    });
  }

  it('are those that are chosen, and stay in sync when what encodes and writes them is killed', async () => {
    const recordings = goLive('kills');
    await live.until('it is on air', ({ timeline }) => timeline.videoFrames > 15, 40_000);
    const wrong = await runBulkhead(['record', 'start', '--audio-tracks', 'voise'], {
      address: live.address,
    });
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.stderr, /no bus "voise" in the mixer; did you mean "voice"\?/);
    await recorded('start', '--audio-tracks', 'voice');
    await hasRecorded(2000);
    const { encoder, recording } = await live.status();
    const [bus] = encoder.busPids ?? [];
    assert.ok(bus !== undefined && bus > 0, 'no process encodes the bus');
    process.kill(bus, 'SIGKILL');
    await live.until('another one encodes it', ({ encoder: { busPids } }) => {
      const pid = busPids?.[0];
      return pid !== undefined && pid > 0 && pid !== bus;
    });
    process.kill(recording?.pid ?? 0, 'SIGKILL');
    await live.until('another one records', (status) => (status.recording?.restarts ?? 0) === 1, 30_000);
    await hasRecorded(6000);
    await recorded('stop');
    const [programme, voice, ...more] = tracksOf(fileIn(recordings));
    assert.deepEqual(more, []);
    assert.deepEqual(voice?.tones, [500]);
    assertWhole(voice, programme);
  });

  it('go on at their place when the encoder process was killed', async () => {
    const recordings = goLive('encoder', { startWithBroadcast: true });
    await hasRecorded(2000);
    const { encoder } = await live.status();
    process.kill(encoder.pid, 'SIGKILL');
    // What is recorded until then is the slate.
    await live.until('another one is on air', ({ timeline }) => timeline.splices > 0, 40_000);
    const { recording } = await live.status();
    await hasRecorded((recording?.recordedMs ?? 0) + 4000);
    await recorded('stop');
    const [programme, voice] = tracksOf(fileIn(recordings));
    assert.deepEqual(voice?.tones, [500]);
    assertWhole(voice, programme);
  });
});

function fileIn(folder: string): string {
  const files = readdirSync(folder);
  assert.equal(files.length, 1, files.join(', '));
  return join(folder, files[0] ?? '');
}

/** From the programme's beginning to its end, with silence where it has none of its own. */
function assertWhole(track: Track | undefined, programme: Track | undefined): void {
  assertOnGrid(track, programme);
  const times = track?.times ?? [];
  for (const [at, time] of times.slice(1).entries())
    assert.ok(Math.abs(time - (times[at] ?? 0) - FRAME_S) < FRAME_S / 2, `a step to ${time} s`);
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const [begin = 0, end = 0] = [programme?.times[0], programme?.times.at(-1)];
  assert.ok(Math.abs(first - begin) < 2 * FRAME_S, `begins at ${first} s, the programme at ${begin}`);
  // Sound is written as it comes: a little may be there already that is missing in the other.
  assert.ok(last > end - 2 * FRAME_S && last < end + 0.3, `ends at ${last} s, the programme at ${end}`);
}

/** Each of its frames is where one of the programme's is. */
function assertOnGrid(track: Track | undefined, programme: Track | undefined): void {
  const places = programme?.times ?? [];
  assert.ok((track?.times.length ?? 0) > 50);
  for (const time of track?.times ?? []) {
    const nearest = Math.min(...places.map((place) => Math.abs(place - time)));
    assert.ok(
      nearest < 0.003 || time < (places[0] ?? 0) || time > (places.at(-1) ?? 0),
      `no frame of the programme at ${time} s`,
    );
  }
}

function tracksOf(file: string): Track[] {
  const args = ['-v', 'error', '-select_streams', 'a', '-of', 'json'];
  const entries = 'stream=index:stream_tags=title,handler_name:packet=stream_index,pts_time';
  const { stdout, stderr } = spawnSync('ffprobe', [...args, '-show_entries', entries, file], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  assert.equal(stderr, '');
  const { streams, packets } = JSON.parse(stdout) as {
    streams: { index: number; tags?: { title?: string; handler_name?: string } }[];
    packets: { stream_index: number; pts_time: string }[];
  };
  return streams.map(({ index, tags }, at) => ({
    name: tags?.title ?? tags?.handler_name,
    times: packets.flatMap((one) => (one.stream_index === index ? [Number(one.pts_time)] : [])),
    tones: tonesOf(file, at),
  }));
}

/** Which of the sources' tones are in a track, some time before its end, where a bus may be late; fails for one that is hardly there. */
function tonesOf(file: string, track: number): number[] {
  const { stdout, stderr } = spawnSync(
    'ffmpeg',
    ['-v', 'error', '-i', file, '-map', `0:a:${track}`, '-ac', '1', '-ar', `${RATE}`, '-f', 's16le', '-'],
    { maxBuffer: 1 << 28 },
  );
  assert.equal(stderr.toString(), '');
  const samples = new Int16Array(stdout.buffer, stdout.byteOffset, Math.floor(stdout.length / 2));
  const end = samples.length - 2 * RATE;
  const levels = TONES.map((hz) => levelAt(samples.subarray(end - RATE, end), hz));
  return TONES.filter((hz, at) => {
    const level = levels[at] ?? -100;
    assert.ok(level > -40 || level < -60, `${hz} Hz is at ${level} dBFS in track ${track}`);
    return level > -40;
  });
}

/** Level of one frequency, dBFS. */
function levelAt(samples: Int16Array, hz: number): number {
  let [cos, sin] = [0, 0];
  for (const [n, value] of samples.entries()) {
    const windowed = value * (1 - Math.cos((2 * Math.PI * n) / samples.length));
    cos += windowed * Math.cos((2 * Math.PI * hz * n) / RATE);
    sin += windowed * Math.sin((2 * Math.PI * hz * n) / RATE);
  }
  return 20 * Math.log10((2 * Math.hypot(cos, sin)) / samples.length / 32_768);
}
