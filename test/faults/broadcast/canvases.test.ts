import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { hasBegun } from '../../support/stream-recording.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const FPS = 15;
const WIDE = { width: 320, height: 180 };
const UPRIGHT = { width: 180, height: 320 };

describe('a canvas of its own', function () {
  this.timeout(180_000);
  let folder: TempDir;
  let nginx: NginxRtmp;
  let bulkhead: Bulkhead;

  before(async () => {
    folder = tempDir('canvas');
    nginx = await startNginxRtmp();
  });
  after(async () => {
    await bulkhead?.end();
    await nginx?.stop();
    folder?.dispose();
  });

  function record(id: string): { readonly file: string; end(): Promise<void> } {
    const file = join(folder.path, `${id}.flv`);
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

  it('shows other scenes of the same sources in another size, and loses nothing while its encoder is killed', async () => {
    const config = join(folder.path, 'show.json');
    const scene = (id: string, source: string) => ({ id, layers: [{ id: 'all', source, fit: 'cover' }] });
    const image = (id: string) => ({ id, type: 'image', path: join(folder.path, `${id}.png`) });
    for (const id of ['red', 'blue', 'lime']) {
      const from = ['-v', 'error', '-f', 'lavfi', '-i', `color=${id}:s=320x320`, '-frames:v', '1'];
      assert.equal(spawnSync('ffmpeg', [...from, image(id).path]).status, 0);
    }
    writeFileSync(
      config,
      JSON.stringify({
        sources: ['red', 'blue', 'lime'].map(image),
        scenes: [scene('main', 'red')],
        canvases: [{ id: 'upright', ...UPRIGHT, scenes: [scene('one', 'blue'), scene('two', 'lime')] }],
        video: { ...WIDE, fps: FPS, bitrateKbps: 800, keyframeIntervalSeconds: 1, preset: 'ultrafast' },
        outputs: [
          { id: 'main', url: nginx.url('live', 'main') },
          { id: 'upright', url: nginx.url('live', 'upright'), canvas: 'upright' },
        ],
      }),
    );
    bulkhead = new Bulkhead(['live', config]);
    const before = await bulkhead.until('both are live', isEncoded, 40_000);
    assert.deepEqual(before.canvases[1], { id: 'upright', ...UPRIGHT, fps: FPS, programme: 'one' });
    const recorders = ['main', 'upright'].map(record);
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
    await bulkhead.end();
  });
});
