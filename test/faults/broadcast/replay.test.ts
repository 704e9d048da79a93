import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BroadcastConfigInput } from '../../../src/config/schema.js';
import type { RecordingStatus } from '../../../src/protocol/recording.js';
import type { ReplayStatus, SavedReplay } from '../../../src/protocol/replay.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { assertFramesInOrder, readNumbersIfAny, writeNumberedClip } from '../../support/numbered-frames.js';
import { probeRecording, soundFaults } from '../../support/probed-recording.js';
import { SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';

/** AAC at 48 kHz, ms. */
const SOUND_FRAME_MS = 1024 / 48;
const B_FRAMES = { tune: 'none', bFrames: 2 } as const;

/** Of the clip: before its first frame a broadcast has others, which are not numbered. */
function readNumbers(file: string): number[] {
  return readNumbersIfAny(file).filter((number) => number !== undefined);
}

describe('replays', function () {
  this.timeout(180_000);
  let folder: TempDir;
  let clip: string;
  let replays: string;
  let live: Bulkhead;

  before(() => {
    folder = tempDir('replays');
    clip = join(folder.path, 'clip.mp4');
    writeNumberedClip(clip, { size: '320x180', fps: SMALL_VIDEO.fps, seconds: 120, sampleRate: 48_000 });
  });

  beforeEach(() => {
    replays = join(folder.path, `replays-${Date.now()}`);
  });

  afterEach(() => live.end());

  after(() => folder.dispose());

  function goLive(
    replay: NonNullable<BroadcastConfigInput['replay']> = {},
    { video, ...more }: BroadcastConfigInput = { input: { type: 'file', path: clip } },
  ): void {
    const config = writeConfig(join(folder.path, String(Date.now())), {
      video: { ...SMALL_VIDEO, ...video },
      replay: { folder: replays, name: 'replay', seconds: 3, ...replay },
      ...more,
    });
    live = new Bulkhead(['live', config]);
  }

  function kept(what: string, wanted: (replay: ReplayStatus) => boolean): Promise<Status> {
    return live.until(what, ({ replay }) => replay !== undefined && wanted(replay), 30_000);
  }

  const run = (...args: string[]) => runBulkhead(args, { address: live.address });

  async function save(...args: string[]): Promise<SavedReplay> {
    const { code, stdout, stderr } = await run('replay', 'save', '--json', ...args);
    assert.equal(code, 0, `${stdout}${stderr}`);
    return JSON.parse(stdout) as SavedReplay;
  }

  /** Frames and sound, each once, in order and in step, from 0 on. */
  function assertWhole({ path, durationMs }: SavedReplay, status: Status): void {
    assertFramesInOrder(readNumbers(path), status);
    const { packets, durationMs: probedMs } = probeRecording(path);
    assert.deepEqual(soundFaults(packets, SOUND_FRAME_MS), { missing: 0, repeated: 0 });
    const firstOf = (wanted: string) => packets.find(({ stream }) => stream === wanted)?.ptsMs ?? Number.NaN;
    assert.ok(firstOf('video') < 200, `the first frame at ${firstOf('video')} ms`);
    // Nothing is seen before.
    assert.ok(
      firstOf('audio') < firstOf('video') + 2 * SOUND_FRAME_MS,
      `the first sound at ${firstOf('audio')} ms`,
    );
    assert.ok(Math.abs(probedMs - durationMs) < 400, `${probedMs} ms, where ${durationMs} were reported`);
  }

  for (const { format, video } of [
    { format: 'mkv', video: {} },
    { format: 'mkv', video: B_FRAMES },
    { format: 'hybrid-mp4', video: B_FRAMES },
    { format: 'fragmented-mp4', video: {} },
  ] as const) {
    const how = 'bFrames' in video ? ' with B-frames' : '';
    it(`are complete files when the command returns: ${format}${how}`, async () => {
      goLive({ format }, { input: { type: 'file', path: clip }, video });
      await kept('held', ({ heldMs }) => heldMs > 3500);
      const one = await save();
      const two = await save('--seconds', '1', '--name', 'goal {n}');
      const status = await live.status();
      for (const saved of [one, two]) assertWhole(saved, status);
      assert.ok(one.durationMs >= 3000 && one.durationMs < 5500, `${one.durationMs} ms`);
      assert.ok(two.durationMs >= 1000 && two.durationMs < 3000, `${two.durationMs} ms`);
      const extension = format === 'mkv' ? 'mkv' : 'mp4';
      assert.deepEqual(readdirSync(replays), [`goal 2.${extension}`, `replay.${extension}`]);
      assert.equal(status.encoder.restarts, 0);
    });
  }

  it('are saved when the recorder is killed before, and when it hangs', async () => {
    goLive();
    const { replay: before } = await kept('held', ({ heldMs, pid }) => heldMs > 3000 && pid > 0);
    process.kill(before?.pid ?? 0, 'SIGKILL');
    const one = await save();
    const { replay: next } = await kept('another one', ({ pid }) => pid > 0 && pid !== before?.pid);
    process.kill(next?.pid ?? 0, 'SIGSTOP');
    const two = await save();
    const status = await live.status();
    for (const saved of [one, two]) assertWhole(saved, status);
    assert.deepEqual([status.state, status.encoder.restarts], ['live', 0]);
    assert.deepEqual(readdirSync(replays), ['replay-2.mkv', 'replay.mkv']);
  });

  it('play in a scene, the latest one from its beginning each time', async () => {
    const layers = (source: string) => [{ id: 'all', source }];
    const recordings = join(folder.path, 'recordings');
    goLive(
      {},
      {
        sources: [
          { id: 'talk', type: 'file', path: clip },
          { id: 'replay', type: 'replay' },
        ],
        scenes: [
          { id: 'main', layers: layers('talk') },
          { id: 'again', layers: layers('replay') },
        ],
        transition: { type: 'cut' },
        recording: { folder: recordings, name: 'show' },
      },
    );
    const command = async (...args: string[]) => {
      const { code, stderr } = await run(...args);
      assert.equal(code, 0, stderr);
    };
    await kept('held', ({ heldMs }) => heldMs > 3500);
    const one = readNumbers((await save()).path);
    await command('record', 'start');
    for (let time = 0; time < 2; time++) {
      await command('scene', 'switch', 'again');
      const { uptimeMs } = await live.status();
      await live.until('some seconds', (status) => status.uptimeMs > uptimeMs + 2000);
      await command('scene', 'switch', 'main');
    }
    const { stdout } = await run('record', 'stop', '--json');
    const recorded = readNumbers((JSON.parse(stdout) as RecordingStatus).file ?? '');
    const starts = recorded.filter((number, index) => index > 0 && number < (recorded[index - 1] ?? 0) - 1);
    assert.deepEqual(starts.length, 2, `it goes back twice in ${recorded}`);
    for (const start of starts)
      assert.ok(Math.abs(start - (one[0] ?? 0)) <= 1, `${start}, where the replay begins with ${one[0]}`);
    // In between, the source of the broadcast itself has stood still: it is a file.
    const [first = 0] = starts;
    const shown = recorded
      .slice(recorded.indexOf(first))
      .filter((number, index, all) => number !== all[index - 1]);
    const played = shown.slice(
      0,
      shown.findIndex((number, index) => number !== first + index),
    );
    assert.ok(played.length > 15, `${played.length} frames of it, one after the other: ${recorded}`);
  });

  it('say at the command what is wrong', async () => {
    goLive({ folder: join(clip, 'below'), startWithBroadcast: false });
    await live.until('on air', ({ state }) => state === 'live');
    const wrong = async (wanted: RegExp, ...args: string[]) => {
      const { code, stderr } = await run('replay', ...args);
      assert.notEqual(code, 0);
      assert.match(stderr, wanted);
      assert.doesNotMatch(stderr, /^\s+at /m);
    };
    await wrong(/the replay buffer is off/, 'save');
    await wrong(/from 1 to 600/, 'start', '--seconds', '0');
    const { code, stdout } = await run('replay', 'start', '--seconds', '2');
    assert.deepEqual([code, stdout.trim()], [0, 'The last 2 s of the broadcast are kept from now on.']);
    await kept('held', ({ heldMs }) => heldMs > 500);
    await wrong(/the replay buffer keeps 2 s/, 'save', '--seconds', '3');
    await wrong(/without "\/"/, 'save', '--name', '../up');
    await wrong(/could not be saved: .*a part of the path is a file/, 'save');
    const { replay, state } = await live.status();
    assert.deepEqual([replay?.error?.code, state], ['replay.failed', 'live']);
  });
});
