import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { orderOf, readNumbers, readNumbersIfAny, writeNumberedClip } from '../../support/numbered-frames.js';
import { hasBegun } from '../../support/stream-recording.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const FPS = 15;
/** One AAC frame, s. */
const SOUND_S = 1024 / 48_000;

interface Packet {
  readonly codec_type: 'video' | 'audio';
  readonly pts_time: string;
}

describe('an encode of its own', function () {
  this.timeout(180_000);
  let folder: TempDir;
  let nginx: NginxRtmp;
  let bulkhead: Bulkhead;

  before(async () => {
    folder = tempDir('own-encode');
    nginx = await startNginxRtmp();
    writeNumberedClip(join(folder.path, 'clip.mp4'), {
      ...{ size: '320x180', fps: FPS, seconds: 60, sampleRate: 44_100 },
    });
  });
  after(async () => {
    await bulkhead?.end();
    await nginx?.stop();
    folder?.dispose();
  });

  const output = (id: string, video?: object) => ({ id, url: nginx.url('live', id), video });

  function goLive(outputs: readonly object[], video: object = {}): Bulkhead {
    const config = join(folder.path, 'show.json');
    const programme = { width: 320, height: 180, fps: FPS, bitrateKbps: 800, keyframeIntervalSeconds: 1 };
    writeFileSync(
      config,
      JSON.stringify({
        input: { type: 'file', path: join(folder.path, 'clip.mp4') },
        video: { ...programme, preset: 'ultrafast', ...video },
        outputs,
      }),
    );
    return new Bulkhead(['live', config]);
  }

  function record(id: string): { readonly file: string; end(): Promise<void> } {
    const file = join(folder.path, `${id}.flv`);
    const args = [
      '-v',
      'error',
      '-y',
      '-copyts',
      '-i',
      nginx.url('live', id),
      '-c',
      'copy',
      '-flush_packets',
      '1',
      file,
    ];
    const recorder: ChildProcess = spawn('ffmpeg', args, { stdio: ['pipe', 'ignore', 'ignore'] });
    return {
      file,
      async end() {
        await hasBegun(file);
        recorder.stdin?.write('q');
        if (recorder.exitCode === null) await once(recorder, 'close');
      },
    };
  }

  const rendition = ({ encoder }: Status) => {
    const found = encoder.renditions?.[0];
    assert.ok(found !== undefined, 'there is no rendition');
    return found;
  };
  const isEncoded = ({ encoder, outputs }: Status) =>
    outputs.every(({ state }) => state === 'live') &&
    encoder.renditions?.every(({ fps, heldVideoPid }) => fps > 0 && heldVideoPid > 0) === true;

  function packetsOf(file: string): readonly Packet[] {
    const args = ['-v', 'error', '-show_entries', 'packet=codec_type,pts_time', '-of', 'json', file];
    const { stdout } = spawnSync('ffprobe', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
    return (JSON.parse(stdout) as { packets: Packet[] }).packets;
  }

  /** Times of the frames by their numbers, s. */
  function timesOf(file: string): Map<number, number> {
    const times = packetsOf(file)
      .filter(({ codec_type }) => codec_type === 'video')
      .map(({ pts_time }) => Number(pts_time))
      .sort((a, b) => a - b);
    return new Map(readNumbers(file).map((number, frame) => [number, times[frame] ?? Number.NaN]));
  }

  /** Fails where a frame is missing that a computer that is too busy has not cost. */
  function assertProgramme(file: string, { encoder }: Status): void {
    const { missing, backwards } = orderOf(readNumbers(file));
    assert.equal(backwards, 0);
    if (/every second frame/.test(bulkhead.stdout)) return;
    assert.ok(missing <= encoder.skippedSlots, `${missing} frames are missing of the programme`);
  }

  /** Fails where a frame of sound is missing or comes twice. */
  function assertSound(file: string): void {
    const times = packetsOf(file).flatMap(({ codec_type, pts_time }) =>
      codec_type === 'audio' ? [Number(pts_time)] : [],
    );
    assert.ok(times.length > 100, `${times.length} frames of sound`);
    for (const [index, time] of times.entries()) {
      const step = time - (times[index - 1] ?? time - SOUND_S);
      assert.ok(Math.abs(step - SOUND_S) < SOUND_S / 2, `sound steps by ${step} s at ${time}`);
    }
  }

  it('loses nothing while its encoders and those of the programme are killed and hang, and is shared', async () => {
    const small = { height: 90, bitrateKbps: 300 };
    bulkhead = goLive([output('main'), output('small', small), output('same', small)]);
    const before = await bulkhead.until('all are live', isEncoded, 40_000);
    assert.equal(before.encoder.renditions?.length, 1);
    const recorders = ['main', 'small', 'same'].map(record);
    await delay(3000);
    for (const [whose, signal] of [
      ['rendition', 'SIGKILL'],
      ['programme', 'SIGKILL'],
      ['rendition', 'SIGSTOP'],
      ['programme', 'SIGSTOP'],
      ['rendition', 'SIGKILL'],
    ] as const) {
      const status = await bulkhead.until('both have held encoders', isEncoded);
      const pid = whose === 'programme' ? status.encoder.videoPid : rendition(status).videoPid;
      process.kill(pid, signal);
      await bulkhead.until('another encoder is at work', (now) =>
        whose === 'programme' ? now.encoder.videoPid !== pid : rendition(now).videoPid !== pid,
      );
      await delay(1500);
    }
    await Promise.all(recorders.map((recorder) => recorder.end()));
    const status = await bulkhead.until('it is as before', isEncoded);
    assert.deepEqual(
      status.outputs.map(({ sessions }) => sessions),
      [1, 1, 1],
    );
    assert.equal(status.encoder.restarts, 0);
    const [main = '', own = '', same = ''] = recorders.map(({ file }) => file);
    assertProgramme(main, status);
    const { skippedSlots } = rendition(status);
    const { missing, backwards } = orderOf(readNumbers(own));
    assert.ok(missing <= skippedSlots, `${missing} frames are missing of the rendition`);
    assert.equal(backwards, 0);
    for (const file of [main, own, same]) assertSound(file);
    // The same frame has the same time in both encodes.
    const [ofMain, ofOwn, ofSame] = [timesOf(main), timesOf(own), timesOf(same)];
    const both = [...ofOwn].filter(([number]) => ofMain.has(number));
    assert.ok(both.length > 6 * FPS, `${both.length} frames are in both`);
    for (const [number, time] of both) {
      assert.equal(time, ofMain.get(number), `time of frame ${number}`);
      if (ofSame.has(number)) assert.equal(time, ofSame.get(number));
    }
    await bulkhead.end();
  });

  it('is begun on air, comes back after the encoder process, and harms nobody where it cannot be made', async () => {
    bulkhead = goLive([output('main')]);
    await bulkhead.until('live', ({ state }) => state === 'live', 40_000);
    const main = record('main');
    const add = async (id: string, video: string) => {
      const args = ['output', 'add', id, nginx.url('live', id), '--video', video];
      const { code, stderr } = await runBulkhead(args, { address: bulkhead.address });
      return code === 0 ? '' : stderr;
    };
    assert.equal(await add('wrong', 'preset=nonsense'), '');
    await bulkhead.said(/An encode of its own that is asked for \(nonsense\) cannot be made/);
    assert.match(
      await add('large', 'height=360'),
      /outputs\.large\.video.*expected a height of 180 or less/s,
    );
    assert.equal(await add('small', 'height=90,bitrateKbps=300'), '');
    const before = await bulkhead.until('it is encoded', ({ encoder }) =>
      (encoder.renditions ?? []).some(({ fps, video }) => fps > 0 && video.height === 90),
    );
    assert.match(rendition(before).error?.message ?? '', /nonsense/);
    await delay(2000);
    await main.end();
    assertProgramme(main.file, await bulkhead.status());
    const small = record('small');
    await delay(2000);
    process.kill(before.encoder.pid, 'SIGKILL');
    const after = await bulkhead.until(
      'another encoder process has it',
      ({ encoder }) =>
        encoder.epoch > before.encoder.epoch &&
        (encoder.renditions ?? []).some(({ fps, video }) => fps > 0 && video.height === 90),
    );
    await delay(2000);
    await small.end();
    assert.equal(after.outputs.find(({ id }) => id === 'small')?.sessions, 1);
    // The other process may begin before its source does, on a busy computer: only there frames have no number.
    const all = readNumbersIfAny(small.file);
    const unnumbered = all.slice(all.indexOf(undefined), all.lastIndexOf(undefined) + 1);
    if (all.includes(undefined)) assert.ok(!unnumbered.some((number) => number !== undefined), all.join());
    const numbers = all.filter((number) => number !== undefined);
    assert.ok(numbers.length > FPS, `${numbers.length} frames have a number`);
    assert.equal(orderOf(numbers).backwards, 0);
    assertSound(small.file);
    assert.equal((await runBulkhead(['output', 'remove', 'wrong'], { address: bulkhead.address })).code, 0);
    assert.equal((await runBulkhead(['output', 'remove', 'small'], { address: bulkhead.address })).code, 0);
    await bulkhead.until('none is left', ({ encoder }) => encoder.renditions === undefined);
    await bulkhead.end();
  });
});
