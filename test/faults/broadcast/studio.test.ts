import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlClient } from '../../../src/control-client/control-client.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { childrenOf } from '../../support/children.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { assertFramesInOrder, readNumbers, writeNumberedClip } from '../../support/numbered-frames.js';
import { hasBegun, recordStream } from '../../support/stream-recording.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const FPS = 25;
/** The studio reports once a second. */
const REPORT_MS = 1200;
/** What is in the command line of each process of the studio. */
const PROCESSES = {
  video: '-f matroska -i pipe:0',
  audio: '-f s16le -ar 48000 -ac 2 -i pipe:0',
  source: '-c:v rawvideo',
} as const;
/** How many there are: an encoder is held beside the one at work. */
const COUNTS = { video: 2, audio: 2, source: 1 } as const;

describe('the studio', () => {
  let folder: TempDir;
  let nginx: NginxRtmp;
  let bulkhead: Bulkhead;

  function goLive(video: object): Bulkhead {
    const config = join(folder.path, 'studio.jsonc');
    writeFileSync(
      config,
      JSON.stringify({
        input: { type: 'file', path: join(folder.path, 'clip.mp4') },
        video: { width: 320, height: 180, fps: FPS, bitrateKbps: 800, keyframeIntervalSeconds: 1, ...video },
      }),
    );
    return new Bulkhead(['live', config, '--output', nginx.url('live', 'studio')]);
  }

  before(async () => {
    folder = tempDir('studio');
    nginx = await startNginxRtmp();
    writeNumberedClip(join(folder.path, 'clip.mp4'), {
      size: '320x180',
      fps: FPS,
      seconds: 60,
      sampleRate: 44_100,
    });
    bulkhead = goLive({});
  });
  after(async () => {
    await bulkhead?.end();
    await nginx?.stop();
    folder?.dispose();
  });

  function pidsOf(encoderPid: number, kind: keyof typeof PROCESSES): number[] {
    return childrenOf(encoderPid)
      .filter(({ command }) => command.includes(PROCESSES[kind]))
      .map(({ pid }) => pid);
  }

  /** The oldest process of this kind, which is the one at work. */
  function oldest(encoderPid: number, kind: keyof typeof PROCESSES): number {
    const pid = Math.min(...pidsOf(encoderPid, kind));
    assert.ok(Number.isFinite(pid), `no ${kind} process`);
    return pid;
  }

  /** Kills or stops the one at work, and waits until another one has its place. */
  async function lose(kind: keyof typeof PROCESSES, signal: NodeJS.Signals): Promise<void> {
    const { encoder } = await bulkhead.until(`all ${kind} processes`, ({ encoder: now }) => {
      const running = pidsOf(now.pid, kind);
      return running.length >= COUNTS[kind] && atWork(now, kind).every((pid) => running.includes(pid));
    });
    const [lost = oldest(encoder.pid, kind)] = atWork(encoder, kind);
    process.kill(lost, signal);
    await eventually(`another ${kind} process after ${signal}`, () => {
      const running = pidsOf(encoder.pid, kind);
      return running.length >= COUNTS[kind] && !running.includes(lost) ? true : undefined;
    });
  }

  /** The encoder at work and the held one, by the status; not by their age, since a busy computer has them replaced. */
  function atWork(encoder: Status['encoder'], kind: keyof typeof PROCESSES): number[] {
    if (kind === 'source') return [];
    return kind === 'video'
      ? [encoder.videoPid, encoder.heldVideoPid]
      : [encoder.audioPid, encoder.heldAudioPid];
  }

  /** Records from now on; resolves when there is something. */
  async function record(file: string): Promise<() => Promise<void>> {
    const end = recordStream(nginx.url('live', 'studio'), file);
    await hasBegun(file);
    return end;
  }

  it('loses no frame when the settings of its encoders are changed, also where the new ones fail', async () => {
    await bulkhead.until('live', ({ state }) => state === 'live');
    const recording = join(folder.path, 'handovers.flv');
    const silent = join(folder.path, 'ffmpeg');
    writeFileSync(silent, '#!/bin/sh\nexec cat >/dev/null\n');
    chmodSync(silent, 0o755);
    const endRecording = await record(recording);
    const client = await ControlClient.connect(bulkhead.address);
    try {
      type Change = Parameters<ControlClient['setEncoder']>[0];
      const set = (change: Change) => client.setEncoder(change);
      // On a busy computer a new encoder may be silent for too long, and the one before goes on.
      const setAtLast = async (change: Change, tries = 4): Promise<Awaited<ReturnType<typeof set>>> =>
        set(change).catch((error: { code?: string }) => {
          if (error.code !== 'encoder.silent' || tries <= 1) throw error;
          return setAtLast(change, tries - 1);
        });
      await setAtLast({ video: { bitrateKbps: 1500, preset: 'superfast' } });
      await assert.rejects(set({ ffmpeg: silent }), { code: 'encoder.silent' });
      await setAtLast({ video: { preset: 'ultrafast' }, audio: { bitrateKbps: 96 } });
      await assert.rejects(set({ ffmpeg: '/bin/false' }), /not changed/);
      const now = await setAtLast({ video: { bitrateKbps: 700, preset: 'faster' } });
      assert.deepEqual(
        [now.video.bitrateKbps, now.video.preset, now.audio.bitrateKbps, now.ffmpeg],
        [700, 'faster', 96, undefined],
      );
      const { encoder } = await bulkhead.until(
        'its preset in the status',
        ({ encoder: { preset } }) => preset === 'faster',
      );
      const killed = oldest(encoder.pid, 'video');
      process.kill(killed, 'SIGKILL');
      await eventually('two encoders of the new settings', () => {
        const running = childrenOf(encoder.pid).filter(
          ({ pid, command }) => pid !== killed && command.includes(PROCESSES.video),
        );
        const isNew = running.every(({ command }) => command.includes('-preset faster'));
        return running.length === 2 && isNew ? true : undefined;
      });
    } finally {
      client.dispose();
    }
    await endRecording();
    const status = await bulkhead.status();
    const { encoder, outputs } = status;
    assert.deepEqual([encoder.restarts, outputs[0]?.sessions], [0, 1]);
    const numbers = readNumbers(recording);
    const { repeated } = assertFramesInOrder(numbers, status);
    // On a busy machine the input may be late.
    assert.ok(repeated <= encoder.repeatedFrames, `${repeated} frames are repeated`);
  });

  it('loses no frame of a file when its encoders and its source are killed or hang', async () => {
    const { encoder } = await bulkhead.until('live', ({ state }) => state === 'live');
    const recording = join(folder.path, 'recording.flv');
    const endRecording = await record(recording);
    for (const [kind, signal] of [
      ['video', 'SIGKILL'],
      ['audio', 'SIGKILL'],
      ['source', 'SIGKILL'],
      ['video', 'SIGSTOP'],
      ['audio', 'SIGSTOP'],
      ['source', 'SIGSTOP'],
      ['video', 'SIGKILL'],
    ] as const) {
      await lose(kind, signal);
      await delay(700);
    }
    const status = await bulkhead.until('that it knows its encoders', ({ encoder: now }) => {
      const pids = [now.videoPid, now.audioPid, now.heldVideoPid, now.heldAudioPid];
      const running = childrenOf(encoder.pid).map(({ pid }) => pid);
      return pids.every((pid) => running.includes(pid ?? 0));
    });
    await endRecording();

    assert.deepEqual([status.encoder.pid, status.encoder.restarts], [encoder.pid, 0]);
    assert.equal(status.outputs[0]?.sessions, 1);
    const numbers = readNumbers(recording);
    assert.ok(numbers.length > 7 * FPS, `${numbers.length} frames`);
    const { repeated } = assertFramesInOrder(numbers, status);
    // The source's last frame is repeated until it is back.
    assert.ok(repeated < 3 * FPS);
  });

  /** Kills and stops the video encoder; the status before and after. */
  async function recordLosses(recording: string) {
    const before = await bulkhead.until('live', ({ state }) => state === 'live');
    const endRecording = await record(recording);
    for (const signal of ['SIGKILL', 'SIGSTOP', 'SIGKILL'] as const) {
      await lose('video', signal);
      await delay(1200);
    }
    await endRecording();
    await delay(REPORT_MS);
    return { before, after: await bulkhead.status() };
  }

  it('loses no frame with B-frames and lookahead, of which an encoder keeps a second', async () => {
    await bulkhead.end();
    bulkhead = goLive({ tune: 'none', bFrames: 3, lookahead: 20 });
    const recording = join(folder.path, 'b-frames.flv');
    const { before, after } = await recordLosses(recording).finally(() => bulkhead.end());
    assert.deepEqual(
      [after.encoder.pid, after.encoder.restarts, after.outputs[0]?.sessions],
      [before.encoder.pid, 0, 1],
    );
    const numbers = readNumbers(recording);
    assert.ok(numbers.length > 4 * FPS, `${numbers.length} frames`);
    const { repeated } = assertFramesInOrder(numbers, after);
    assert.ok(repeated <= after.encoder.repeatedFrames, `${repeated} frames are repeated`);
  });
});
