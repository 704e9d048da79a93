import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { LiveFlvServer, readTags } from '../../support/live-flv-server.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { readNumbersIfAny, writeNumberedClip } from '../../support/numbered-frames.js';
import { SMALL_VIDEO } from '../../support/small-broadcast.js';
import { hasBegun, recordStream } from '../../support/stream-recording.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const FPS = 25;
const CLIP = { size: '320x180', fps: FPS, sampleRate: 44_100 };

describe('the sources of the studio', function () {
  this.timeout(90_000);
  let folder: TempDir;
  let nginx: NginxRtmp;
  let bulkhead: Bulkhead;

  before(async () => {
    folder = tempDir('studio-sources');
    nginx = await startNginxRtmp();
  });
  afterEach(() => bulkhead?.end());
  after(async () => {
    await nginx?.stop();
    folder?.dispose();
  });

  function goLive(config: object): void {
    const file = join(folder.path, 'studio.jsonc');
    const video = { ...SMALL_VIDEO, fps: FPS, bitrateKbps: 800 };
    writeFileSync(file, JSON.stringify({ video, ...config }));
    bulkhead = new Bulkhead(['live', file, '--output', nginx.url('live', 'sources')]);
  }
  const record = (file: string) => recordStream(nginx.url('live', 'sources'), file);
  const stateOf = ({ sources }: Status, id: string) => sources.find((source) => source.id === id)?.state;

  it('continues a file near where it was when the encoder process is killed, also twice in a row', async () => {
    const path = join(folder.path, 'clip.mp4');
    writeNumberedClip(path, { ...CLIP, seconds: 60 });
    goLive({ input: { type: 'file', path } });
    const isOn = (status: Status) => status.state === 'live' && status.sources[0]?.state === 'live';
    const before = await bulkhead.until('live', isOn);
    const recording = join(folder.path, 'file.flv');
    const endRecording = record(recording);
    await hasBegun(recording);
    await delay(2500);
    let { pid } = before.encoder;
    process.kill(pid, 'SIGKILL');
    const other = await bulkhead.until(
      'another encoder',
      ({ encoder }) => encoder.pid > 0 && encoder.pid !== pid,
    );
    await delay(200);
    process.kill(other.encoder.pid, 'SIGKILL');
    ({ pid } = other.encoder);
    await bulkhead.until('that it is back', (status) => isOn(status) && status.encoder.pid !== pid);
    await delay(1500);
    await endRecording();
    const { outputs, encoder } = await bulkhead.status();
    assert.deepEqual([outputs[0]?.sessions, encoder.restarts], [1, 2]);
    const numbers = readNumbersIfAny(recording).filter((number) => number !== undefined);
    assert.ok(Math.max(...numbers) > 4 * FPS, 'it was recorded for long enough');
    for (const [index, number] of numbers.entries()) {
      const step = number - (numbers[index - 1] ?? number);
      assert.ok(Math.abs(step) <= 2 * FPS, `frame ${number} follows ${numbers[index - 1]}`);
    }
    assert.ok(longestGapS(recording) < 5, `a gap of ${longestGapS(recording)} s`);
  });

  it('shows the fallback while a live stream is gone, and the stream again by itself', async () => {
    const clip = join(folder.path, 'live.flv');
    writeNumberedClip(clip, { ...CLIP, seconds: 40 });
    const image = join(folder.path, 'brb.png');
    const draw = ['-v', 'error', '-f', 'lavfi', '-i', 'color=gray:s=320x180', '-frames:v', '1', image];
    spawnSync('ffmpeg', draw);
    const server = await LiveFlvServer.start({ tags: readTags(readFileSync(clip)) });
    try {
      goLive({
        sources: [
          { id: 'cam', type: 'url', url: server.url, fallback: 'brb' },
          { id: 'brb', type: 'image', path: image },
        ],
      });
      // A slow computer may need the fallback until the stream is there.
      await bulkhead.until(
        'live, without its fallback',
        (status) => stateOf(status, 'cam') === 'live' && stateOf(status, 'brb') === 'cold',
      );
      rmSync(image);
      const recording = join(folder.path, 'live-recording.flv');
      const endRecording = record(recording);
      await hasBegun(recording);
      server.leave();
      const lost = await bulkhead.until(
        'that the fallback has no image',
        (status) => stateOf(status, 'cam') === 'retrying' && stateOf(status, 'brb') === 'failed',
        40_000,
      );
      assert.equal(lost.sources.find(({ id }) => id === 'brb')?.error?.code, 'input.notFound');
      spawnSync('ffmpeg', draw);
      const shown = await bulkhead.until('its image', (status) => stateOf(status, 'brb') === 'live');
      assert.equal(shown.sources.find(({ id }) => id === 'brb')?.error, undefined);
      assert.equal(lost.state, 'live');
      assert.equal(lost.input?.state, 'lost');
      await bulkhead.until('some of it', (status) => (status.input?.missingMs ?? 0) > 3000);
      server.comeBack();
      await bulkhead.until('that it is back', (status) => stateOf(status, 'cam') === 'live');
      await delay(1500);
      await endRecording();
      const { outputs, encoder, input } = await bulkhead.status();
      assert.deepEqual([outputs[0]?.sessions, encoder.restarts, input?.state], [1, 0, 'delivering']);
      const seen = readNumbersIfAny(recording);
      const first = seen.indexOf(undefined);
      const last = seen.lastIndexOf(undefined);
      assert.ok(first > 0 && last - first >= FPS, 'the fallback is shown');
      assert.ok(seen.slice(first, last + 1).every((number) => number === undefined));
      const [end = 0, begin = 0] = [seen[first - 1], seen[last + 1]];
      assert.ok(begin > end, `frame ${begin} follows ${end}`);
      assert.ok(seen.length - last > FPS / 2, 'the stream is back');
    } finally {
      await server.stop();
    }
  });
});

/** The longest time between two frames, s. */
function longestGapS(file: string): number {
  const entries = ['-select_streams', 'v', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0'];
  const { stdout } = spawnSync('ffprobe', ['-v', 'error', ...entries, file]);
  const times = stdout.toString().split('\n').map(Number.parseFloat).filter(Number.isFinite);
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? time)));
}
