import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AAC, H264, writeMarkedClip } from '../../support/marked-clip.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { checkRecording, type RecordingCheck } from '../../tools/recording/check-recording.js';
import { faultsOf } from '../../tools/recording/faults.js';

const TOOL = join(process.cwd(), 'dist', 'test', 'tools', 'check-recording.js');
const FRAMES = 75;
const FPS = 25;

describe('check-recording', () => {
  let folder: TempDir;
  let clip: string;

  before(async () => {
    folder = tempDir('check-recording');
    clip = join(folder.path, 'clip.flv');
    await writeMarkedClip(clip, {
      width: 320,
      height: 180,
      rate: String(FPS),
      video: { frames: FRAMES, encode: H264 },
      sound: { seconds: FRAMES / FPS, sampleRate: 48_000, layout: 'stereo', encode: AAC },
      flashPeriodS: 1,
    });
  });
  after(() => folder.dispose());

  /** The clip with a fault that ffmpeg makes. */
  async function faulty(
    name: string,
    args: readonly string[],
    inputs: readonly string[] = [],
  ): Promise<RecordingCheck> {
    const file = join(folder.path, `${name}.flv`);
    execFileSync('ffmpeg', ['-v', 'error', '-y', ...inputs, '-i', clip, ...args, file]);
    return checkRecording(file);
  }
  const video = (filter: string) => [...['-vf', filter, '-vsync', 'passthrough', ...H264, '-c:a', 'copy']];
  const sound = (filter: string) => ['-af', filter, ...AAC, '-c:v', 'copy'];

  it('finds nothing in a clean one, and says so', async () => {
    const check = await checkRecording(clip);
    assert.deepEqual(faultsOf(check), []);
    assert.equal(check.video?.frames, FRAMES);
    assert.equal(check.video?.lastNumber, FRAMES - 1);
    assert.equal(check.av?.readings.length, 3);
    assert.ok(Math.abs(check.av?.worstMs ?? 99) < 3, `${check.av?.worstMs} ms`);
    const { stdout } = await promisify(execFile)(process.execPath, [TOOL, clip, '--json']);
    const [printed] = JSON.parse(stdout) as (RecordingCheck & { faults: string[] })[];
    assert.deepEqual(printed?.faults, []);
    assert.equal(printed?.video?.order?.missing, 0);
  });

  it('finds frames that are missing, and where', async () => {
    const check = await faulty('missing', video("select='not(between(n,30,32))'"));
    assert.equal(check.video?.missingSlots, 3);
    assert.deepEqual(
      [check.video?.order?.missing, check.video?.order?.repeated, check.video?.order?.outOfOrder],
      [3, 0, 0],
    );
    assert.deepEqual(
      check.video?.order?.events.map(({ from, to }) => [from, to]),
      [[29, 33]],
    );
    assert.deepEqual(faultsOf(check), ['3 frames missing by their timestamps', '3 frames missing']);
    assert.deepEqual(faultsOf(await checkRecording(check.file, { fromMs: 1500 })), []);
  });

  it('finds frames that are missing where the timestamps hide it', async () => {
    const check = await faulty('closed', video(`select='not(between(n,30,32))',setpts=STARTPTS+N/${FPS}/TB`));
    assert.deepEqual([check.video?.missingSlots, check.video?.order?.missing], [0, 3]);
    assert.ok(Math.abs((check.av?.worstMs ?? 0) - 120) < 25, `${check.av?.worstMs} ms`);
    assert.match(faultsOf(check).join(), /3 frames missing,sound 1\d\d ms late at worst/);
  });

  it('finds repeated frames and how long they are frozen', async () => {
    const check = await faulty('repeated', [
      ...['-vf', `select='not(between(n,30,39))',fps=${FPS}`],
      ...H264,
      '-c:a',
      'copy',
    ]);
    assert.equal(check.video?.order?.repeated, 10);
    assert.equal(check.video?.missingSlots, 0);
    assert.ok(Math.abs((check.video?.order?.longestFreezeMs ?? 0) - 440) < 2);
    assert.equal(check.video?.stills.length, 1);
  });

  it('finds frames out of order', async () => {
    const check = await faulty('order', video('shuffleframes=0 2 1'));
    assert.ok((check.video?.order?.outOfOrder ?? 0) > 20);
  });

  it('finds a still of frames without numbers', async () => {
    const check = await faulty('still', [
      ...['-vf', `crop=320:140:0:40,select='not(between(n,30,49))',fps=${FPS}`],
      ...[...H264, '-c:a', 'copy'],
    ]);
    assert.equal(check.video?.order, undefined);
    assert.ok(Math.abs((check.video?.longestStillMs ?? 0) - 840) < 2, `${check.video?.longestStillMs} ms`);
    assert.match(faultsOf(check).join(), /840 ms without a change, at 1\.2/);
  });

  it('finds damage', async () => {
    const file = join(folder.path, 'damaged.flv');
    const bytes = readFileSync(clip);
    // Not every damage is noticed by a decoder.
    for (let spot = 1; spot < 9; spot++) {
      createHash('sha512')
        .update(String(spot))
        .digest()
        .copy(bytes, Math.floor((bytes.length * spot) / 9));
    }
    writeFileSync(file, bytes);
    const check = await checkRecording(file);
    assert.ok(check.decodeErrors.length > 0);
    assert.match(faultsOf(check).join(), /decode errors/);
  });

  it('finds timestamps that go back', async () => {
    const file = join(folder.path, 'back.flv');
    const bytes = readFileSync(clip);
    let at = 13;
    for (let tag = 0; tag < 60; tag++) at += 15 + bytes.readUIntBE(at + 1, 3);
    bytes.writeUIntBE(bytes.readUIntBE(at + 4, 3) - 300, at + 4, 3);
    writeFileSync(file, bytes);
    const { video, audio } = await checkRecording(file);
    assert.equal((video?.stepsBack ?? 0) + (audio?.stepsBack ?? 0), 1);
  });

  it('finds sound that is late, at the start or by and by', async () => {
    const late = await faulty(
      'late',
      ['-map', '0:v', '-map', '1:a', '-c', 'copy'],
      ['-i', clip, '-itsoffset', '0.09'],
    );
    assert.ok(Math.abs((late.av?.medianMs ?? 0) - 90) < 3, `${late.av?.medianMs} ms`);
    assert.match(faultsOf(late).join(), /sound 90 ms late at worst .*the sound ends/);
    const drifting = await faulty('drifting', sound('asetrate=47000,aresample=48000'));
    const offsets = drifting.av?.readings.map(({ offsetMs }) => offsetMs) ?? [];
    assert.ok((offsets[1] ?? 0) - (offsets[0] ?? 0) > 15, offsets.join());
  });

  it('finds a gap in the sound, and silence', async () => {
    const gap = await faulty('gap', sound("aselect='not(between(t,1.3,1.6))'"));
    assert.match(faultsOf(gap).join(), /a gap of \d+ ms in the sound/);
    const silence = await faulty('silence', sound("volume=0:enable='between(t,1.3,1.6)'"));
    assert.match(faultsOf(silence).join(), /\d+ ms of silence in the sound/);
  });

  it('finds sound that ends before the frames', async () => {
    const check = await faulty('short', sound('atrim=end=2.5'));
    assert.ok(Math.abs((check.av?.endMs ?? 0) + 500) < 45, `${check.av?.endMs} ms`);
    assert.match(faultsOf(check).join(), /the sound ends -\d+ ms after the frames/);
  });

  it('explains wrong arguments', async () => {
    for (const [args, words] of [
      [[], /no file is named/],
      [['absent.flv'], /there is no file absent\.flv/],
      [[clip, '--rate', 'x'], /--rate expects a number above 0, not "x"/],
      [[clip, '--what'], /Unknown option '--what'/],
    ] as const) {
      const failed = promisify(execFile)(process.execPath, [TOOL, ...args]);
      await assert.rejects(failed, (error: Error & { code: number; stderr: string }) => {
        assert.equal(error.code, 2);
        assert.match(error.stderr, words);
        return true;
      });
    }
  });
});
