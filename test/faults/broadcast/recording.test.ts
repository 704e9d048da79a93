import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordingFormat } from '../../../src/config/recording-schema.js';
import type { BroadcastConfigInput } from '../../../src/config/schema.js';
import type { RepairedFile } from '../../../src/protocol/recorder.js';
import type { RecordingStatus } from '../../../src/protocol/recording.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { allGone } from '../../support/children.js';
import { assertFramesInOrder, readNumbersIfAny, writeNumberedClip } from '../../support/numbered-frames.js';
import { probeRecording, soundFaults } from '../../support/probed-recording.js';
import { SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { SmallDisk } from '../../support/small-disk.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

/** AAC at 48 kHz, ms. */
const SOUND_FRAME_MS = 1024 / 48;

/** Of the clip: before its first frame a broadcast has others, which are not numbered. */
function readNumbers(file: string): number[] {
  const numbers = readNumbersIfAny(file);
  const first = numbers.findIndex((number) => number !== undefined);
  return numbers
    .slice(first)
    .map((number, index) => number ?? assert.fail(`frame ${first + index} has no number`));
}

describe('recording', function () {
  this.timeout(180_000);
  let folder: TempDir;
  let clip: string;
  let recordings: string;
  let live: Bulkhead;

  before(() => {
    folder = tempDir('recording');
    clip = join(folder.path, 'clip.mp4');
    writeNumberedClip(clip, { size: '320x180', fps: SMALL_VIDEO.fps, seconds: 120, sampleRate: 48_000 });
  });

  beforeEach(() => {
    recordings = join(folder.path, `recordings-${Date.now()}`);
  });

  afterEach(() => live.end());

  after(() => folder.dispose());

  function goLive(
    recording: NonNullable<BroadcastConfigInput['recording']> = {},
    video: NonNullable<BroadcastConfigInput['video']> = {},
  ): void {
    const config = writeConfig(join(folder.path, String(Date.now())), {
      input: { type: 'file', path: clip },
      video: { ...SMALL_VIDEO, ...video },
      recording: { folder: recordings, name: 'show', startWithBroadcast: true, ...recording },
    });
    live = new Bulkhead(['live', config]);
  }

  function recorded(
    what: string,
    wanted: (recording: RecordingStatus, status: Status) => boolean,
  ): Promise<Status> {
    return live.until(
      what,
      (status) => status.recording !== undefined && wanted(status.recording, status),
      30_000,
    );
  }

  async function stop(): Promise<RecordingStatus> {
    const { code, stdout, stderr } = await runBulkhead(['record', 'stop', '--json'], {
      address: live.address,
    });
    assert.equal(code, 0, `${stdout}${stderr}`);
    return JSON.parse(stdout) as RecordingStatus;
  }

  /** Frames and sound, each once and in order. */
  function assertWhole(file: string, status: Status): void {
    assertFramesInOrder(readNumbers(file), status);
    const { packets } = probeRecording(file);
    assert.deepEqual(soundFaults(packets, SOUND_FRAME_MS), { missing: 0, repeated: 0 });
  }

  const B_FRAMES = { tune: 'none', bFrames: 2 } as const;
  for (const { format, encoding } of [
    { format: 'mkv', encoding: {} },
    { format: 'mkv', encoding: B_FRAMES },
    { format: 'fragmented-mp4', encoding: {} },
    { format: 'hybrid-mp4', encoding: B_FRAMES },
  ] as const satisfies readonly { format: RecordingFormat; encoding: object }[]) {
    const how = encoding === B_FRAMES ? ' with B-frames' : '';
    it(`loses no frame when the recorder is killed again and again: ${format}${how}`, async () => {
      goLive({ format }, encoding);
      for (let kill = 0; kill < 4; kill++) {
        const { recording } = await recorded(
          `written after ${kill} kills`,
          ({ state, restarts, writtenBytes, pid, unwrittenMs }) =>
            state === 'recording' && restarts === kill && writtenBytes > 0 && pid > 0 && unwrittenMs < 1000,
        );
        process.kill(recording?.pid ?? 0, 'SIGKILL');
      }
      const seconds = 6;
      const status = await recorded(
        'some seconds',
        ({ recordedMs, restarts }) => restarts === 4 && recordedMs > seconds * 1000,
      );
      const ended = await stop();
      assert.deepEqual([ended.state, ended.files, ended.lostMs], ['stopped', 1, 0], live.stdout);
      assertWhole(ended.file ?? '', status);
      assert.equal(status.state, 'live');
      assert.deepEqual(readdirSync(recordings).length, 1, `${readdirSync(recordings)}`);
    });
  }

  it('loses no frame when the recorder hangs', async () => {
    goLive();
    const { recording } = await recorded('written', ({ recordedMs }) => recordedMs > 1000);
    process.kill(recording?.pid ?? 0, 'SIGSTOP');
    const status = await recorded(
      'another one',
      ({ restarts, unwrittenMs }) => restarts === 1 && unwrittenMs < 1000,
    );
    const ended = await stop();
    assert.equal(ended.lostMs, 0);
    assertWhole(ended.file ?? '', status);
  });

  it('ends the file in order when the core is killed; the next core records to another one', async () => {
    goLive();
    const first = await recorded('written', ({ recordedMs }) => recordedMs > 2000);
    const { pid = 0, file = '' } = first.recording ?? {};
    process.kill(first.core.pid, 'SIGKILL');
    const left = await allGone([pid], 10_000);
    assert.deepEqual(left, [], 'the recorder ends');
    assert.ok(!existsSync(`${file}.recording`), 'the file is complete');
    assertWhole(file, first);
    const { durationMs } = probeRecording(file);
    assert.ok(
      durationMs >= (first.recording?.recordedMs ?? 0),
      `${durationMs} ms of ${first.recording?.recordedMs}`,
    );
    const next = await recorded(
      'the next core',
      (recording, { core }) => core.pid !== first.core.pid && recording.recordedMs > 1000,
    );
    assert.equal(next.recording?.file, join(recordings, 'show-2.mkv'));
    const ended = await stop();
    assertWhole(ended.file ?? '', next);
  });

  it('is repaired after everything has ended at once', async () => {
    goLive();
    const status = await recorded('written', ({ recordedMs }) => recordedMs > 2000);
    const { pid = 0, file = '' } = status.recording ?? {};
    live.signal('SIGKILL');
    process.kill(pid, 'SIGKILL');
    process.kill(status.core.pid, 'SIGKILL');
    await allGone([pid, status.core.pid, live.pid], 10_000);
    assert.ok(existsSync(`${file}.recording`), 'it was left unfinished');
    const { code, stdout, stderr } = await runBulkhead(['record', 'repair', recordings, '--json'], {
      address: '',
    });
    assert.equal(code, 0, stderr);
    const [repaired, ...others] = JSON.parse(stdout) as RepairedFile[];
    assert.deepEqual([others.length, repaired?.path, repaired?.result], [0, file, 'repaired']);
    assertWhole(file, status);
    const recordedMs = status.recording?.recordedMs ?? 0;
    assert.ok((repaired?.recordedMs ?? 0) >= recordedMs, `${repaired?.recordedMs} of ${recordedMs} ms`);
    assert.deepEqual(readdirSync(recordings), ['show.mkv']);
    live = new Bulkhead(['--version'], { address: '' });
  });

  it('ends the file before the disk is full; the broadcast goes on', async function () {
    let disk: SmallDisk | undefined;
    try {
      disk = new SmallDisk(join(folder.path, 'disk'), 8);
    } catch (error) {
      console.log(`      not run: ${(error as Error).message}`);
      goLive();
      this.skip();
    }
    try {
      goLive({ folder: disk.path, keepFreeMb: 1 });
      await recorded('written', ({ recordedMs }) => recordedMs > 2000);
      disk.fill();
      const status = await recorded('it has ended', ({ state }) => state === 'failed');
      assert.equal(status.recording?.error?.code, 'recording.diskFull');
      assert.equal(status.state, 'live');
      assertWhole(status.recording?.file ?? '', status);
      disk.empty();
      const { code, stderr } = await runBulkhead(['record', 'start'], { address: live.address });
      assert.equal(code, 0, stderr);
      await recorded(
        'it goes on',
        ({ state, file }) => state === 'recording' && file?.endsWith('show-2.mkv') === true,
      );
    } finally {
      await live.stop();
      disk.dispose();
    }
  });

  it('is split, paused and given chapters', async () => {
    goLive();
    const command = async (...args: string[]) => {
      const { code, stderr } = await runBulkhead(['record', ...args], { address: live.address });
      assert.equal(code, 0, stderr);
    };
    await recorded('written', ({ recordedMs }) => recordedMs > 1000);
    await command('chapter', 'Beginning');
    await command('split');
    await recorded('another file', ({ files }) => files === 2);
    await command('pause');
    const paused = await recorded(
      'paused',
      ({ state, unwrittenMs }) => state === 'paused' && unwrittenMs === 0,
    );
    await eventually('some seconds pass', async () => {
      const { uptimeMs } = await live.status();
      return uptimeMs > paused.uptimeMs + 2000 ? true : undefined;
    });
    await command('resume');
    await command('chapter', 'After the pause');
    const before = paused.recording?.recordedMs ?? 0;
    const status = await recorded('it goes on', ({ recordedMs }) => recordedMs > before + 1500);
    const ended = await stop();
    const [one, two] = ['show.mkv', 'show-2.mkv'].map((name) => join(recordings, name));
    assert.equal(ended.file, two);
    const [first, second] = [readNumbers(one ?? ''), readNumbers(two ?? '')];
    assertFramesInOrder([...first, ...second.slice(0, 5)], status);
    assert.deepEqual(
      probeRecording(one ?? '').chapters.map(({ title }) => title),
      ['Beginning'],
    );
    const { packets, chapters } = probeRecording(two ?? '');
    assert.deepEqual(
      chapters.map(({ title }) => title),
      ['After the pause'],
    );
    const times = packets.filter(({ stream }) => stream === 'video').map(({ ptsMs }) => ptsMs);
    const gaps = times.slice(1).map((ms, index) => ms - (times[index] ?? 0));
    assert.ok(Math.max(...gaps) < 100, `a gap of ${Math.max(...gaps)} ms`);
    const jumps = second.slice(1).filter((number, index) => number !== (second[index] ?? 0) + 1);
    assert.equal(jumps.length, 1, `the pause, in ${second}`);
  });

  it('says at the command what is wrong', async () => {
    const file = join(folder.path, 'a file');
    live = new Bulkhead([
      'live',
      writeConfig(join(folder.path, 'wrong'), { recording: { folder: join(clip, 'below') } }),
    ]);
    await live.until('on air', ({ state }) => state === 'live');
    const run = (...args: string[]) => runBulkhead(['record', ...args], { address: live.address });
    for (const [args, wanted] of [
      [['stop'], /nothing is recorded/],
      [['start', '--file', '../up'], /without "\/"/],
      [['start', '--file', '{nothing}'], /expected one of \{date\}/],
      [['start', '--format', 'avi'], /Allowed choices are mkv/],
      [['repair', file], /no such file or folder/],
    ] as const) {
      const { code, stderr } = await (args[0] === 'repair'
        ? runBulkhead(['record', ...args], { address: '' })
        : run(...args));
      assert.notEqual(code, 0);
      assert.match(stderr, wanted);
      assert.doesNotMatch(stderr, /^\s+at /m);
    }
    await run('start');
    const { recording } = await recorded('it fails', ({ state }) => state === 'failed');
    assert.match(recording?.error?.message ?? '', /a part of the path is a file/);
  });
});
