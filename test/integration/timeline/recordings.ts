import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { FlvDemuxer } from '../../../src/media/flv-demuxer.js';
import { FLV_PREAMBLE, flvTag as toFlv } from '../../../src/media/flv-writer.js';
import { carrierOf, type StreamTag } from '../../../src/media/stream-tag.js';
import { QUICK_FFMPEG } from '../../support/ffmpeg.js';
import { type FlvInput, flvTag } from '../../support/flv.js';
import type { Stage } from '../../unit/timeline/stage.js';

/** Runs a program to completion. @returns its output; throws if it failed */
function run(command: string, args: readonly string[]): { stdout: Buffer; stderr: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { maxBuffer: 64 * 1024 * 1024 });
  assert.equal(status, 0, stderr.toString());
  return { stdout, stderr: stderr.toString() };
}

/** The properties of a foreign encoder's stream. */
export interface Recording {
  /** Three seconds if undefined. */
  readonly seconds?: number;
  readonly size?: string;
  readonly rate?: string;
  /** ffmpeg's options after `-c:v libx264`; by default keyframes come once a second. */
  readonly video: readonly string[];
  readonly sampleRate?: number;
  readonly channels?: number;
}

/** A moving pattern and a tone, encoded by ffmpeg. */
export function record({
  seconds = 3,
  size = '320x180',
  rate = '30',
  video,
  sampleRate = 48_000,
  channels = 2,
}: Recording): FlvInput[] {
  const { stdout } = run(QUICK_FFMPEG, [
    ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds}`],
    ...['-f', 'lavfi', '-i', `sine=r=${sampleRate}:d=${seconds}`, '-c:v', 'libx264', '-pix_fmt', 'yuv420p'],
    ...['-g', '30', '-sc_threshold', '0', '-b:v', '500k', ...video],
    ...['-c:a', 'aac', '-ac', String(channels), '-f', 'flv', '-'],
  ]);
  const tags: FlvInput[] = [];
  new FlvDemuxer(({ kind, timestampMs: ms, payload }) => tags.push({ kind, ms, payload })).push(stdout);
  return tags;
}

/** Writes a recording to the timeline in real time; a kill leaves half a tag behind. */
export function play(stage: Stage, tags: readonly FlvInput[], killAfter = tags.length): void {
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

/** Writes a timeline's output as an output would send it: metadata with timestamp 0. */
export function writeFlv(path: string, tags: readonly StreamTag[]): void {
  const bytes = tags.map(({ kind, timestampMs, payload }) =>
    toFlv(carrierOf(kind), kind === 'metadata' ? 0 : timestampMs, payload),
  );
  writeFileSync(path, Buffer.concat([FLV_PREAMBLE, ...bytes]));
}

/** Decodes the file with all of ffmpeg's checks, and counts the frames. */
export function decode(path: string): { frames: number; sounds: number } {
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
  return { frames: count('video'), sounds: count('audio') };
}
