import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SceneConfig } from '../../../src/config/schema.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { hasBegun } from '../../support/stream-recording.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const FPS = 15;
const WIDE = { width: 320, height: 180 };
const UPRIGHT = { width: 180, height: 320 };
const ON = ['--canvas', 'upright'];

describe('a canvas of its own', function () {
  this.timeout(180_000);
  let folder: TempDir;
  let nginx: NginxRtmp;
  let bulkhead: Bulkhead;

  before(async () => {
    folder = tempDir('canvas');
    nginx = await startNginxRtmp();
  });
  afterEach(() => bulkhead?.end());
  after(async () => {
    await nginx?.stop();
    folder?.dispose();
  });

  function record(id: string, name = id): { readonly file: string; end(): Promise<void> } {
    const file = join(folder.path, `${name}.flv`);
    const from = ['-v', 'error', '-y', '-copyts', '-i', nginx.url('live', id)];
    const args = [...from, '-c', 'copy', '-flush_packets', '1', file];
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

  function timesOf(file: string): readonly number[] {
    const args = [
      '-v',
      'error',
      '-select_streams',
      'v',
      '-show_entries',
      'packet=pts_time',
      '-of',
      'csv=p=0',
    ];
    const { stdout } = spawnSync('ffprobe', [...args, file], { encoding: 'utf8', maxBuffer: 1 << 26 });
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map(Number.parseFloat)
      .sort((a, b) => a - b);
  }

  /** Red, green and blue of each frame in its middle. */
  function coloursOf(file: string, { width, height }: typeof WIDE): readonly (readonly number[])[] {
    const filter = `crop=2:2:${width / 2}:${height / 2}`;
    const args = [
      '-v',
      'error',
      '-i',
      file,
      '-an',
      '-vf',
      filter,
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      '-',
    ];
    const { stdout } = spawnSync('ffmpeg', args, { maxBuffer: 1 << 26 });
    return Array.from({ length: stdout.length / 12 }, (_, frame) => [
      ...stdout.subarray(frame * 12, frame * 12 + 3),
    ]);
  }

  function sizeOf(file: string): string {
    const args = [
      '-v',
      'error',
      '-select_streams',
      'v',
      '-show_entries',
      'stream=width,height',
      '-of',
      'csv=p=0',
    ];
    return (
      spawnSync('ffprobe', [...args, file], { encoding: 'utf8' })
        .stdout.trim()
        .split('\n')[0] ?? ''
    );
  }

  const isRed = ([red = 0, green = 0, blue = 0]: readonly number[]) => red > 180 && green < 80 && blue < 80;
  const isBlue = ([red = 0, green = 0, blue = 0]: readonly number[]) => blue > 180 && green < 80 && red < 80;
  const isGreen = ([red = 0, green = 0, blue = 0]: readonly number[]) => green > 180 && red < 80 && blue < 80;
  const isEncoded = ({ encoder, outputs }: Status) =>
    outputs.every(({ state }) => state === 'live') &&
    encoder.renditions?.every(({ fps, heldVideoPid }) => fps > 0 && heldVideoPid > 0) === true;

  /** Of one colour each: the main canvas is red, the upright one blue, then green. */
  function writeShow(more: object = {}): string {
    const config = join(folder.path, 'show.json');
    const scene = (id: string, source: string) => ({ id, layers: [{ id: 'all', source, fit: 'cover' }] });
    const image = (id: string) => ({ id, type: 'image', path: join(folder.path, `${id}.png`) });
    for (const id of ['red', 'blue', 'lime']) {
      const from = ['-v', 'error', '-y', '-f', 'lavfi', '-i', `color=${id}:s=320x320`, '-frames:v', '1'];
      assert.equal(spawnSync('ffmpeg', [...from, image(id).path]).status, 0);
    }
    writeFileSync(
      config,
      JSON.stringify({
        sources: [...['red', 'blue', 'lime'].map(image), { id: 'tone', type: 'test-pattern' }],
        scenes: [scene('main', 'red')],
        mixer: { sources: { tone: { mode: 'always' } } },
        canvases: [{ id: 'upright', ...UPRIGHT, scenes: [scene('one', 'blue'), scene('two', 'lime')] }],
        video: { ...WIDE, fps: FPS, bitrateKbps: 800, keyframeIntervalSeconds: 1, preset: 'ultrafast' },
        outputs: [
          { id: 'main', url: nginx.url('live', 'main') },
          { id: 'upright', url: nginx.url('live', 'upright'), canvas: 'upright' },
        ],
        ...more,
      }),
    );
    return config;
  }

  async function run(...args: string[]): Promise<void> {
    const { code, stderr } = await runBulkhead(args, { address: bulkhead.address });
    assert.equal(code, 0, stderr);
  }

  it('shows other scenes of the same sources in another size, and loses nothing while its encoder is killed', async () => {
    bulkhead = new Bulkhead(['live', writeShow()]);
    const before = await bulkhead.until('both are live', isEncoded, 40_000);
    assert.deepEqual(before.canvases[1], { id: 'upright', ...UPRIGHT, fps: FPS, programme: 'one' });
    const recorders = ['main', 'upright'].map((id) => record(id));
    await Promise.all(recorders.map(({ file }) => hasBegun(file)));
    await delay(2000);
    const pid = before.encoder.renditions?.[0]?.videoPid ?? 0;
    process.kill(pid, 'SIGKILL');
    await bulkhead.until(
      'another encoder is at work',
      ({ encoder }) => encoder.renditions?.[0]?.videoPid !== pid,
    );
    const { address } = bulkhead;
    const switched = await runBulkhead(['scene', 'switch', 'two', '--canvas', 'upright'], { address });
    assert.equal(switched.code, 0, switched.stderr);
    const wrong = await runBulkhead(['scene', 'switch', 'two', '--canvas', 'uprite'], { address });
    assert.match(wrong.stderr, /canvases\.uprite: there is no canvas "uprite"\. Available: upright\./);
    await delay(2000);
    await Promise.all(recorders.map((recorder) => recorder.end()));
    const status = await bulkhead.until('it is as before', isEncoded);
    assert.equal(status.canvases[1]?.programme, 'two');
    assert.equal(status.encoder.restarts, 0);
    const [main = '', upright = ''] = recorders.map(({ file }) => file);
    assert.equal(sizeOf(main), '320,180');
    assert.equal(sizeOf(upright), '180,320');
    assert.ok(coloursOf(main, WIDE).every(isRed));
    const seen = coloursOf(upright, UPRIGHT);
    assert.ok(seen.length > 3 * FPS, `${seen.length} frames`);
    assert.ok(seen[0] !== undefined && isBlue(seen[0]), `begins with ${seen[0]}`);
    const last = seen.at(-1);
    assert.ok(last !== undefined && isGreen(last), `ends with ${last}`);
    // Both have a frame of every slot, with the same time.
    const [ofMain, ofUpright] = [timesOf(main), timesOf(upright)];
    const from = Math.max(ofMain[0] ?? 0, ofUpright[0] ?? 0);
    const until = Math.min(ofMain.at(-1) ?? 0, ofUpright.at(-1) ?? 0);
    const within = (times: readonly number[]) => times.filter((time) => time >= from && time <= until);
    assert.deepEqual(within(ofUpright), within(ofMain));
    assert.ok(within(ofMain).length > 3 * FPS);
  });

  it('goes on with its scene on air, as it was changed, when the core is killed', async () => {
    bulkhead = new Bulkhead(['live', writeShow()]);
    const before = await bulkhead.until('both are live', isEncoded, 40_000);
    // Blue, with a new scene of green besides; then red instead of what is green in the file.
    await run('scene', 'add', 'new', JSON.stringify([{ id: 'all', source: 'lime', fit: 'cover' }]), ...ON);
    const red = ['--layer', 'all', JSON.stringify({ source: 'red' })];
    await run('scene', 'set', 'two', ...red, ...ON, '--save');
    const [{ scenes: saved }] = JSON.parse(readFileSync(join(folder.path, 'show.json'), 'utf8')).canvases;
    assert.deepEqual(
      saved.map(({ id, layers: [all] }: SceneConfig) => [id, all?.source]),
      [
        ['one', 'blue'],
        ['two', 'red'],
      ],
    );
    await run('scene', 'switch', 'new', ...ON);
    await bulkhead.until('it is on air', ({ canvases }) => canvases[1]?.programme === 'new');
    process.kill(before.core.pid, 'SIGKILL');
    await bulkhead.until(
      'another core has both live',
      (status) => status.core.pid !== before.core.pid && isEncoded(status),
      60_000,
    );
    const viewer = record('upright', 'again');
    await hasBegun(viewer.file);
    await run('scene', 'switch', 'two', ...ON);
    await delay(1500);
    await viewer.end();
    const seen = coloursOf(viewer.file, UPRIGHT);
    assert.ok(seen.length > FPS, `${seen.length} frames`);
    assert.ok(seen[0] !== undefined && isGreen(seen[0]), `begins with ${seen[0]}`);
    const last = seen.at(-1);
    assert.ok(last !== undefined && isRed(last), `ends with ${last}`);
    assert.ok(seen.every((colour) => isGreen(colour) || isRed(colour)));
  });

  it('is recorded into a file of its own, also when its recorder, an encoder and the encoder process are killed', async () => {
    const recordings = join(folder.path, 'recordings');
    const recording = { folder: recordings, name: 'show', also: [{ canvas: 'upright' }] };
    bulkhead = new Bulkhead(['live', writeShow({ recording })]);
    await bulkhead.until('both are live', isEncoded, 40_000);
    const wrong = await runBulkhead(['record', 'start', '--canvas', 'square'], { address: bulkhead.address });
    assert.match(wrong.stderr, /there is no canvas "square"/);
    await run('record', 'start');
    const also = ({ recording: now }: Status) => now?.also?.[0];
    const written = (ms: number) => (status: Status) => (also(status)?.recordedMs ?? 0) > ms;
    const begun = await bulkhead.until('it is written', written(1000));
    assert.equal(also(begun)?.canvas, 'upright');
    process.kill(also(begun)?.pid ?? 0, 'SIGKILL');
    await bulkhead.until('another recorder', (now) => also(now)?.restarts === 1 && isEncoded(now));
    const pid = begun.encoder.renditions?.[0]?.videoPid ?? 0;
    process.kill(pid, 'SIGKILL');
    const next = await bulkhead.until(
      'another encoder',
      (now) => now.encoder.renditions?.[0]?.videoPid !== pid && isEncoded(now),
    );
    await run('scene', 'switch', 'two', ...ON);
    const encoderPid = next.encoder.pid;
    process.kill(encoderPid, 'SIGKILL');
    const again = await bulkhead.until(
      'another encoder process',
      (now) => now.encoder.pid !== encoderPid && isEncoded(now),
      40_000,
    );
    await bulkhead.until('more is written', written((also(again)?.recordedMs ?? 0) + 2000), 40_000);
    await run('record', 'stop');
    const file = join(recordings, 'show upright.mkv');
    assert.deepEqual(readdirSync(recordings).sort(), ['show upright.mkv', 'show.mkv']);
    assert.equal(sizeOf(file), '180,320');
    const seen = coloursOf(file, UPRIGHT);
    assert.ok(seen[0] !== undefined && isBlue(seen[0]), `begins with ${seen[0]}`);
    const last = seen.at(-1);
    assert.ok(last !== undefined && isGreen(last), `ends with ${last}`);
    const other = seen.flatMap((colour, at) =>
      isBlue(colour) || isGreen(colour) ? [] : [`${at}: ${colour}`],
    );
    assert.deepEqual(other, []);
    // As the programme's: the same times, and its sound.
    const [own, main] = [timesOf(file), timesOf(join(recordings, 'show.mkv'))];
    assert.equal(own[0], 0);
    assert.ok(Math.abs((own.at(-1) ?? 0) - (main.at(-1) ?? 0)) < 1.5);
    assert.ok(own.length > 4 * FPS, `${own.length} frames`);
    assert.ok(loudness(file) > -60, `its sound has ${loudness(file)} dB`);
  });

  function loudness(file: string): number {
    const args = ['-v', 'info', '-i', file, '-vn', '-af', 'volumedetect', '-f', 'null', '-'];
    const { stderr } = spawnSync('ffmpeg', args, { encoding: 'utf8' });
    return Number(/mean_volume: (-?[\d.]+) dB/.exec(stderr)?.[1] ?? Number.NaN);
  }
});
