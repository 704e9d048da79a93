import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RtmpOutput } from '../../../src/core/publish/rtmp/rtmp-output.js';
import { Timeline } from '../../../src/core/timeline/timeline.js';
import { FLV_PREAMBLE } from '../../../src/media/flv-writer.js';
import { GopCache } from '../../../src/media/gop-cache.js';
import { type FlvInput, flvTag } from '../../support/flv.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { assertStrictlyRising, Stage } from '../../unit/timeline/stage.js';
import { FOREIGN_STREAMS } from './foreign-streams.js';
import { decode, play, record, run, writeFlv } from './recordings.js';

const streams = new Map<string, FlvInput[]>();
function stream(name: string): FlvInput[] {
  const recording = FOREIGN_STREAMS[name];
  if (recording === undefined) throw new Error(`there is no stream "${name}"`);
  const tags = streams.get(name) ?? record(recording);
  streams.set(name, tags);
  return tags;
}

describe('Timeline with foreign streams', () => {
  let dir: TempDir;
  before(() => {
    dir = tempDir('foreign');
  });
  after(() => {
    streams.clear();
    dir.dispose();
  });

  const names = Object.keys(FOREIGN_STREAMS);
  for (const [n, first] of names.entries()) {
    const second = names[(n + 1) % names.length] ?? first;
    it(`splices "${first}", then "${second}", then the first again: each frame decodes`, () => {
      const stage = new Stage();
      try {
        play(stage, stream(first), Math.floor(stream(first).length / 2));
        stage.clock.tick(1200);
        play(stage, stream(second), Math.floor(stream(second).length / 2));
        stage.clock.tick(300);
        play(stage, stream(first));
        assert.equal(stage.timeline.status().splices, 2);
        assertStrictlyRising(stage.pictures);
        assertStrictlyRising(stage.sounds);
        const path = join(dir.path, 'out.flv');
        writeFlv(path, stage.tags);
        assert.deepEqual(decode(path), { frames: stage.pictures.length, sounds: stage.sounds.length });
      } finally {
        stage.dispose();
      }
    });
  }
});

describe('Foreign streams at nginx-rtmp that drops silent publishers', () => {
  let dir: TempDir;
  let nginx: NginxRtmp;
  before(async () => {
    dir = tempDir('foreign');
    nginx = await startNginxRtmp({ dropIdle: 5 });
  });
  after(async () => {
    await nginx.stop();
    dir.dispose();
  });

  /** Plays a recording in real time, and ends without a word as a publisher that is killed. */
  async function playLive(timeline: Timeline, tags: readonly FlvInput[]): Promise<void> {
    const epoch = timeline.beginEpoch();
    const startMs = performance.now();
    epoch.write(FLV_PREAMBLE, startMs);
    for (const tag of tags) {
      const waitMs = startMs + tag.ms - performance.now();
      if (waitMs > 1) await delay(waitMs);
      epoch.write(flvTag(tag), performance.now());
    }
    epoch.end();
  }

  /** A viewer that records what the server sends. */
  function recordViewer(
    url: string,
    path: string,
  ): { readonly ended: Promise<unknown>; end(): void; kill(): void } {
    const args = ['-nostdin', '-v', 'error', '-rw_timeout', '4000000', '-i', url, '-c', 'copy', '-y', path];
    const viewer = spawn('ffmpeg', args, { stdio: 'ignore' });
    return {
      ended: once(viewer, 'close'),
      end: () => viewer.kill('SIGINT'),
      kill: () => viewer.kill('SIGKILL'),
    };
  }

  function timesOf(path: string, track: 'v' | 'a'): number[] {
    const entries = ['-select_streams', `${track}:0`, '-show_entries', 'packet=dts', '-of', 'csv=p=0'];
    const { stdout } = run('ffprobe', ['-v', 'error', ...entries, path]);
    return stdout
      .toString()
      .trim()
      .split(/[,\s]+/)
      .map(Number);
  }

  const pairs: [first: string, second: string, pauseMs: number][] = [
    ['OBS: B-frames, in band', 'Baseline, 29.97 fps, one channel', 1000],
    ['22.05 kHz, one channel', 'larger frames, delimiters, SEI', 300],
    ['4 slices, 8 reference frames', 'Main, 25 fps, 44.1 kHz', 1500],
  ];

  it('are one session, without an error at a viewer, whatever follows whatever', async () => {
    for (const [first, second] of pairs) for (const name of [first, second]) stream(name);
    const results = await Promise.all(
      pairs.map(async ([first, second, pauseMs], n) => {
        const url = nginx.url('live', `pair${n}`);
        const path = join(dir.path, `${n}.flv`);
        const viewer = recordViewer(url, path);
        const timeline = new Timeline();
        const cache = new GopCache();
        const output = new RtmpOutput({ id: 'main', url }, () => cache.snapshot());
        timeline.onTag((tag) => {
          cache.push(tag);
          output.push(tag);
        });
        output.start();
        try {
          for (const name of [first, second, first]) {
            await playLive(timeline, stream(name));
            await delay(name === first ? pauseMs : 300);
          }
          const { sessions, droppedFrames } = output.status();
          await output.stop(3000);
          await delay(500);
          viewer.end();
          await viewer.ended;
          return { path, sessions, droppedFrames, splices: timeline.status().splices };
        } finally {
          viewer.kill();
          await viewer.ended;
          output.dispose();
          timeline.dispose();
        }
      }),
    );
    for (const { path, ...seen } of results) {
      assert.deepEqual(seen, { sessions: 1, droppedFrames: 0, splices: 2 });
      const [video, audio] = [timesOf(path, 'v'), timesOf(path, 'a')];
      for (const times of [video, audio])
        for (const [n, ms] of times.slice(1).entries())
          assert.ok(ms > (times[n] ?? 0), `${path}: ${ms} after ${times[n]}`);
      const { frames, sounds } = decode(path);
      assert.deepEqual([frames, sounds], [video.length, audio.length]);
      assert.ok(Math.abs((video.at(-1) ?? 0) - (audio.at(-1) ?? 0)) < 1200, 'sound and picture end together');
    }
  }).timeout(90_000);
});
