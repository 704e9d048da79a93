import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FlvDemuxer } from '../../../src/media/flv-demuxer.js';
import { isPicture, type StreamTag } from '../../../src/media/stream-tag.js';
import { FLV_PREAMBLE, type FlvInput, flvFile, flvTag } from '../../support/flv.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { AUDIO_FRAME_MS, assertStrictlyRising, Stage } from '../../unit/timeline/stage.js';

const LOW_LATENCY = ['-preset', 'veryfast', '-tune', 'zerolatency'];
const B_FRAMES = ['-preset', 'veryfast', '-bf', '3', '-x264-params', 'b-adapt=0'];
/** SPS and PPS in each keyframe, as the encoder part sends them. */
const IN_BAND = ['-bsf:v', 'dump_extra=freq=keyframe'];

function run(command: string, args: readonly string[]): { stdout: Buffer; stderr: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { maxBuffer: 64 * 1024 * 1024 });
  assert.equal(status, 0, stderr.toString());
  return { stdout, stderr: stderr.toString() };
}

/** Three seconds of a moving picture and a tone, encoded by ffmpeg. */
function record(size: string, options: readonly string[]): FlvInput[] {
  const { stdout } = run('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=s=${size}:r=30:d=3`],
    ...['-f', 'lavfi', '-i', 'sine=r=48000:d=3', '-c:v', 'libx264', ...options, '-pix_fmt', 'yuv420p'],
    ...['-g', '30', '-sc_threshold', '0', '-b:v', '500k', '-c:a', 'aac', '-ac', '2', '-f', 'flv', '-'],
  ]);
  const tags: FlvInput[] = [];
  new FlvDemuxer(({ kind, timestampMs: ms, payload }) => tags.push({ kind, ms, payload })).push(stdout);
  return tags;
}

/** Plays a recording to the timeline at its own pace; a kill leaves half a tag behind. */
function play(stage: Stage, tags: readonly FlvInput[], killAfter = tags.length): void {
  const epoch = stage.timeline.beginEpoch();
  const startMs = performance.now();
  epoch.write(FLV_PREAMBLE, startMs);
  for (const tag of tags.slice(0, killAfter)) {
    stage.clock.tick(Math.max(0, startMs + tag.ms - performance.now()));
    epoch.write(flvTag(tag), performance.now());
  }
  const torn = tags[killAfter];
  if (torn !== undefined) epoch.write(flvTag(torn).subarray(0, 40), performance.now());
  epoch.end();
}

const FLV_KINDS = {
  metadata: 'script',
  'video-header': 'video',
  'audio-header': 'audio',
  audio: 'audio',
} as const;

function write(path: string, tags: readonly StreamTag[]): void {
  const inputs = tags.map(({ kind, timestampMs, payload }): FlvInput => {
    const flvKind = kind in FLV_KINDS ? FLV_KINDS[kind as keyof typeof FLV_KINDS] : 'video';
    return { kind: flvKind, ms: timestampMs, payload };
  });
  writeFileSync(path, flvFile(inputs));
}

/** Decodes the file with every check that ffmpeg has, and counts what came out. */
function decode(path: string): { pictures: number; sounds: number } {
  const strict = ['-v', 'warning', '-xerror', '-err_detect', 'explode'];
  const asIs = ['-fps_mode', 'passthrough', '-enc_time_base:v', '1/1000'];
  const { stderr } = run('ffmpeg', [...strict, '-i', path, ...asIs, '-f', 'null', '-']);
  assert.equal(stderr, '');
  const entries = ['-show_entries', 'stream=codec_type,nb_read_frames', '-of', 'json'];
  const { stdout } = run('ffprobe', ['-v', 'error', '-count_frames', ...entries, path]);
  const { streams } = JSON.parse(stdout.toString()) as {
    streams: { codec_type: string; nb_read_frames: string }[];
  };
  const count = (type: string) =>
    Number(streams.find(({ codec_type }) => codec_type === type)?.nb_read_frames);
  return { pictures: count('video'), sounds: count('audio') };
}

describe('Timeline with ffmpeg’s streams', () => {
  let dir: TempDir;
  let stage: Stage;
  before(() => {
    dir = tempDir('timeline');
  });
  after(() => dir.dispose());
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => stage.dispose());

  function assertPlays(): void {
    const path = join(dir.path, 'out.flv');
    write(path, stage.tags);
    assertStrictlyRising(stage.pictures);
    assertStrictlyRising(stage.sounds);
    assert.deepEqual(decode(path), { pictures: stage.pictures.length, sounds: stage.sounds.length });
    const lengthMs = stage.sounds.at(-1)!.timestampMs - stage.sounds[0]!.timestampMs;
    assert.ok(Math.abs(lengthMs - (stage.sounds.length - 1) * AUDIO_FRAME_MS) < 3, 'the sound has no hole');
  }

  const pipelines: [name: string, options: readonly string[]][] = [
    ['low latency', [...LOW_LATENCY, ...IN_BAND]],
    ['B-frames', [...B_FRAMES, ...IN_BAND]],
    ['B-frames without SPS and PPS in band', B_FRAMES],
  ];
  for (const [name, options] of pipelines) {
    describe(name, () => {
      let tags: FlvInput[];
      before(() => {
        tags = record('320x180', options);
      });

      it('splices encoders that are killed midway: each picture decodes, and there is no hole in the sound', () => {
        for (const killAfter of [60, 101, 150]) {
          play(stage, tags, killAfter);
          stage.clock.tick(230);
        }
        play(stage, tags);
        assert.equal(stage.timeline.status().splices, 3);
        assertPlays();
      });

      it('holds a picture and silence while there is no encoder', () => {
        play(stage, tags, 120);
        const before = stage.pictures.length;
        stage.clock.tick(8000);
        assert.ok(stage.pictures.length >= before + 6);
        play(stage, tags);
        assertPlays();
      });
    });
  }

  it('goes on with another picture size where it was asked for', () => {
    play(stage, record('320x180', [...LOW_LATENCY, ...IN_BAND]), 100);
    stage.clock.tick(300);
    play(stage, record('160x90', [...LOW_LATENCY, ...IN_BAND]));
    assert.equal(stage.tags.filter(({ kind }) => kind === 'video-header').length, 2);
    assert.equal(stage.tags.filter(({ kind }) => kind === 'audio-header').length, 1);
    assert.ok(stage.tags.some(isPicture));
    assertPlays();
  });
});
