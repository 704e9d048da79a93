import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Latency } from '../../../src/cli/latency/latency-meter.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';

const run = promisify(execFile);
const UUID = Buffer.from('MISPmicrosectime', 'latin1');

describe('precision timestamps', function () {
  this.timeout(120_000);
  const folder = tempDir('latency');
  let nginx: NginxRtmp;
  let bulkhead: Bulkhead | undefined;

  before(async () => {
    nginx = await startNginxRtmp({ recordingFolder: folder.path });
  });

  afterEach(() => bulkhead?.end());

  after(async () => {
    await nginx?.stop();
    folder.dispose();
  });

  /** The frames of a file, and the timestamps that ffmpeg finds in them. Fails if it cannot decode one. */
  async function decoded(file: string): Promise<{ readonly frames: number; readonly timestamps: number }> {
    const { stdout: frames, stderr } = await run('ffprobe', [
      ...['-v', 'error', '-select_streams', 'v', '-count_frames', '-show_entries', 'stream=nb_read_frames'],
      ...['-of', 'csv=p=0', file],
    ]);
    assert.equal(stderr, '');
    const { stderr: trace } = await run(
      'ffmpeg',
      [
        ...['-v', 'verbose', '-i', file, '-map', '0:v', '-c', 'copy', '-bsf:v', 'trace_headers'],
        ...['-f', 'null', '-'],
      ],
      { maxBuffer: 1 << 30 },
    );
    // Each byte of the identifier is in a line of its own.
    const uuids = [...trace.matchAll(/uuid_iso_iec_11578\[0\].*= 77\b/g)].length;
    return { frames: Number.parseInt(frames, 10), timestamps: uuids };
  }

  async function measured(url: string): Promise<Latency> {
    const { code, stdout, stderr } = await runBulkhead(['latency', url, '--seconds', '4', '--json'], {
      address: '',
    });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Latency;
  }

  it('are measured by viewers, in each frame, also with B-frames and after the loss of an encoder', async () => {
    const url = nginx.url('recorded', 'marked');
    const video = { ...SMALL_VIDEO, precisionTimestamps: true, tune: 'none' as const, bFrames: 2 };
    const config = writeConfig(folder.path, {
      video,
      outputs: [{ id: 'main', url }],
      recording: { startWithBroadcast: true, folder: join(folder.path, 'own') },
    });
    const live = new Bulkhead(['live', config]);
    bulkhead = live;
    await live.until('live', ({ state }) => state === 'live');
    const latency = await measured(url);
    assert.ok(latency.frames >= 30, JSON.stringify(latency));
    assert.ok(latency.leastMs > 0 && latency.medianMs < 10_000, JSON.stringify(latency));

    const { encoder } = await live.status();
    const viewer = watchLive(url);
    try {
      await viewer.next(({ stream }) => stream === 'video');
      process.kill(encoder.videoPid ?? assert.fail('no encoder'), 'SIGKILL');
      await live.until('another encoder', ({ encoder: now }) => now.videoPid !== encoder.videoPid);
      const afterMs = (viewer.packets.at(-1)?.ptsMs ?? 0) + 1000;
      await viewer.next(({ ptsMs }) => ptsMs > afterMs);
    } finally {
      await viewer.stop();
    }
    assert.ok((await measured(url)).frames >= 30);
    assert.equal(await live.stop(), 0, live.stderr);

    const files = [
      ...readdirSync(folder.path)
        .filter((name) => name.startsWith('marked-'))
        .map((name) => join(folder.path, name)),
      ...readdirSync(join(folder.path, 'own')).map((name) => join(folder.path, 'own', name)),
    ];
    assert.equal(files.length, 2, files.join());
    for (const file of files) {
      const { frames, timestamps } = await decoded(file);
      assert.ok(frames > 100, `${frames} frames`);
      assert.ok(
        Math.abs(timestamps - frames) <= 1,
        `${timestamps} timestamps in ${frames} frames of ${file}`,
      );
    }
  });

  it('are not there by default, which the command says', async () => {
    const url = nginx.url('live', 'plain');
    bulkhead = new Bulkhead(['live', writeConfig(folder.path, { outputs: [{ id: 'main', url }] })]);
    await bulkhead.until('live', ({ state }) => state === 'live');
    const viewer = watchLive(url);
    try {
      await viewer.next(({ stream }) => stream === 'video');
      const { code, stderr } = await runBulkhead(['latency', url], { address: '' });
      assert.equal(code, 69);
      assert.match(stderr, /do not say when they were taken.*"precisionTimestamps": true/s);
      assert.equal(viewer.packets.length > 0 && stderr.includes(UUID.toString()), false);
    } finally {
      await viewer.stop();
    }
  });

  it('need an address that can be read', async () => {
    const { code, stderr } = await runBulkhead(['latency', 'rtmp://127.0.0.1:1/live/x'], { address: '' });
    assert.equal(code, 69, stderr);
    assert.match(stderr, /127\.0\.0\.1/);
  });
});
