import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlClient } from '../../../src/control-client/control-client.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { childrenOf } from '../../support/children.js';
import { type FakeHardware, fakeHardware } from '../../support/fake-hardware.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { assertFramesInOrder, readNumbers, writeNumberedClip } from '../../support/numbered-frames.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const FPS = 25;

describe('the studio, with a hardware encoder', () => {
  let folder: TempDir;
  let nginx: NginxRtmp;
  let hardware: FakeHardware;
  let bulkhead: Bulkhead;

  before(async () => {
    folder = tempDir('hardware');
    nginx = await startNginxRtmp();
    hardware = fakeHardware(folder.path);
    const clip = join(folder.path, 'clip.mp4');
    writeNumberedClip(clip, { size: '320x180', fps: FPS, seconds: 60, sampleRate: 44_100 });
    const config = join(folder.path, 'show.json');
    const size = { width: 320, height: 180, fps: FPS, bitrateKbps: 800, keyframeIntervalSeconds: 1 };
    writeFileSync(
      config,
      JSON.stringify({
        ffmpeg: hardware.path,
        input: { type: 'file', path: clip },
        video: { ...size, encoder: 'h264_nvenc' },
      }),
    );
    hardware.break();
    bulkhead = new Bulkhead(['live', config, '--output', nginx.url('live', 'hardware')]);
  });
  after(async () => {
    await bulkhead?.end();
    await nginx?.stop();
    folder?.dispose();
  });

  const isAtWork = (pid: number, parent: number) =>
    childrenOf(parent).some((child) => child.pid === pid && child.command.includes(hardware.mark));

  it('goes on air with software where the hardware does not work, and says so', async () => {
    const { encoder } = await bulkhead.until('live', ({ state }) => state === 'live');
    const status = await bulkhead.until(
      'its video encoder',
      ({ encoder: { videoPid = 0 } }) => videoPid > 0 && !isAtWork(videoPid, encoder.pid),
    );
    assert.equal(status.encoder.restarts, 0);
    const notice = /"h264_nvenc" has failed, and "libx264" has taken its place: the NVIDIA encoder/;
    await eventually('the notice', () => notice.exec(bulkhead.stdout + bulkhead.stderr) ?? undefined);
  });

  it('loses no frame when the hardware fails on air, and none when it is set again', async () => {
    const { encoder } = await bulkhead.status();
    const recording = join(folder.path, 'recording.flv');
    const recorder = spawn(
      'ffmpeg',
      ['-v', 'error', '-i', nginx.url('live', 'hardware'), '-c', 'copy', recording],
      { stdio: ['pipe', 'ignore', 'ignore'] },
    );
    const client = await ControlClient.connect(bulkhead.address);
    try {
      await delay(2000);
      const change = { video: { encoder: 'h264_nvenc' } };
      await assert.rejects(client.setEncoder(change), /not changed: the NVIDIA encoder/);
      hardware.repair();
      await client.setEncoder(change);
      const { encoder: now } = await bulkhead.until('the hardware at work', ({ encoder: { videoPid = 0 } }) =>
        isAtWork(videoPid, encoder.pid),
      );
      hardware.break();
      process.kill(now.videoPid ?? 0, 'SIGKILL');
      await bulkhead.until(
        'software at work',
        ({ encoder: { videoPid = 0 } }) => videoPid !== now.videoPid && !isAtWork(videoPid, encoder.pid),
      );
      await delay(1500);
    } finally {
      client.dispose();
      recorder.stdin.write('q');
      await once(recorder, 'close');
    }
    const status = await bulkhead.status();
    assert.deepEqual([status.encoder.restarts, status.outputs[0]?.sessions], [0, 1]);
    const numbers = readNumbers(recording);
    assert.ok(numbers.length > 4 * FPS, `${numbers.length} frames`);
    assertFramesInOrder(numbers, status);
  });
});
