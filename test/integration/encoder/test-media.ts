import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Creates a media file in `folder` with ffmpeg, from the arguments after `-y`. */
export async function makeMedia(folder: string, name: string, args: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await run('ffmpeg', ['-v', 'error', '-y', ...args, path]);
  return path;
}

const frame = (size: string, rate: number, seconds: number) => [
  ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`],
];
const tone = (seconds: number, sampleRate = 44_100) => [
  ...['-f', 'lavfi', '-i', `sine=frequency=880:sample_rate=${sampleRate}:duration=${seconds}`],
];

export interface Sound {
  /** 48 kHz if undefined. */
  readonly sampleRate?: number;
  /** How much later its sound ends than its video, ms; negative for earlier. */
  readonly longerByMs?: number;
}

/** Video and stereo sound. */
export const clip = (
  folder: string,
  name: string,
  seconds: number,
  { sampleRate = 48_000, longerByMs = 0 }: Sound = {},
): Promise<string> =>
  makeMedia(folder, name, [
    ...frame('480x270', 30, seconds),
    ...tone(seconds + longerByMs / 1000, sampleRate),
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-ac', '2'],
  ]);

/**
 * A recorded transport stream whose sound changes each second: from 48 kHz stereo to 44.1 kHz, to mono, and back with
 * its sound 8 ms late.
 */
export async function changingSound(folder: string, name: string): Promise<string> {
  const parts: Promise<string>[] = [
    { sampleRate: 48_000, channels: 2, lateS: 0 },
    { sampleRate: 44_100, channels: 2, lateS: 0 },
    { sampleRate: 48_000, channels: 1, lateS: 0 },
    { sampleRate: 48_000, channels: 2, lateS: 0.008 },
  ].map(({ sampleRate, channels, lateS }, n) =>
    makeMedia(folder, `${n}-${name}`, [
      ...[...frame('480x270', 30, 1), '-itsoffset', String(lateS), ...tone(1, sampleRate)],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-ac', String(channels)],
      ...['-output_ts_offset', String(n), '-f', 'mpegts'],
    ]),
  );
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat((await Promise.all(parts)).map((part) => readFileSync(part))));
  return path;
}

/** Odd width and height, another frame rate, no sound. */
export const muteClip = (folder: string, name: string, seconds: number): Promise<string> =>
  makeMedia(folder, name, [...frame('321x241', 25, seconds), '-c:v', 'mpeg4', '-q:v', '4']);

export const song = (folder: string, name: string, seconds: number): Promise<string> =>
  makeMedia(folder, name, tone(seconds));

export const still = (folder: string, name: string): Promise<string> =>
  makeMedia(folder, name, ['-f', 'lavfi', '-i', 'testsrc2=size=101x77', '-frames:v', '1']);

/**
 * One second of video with 0.8 s of sound: white and a beep for the first 0.2 s, black and silence after. Looped, it
 * shows whether video and audio stay in sync. All of the sound is `lateS` late.
 */
export const flashAndBeep = (folder: string, name: string, lateS = 0): Promise<string> =>
  makeMedia(folder, name, [
    ...['-f', 'lavfi', '-i', 'color=white:size=160x90:rate=25:duration=0.2'],
    ...['-f', 'lavfi', '-i', 'color=black:size=160x90:rate=25:duration=0.8'],
    ...['-f', 'lavfi', '-i', 'sine=frequency=1000:sample_rate=48000:duration=0.2'],
    ...['-f', 'lavfi', '-i', 'anullsrc=sample_rate=48000:channel_layout=mono:duration=0.6'],
    '-filter_complex',
    `[0][1]concat=n=2[v];[2][3]concat=n=2:v=0:a=1,asetpts=PTS+${lateS}/TB[a]`,
    ...['-map', '[v]', '-map', '[a]', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'pcm_s16le'],
  ]);

export function garbage(folder: string, name: string): string {
  const path = join(folder, name);
  writeFileSync(path, 'This is no media. '.repeat(100));
  return path;
}
