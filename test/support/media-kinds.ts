import { execFile } from 'node:child_process';
import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { AAC, H264, type MarkedClip, writeMarkedClip } from './marked-clip.js';

export const KIND_WIDTH = 320;
export const KIND_HEIGHT = 180;

/** A kind of media file that streamers have, made with marks. */
export interface MediaKind {
  readonly name: string;
  /** Frames per second. */
  readonly rate: number;
  /** Frames; 0 without video. */
  readonly frames: number;
  /** Number of its last frame, or of its cover; -1 without either. */
  readonly lastNumber: number;
  /** When its last frame has been shown, s; 0 without video. */
  readonly videoEndS: number;
  /** When its sound ends, s; 0 without sound. */
  readonly soundEndS: number;
  /** Whether it is damaged, so that where it ends depends on what a decoder makes of it. */
  readonly isDamaged: boolean;
  /** Whether it has flashes with beeps. */
  readonly isMarked: boolean;
  /** Makes it in the folder, and resolves with its path. */
  make(folder: string): Promise<string>;
}

interface Recipe {
  readonly ending?: string;
  readonly rate?: string;
  readonly videoS?: number;
  readonly soundS?: number;
  readonly videoLateS?: number;
  readonly soundLateS?: number;
  readonly sampleRate?: number;
  readonly layout?: string;
  readonly videoCodec?: readonly string[];
  readonly soundCodec?: readonly string[];
  readonly filters?: readonly string[];
  readonly mux?: readonly string[];
  readonly flashPeriodS?: number;
  readonly isDamaged?: boolean;
  readonly isMarked?: boolean;
  readonly lastNumber?: number;
  /** How much longer it is with what `change` appends, s. */
  readonly appendedS?: number;
  /** Changes the file that was made. */
  readonly change?: (file: string) => void | Promise<void>;
}

const SECONDS = 4;
const JOINED_SECONDS = 2;

/** As recorded by a camera: a keyframe a second, no B-frames. */
function kind(name: string, recipe: Recipe = {}): MediaKind {
  const { ending = 'mp4', rate = '30', videoS = SECONDS, soundS = SECONDS } = recipe;
  const { videoLateS = 0, soundLateS = 0, appendedS = 0, isDamaged = false } = recipe;
  const [numerator = 30, denominator = 1] = rate.split('/').map(Number);
  const framesPerSecond = numerator / denominator;
  const frames = Math.round(videoS * framesPerSecond);
  const soundSeconds = soundS === SECONDS && videoS === SECONDS ? frames / framesPerSecond : soundS;
  const clip: MarkedClip = {
    width: KIND_WIDTH,
    height: KIND_HEIGHT,
    rate,
    flashPeriodS: recipe.flashPeriodS ?? 1,
    mux: recipe.mux ?? [],
    ...(frames === 0
      ? {}
      : {
          video: {
            frames,
            encode: recipe.videoCodec ?? H264,
            lateS: videoLateS,
            filters: recipe.filters ?? [],
          },
        }),
    ...(soundSeconds === 0
      ? {}
      : {
          sound: {
            seconds: soundSeconds,
            sampleRate: recipe.sampleRate ?? 44_100,
            layout: recipe.layout ?? 'stereo',
            encode: recipe.soundCodec ?? AAC,
            lateS: soundLateS,
          },
        }),
  };
  return {
    name,
    rate: framesPerSecond,
    frames,
    lastNumber: recipe.lastNumber ?? frames - 1,
    videoEndS: frames === 0 ? 0 : videoLateS + frames / framesPerSecond + appendedS,
    soundEndS: soundSeconds === 0 ? 0 : soundLateS + soundSeconds + appendedS,
    isDamaged,
    isMarked: recipe.isMarked ?? (frames > 0 && soundSeconds > 0),
    make: async (folder) => {
      const file = join(folder, `${name}.${ending}`);
      await writeMarkedClip(file, clip);
      await recipe.change?.(file);
      return file;
    },
  };
}

/** Makes the file again from itself. */
async function remux(file: string, args: readonly string[]): Promise<void> {
  const before = join(dirname(file), `before-${basename(file)}`);
  renameSync(file, before);
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', '-i', before, ...args, file]);
  rmSync(before);
}

/** Cuts off the last part of the file. */
function cutOff(file: string): void {
  truncateSync(file, Math.floor(readFileSync(file).length * 0.6));
}

/** Overwrites some bytes in the middle. */
function overwrite(file: string): void {
  const bytes = readFileSync(file);
  const middle = bytes.length >> 1;
  for (let at = 0; at < 3000; at++) bytes[middle + at] = (at * at * 37 + at * 101) & 0xff;
  writeFileSync(file, bytes);
}

/** Appends a second transport stream, whose timestamps begin again. */
async function append(file: string): Promise<void> {
  const more = `${file}.more.ts`;
  await writeMarkedClip(more, {
    width: KIND_WIDTH,
    height: KIND_HEIGHT,
    rate: '30',
    flashPeriodS: 1,
    video: { frames: 30 * JOINED_SECONDS, encode: H264 },
    sound: { seconds: JOINED_SECONDS, sampleRate: 44_100, layout: 'stereo', encode: AAC },
  });
  writeFileSync(file, Buffer.concat([readFileSync(file), readFileSync(more)]));
  rmSync(more);
}

const MP3 = ['-c:a', 'libmp3lame', '-b:a', '128k'];
const B_FRAMES = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-g', '60', '-pix_fmt', 'yuv420p'];

const rates = ['10', '24000/1001', '24', '25', '30000/1001', '30', '50', '60000/1001', '60'].map((rate) =>
  kind(`rate-${rate.replace('/', '-')}`, { rate }),
);
const sampleRates = [8000, 22_050, 32_000, 48_000, 96_000].map((sampleRate) =>
  kind(`sound-${sampleRate}`, { sampleRate }),
);
const layouts = ['mono', '5.1'].map((layout) => kind(`sound-${layout}`, { layout, sampleRate: 48_000 }));

/** Every kind, of short clips. */
export const MEDIA_KINDS: readonly MediaKind[] = [
  ...rates,
  // A screen recording in which nothing happens for 10 s.
  kind('vfr-still-part', {
    ...{ videoS: 16, soundS: 16, filters: ["select='lt(t,3)+gte(t,13)'"] },
  }),
  kind('vfr-slides', { rate: '1/8', videoS: 16, soundS: 16, flashPeriodS: 16 }),
  // A phone leaves out a frame now and then.
  kind('vfr-phone', { filters: ["select='mod(n,7)'"], lastNumber: 118 }),
  ...sampleRates,
  ...layouts,
  kind('mkv-aac', { ending: 'mkv', sampleRate: 48_000 }),
  kind('mkv-flac', { ending: 'mkv', soundCodec: ['-c:a', 'flac'] }),
  kind('flv', { ending: 'flv' }),
  kind('ts-aac', { ending: 'ts' }),
  kind('ts-aac-48000', { ending: 'ts', sampleRate: 48_000 }),
  kind('ts-mp2', {
    ...{ ending: 'ts', sampleRate: 48_000, soundCodec: ['-c:a', 'mp2', '-b:a', '128k'] },
    videoCodec: ['-c:v', 'mpeg2video', '-q:v', '4', '-g', '15', '-pix_fmt', 'yuv420p'],
  }),
  kind('ts-ac3', { ending: 'ts', sampleRate: 48_000, soundCodec: ['-c:a', 'ac3', '-b:a', '192k'] }),
  kind('avi-mp3', { ending: 'avi', videoCodec: ['-c:v', 'mpeg4', '-q:v', '3'], soundCodec: MP3 }),
  kind('mov-pcm', { ending: 'mov', soundCodec: ['-c:a', 'pcm_s16le'] }),
  kind('webm-opus', {
    ...{ ending: 'webm', sampleRate: 48_000, soundCodec: ['-c:a', 'libopus', '-b:a', '96k'] },
    videoCodec: [
      ...['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '800k', '-g', '30'],
    ],
  }),
  kind('mp3', { ending: 'mp3', videoS: 0, soundCodec: MP3 }),
  // Its cover shows the number 0.
  kind('mp3-cover', {
    ...{ ending: 'mp3', videoS: 0, soundCodec: MP3, lastNumber: 0 },
    change: async (file) => {
      const cover = `${file}.mkv`;
      await writeMarkedClip(cover, {
        ...{ width: KIND_WIDTH, height: KIND_HEIGHT, rate: '30', flashPeriodS: 0 },
        video: { frames: 1, encode: ['-c:v', 'png'] },
      });
      const attached = ['-c', 'copy', '-disposition:v', 'attached_pic'];
      await remux(file, ['-i', cover, '-map', '0:a', '-map', '1:v', ...attached]);
      rmSync(cover);
    },
  }),
  kind('wav', { ending: 'wav', videoS: 0, soundCodec: ['-c:a', 'pcm_s16le'] }),
  kind('m4a', { ending: 'm4a', videoS: 0 }),
  kind('video-longer', { videoS: 5, soundS: 3 }),
  kind('sound-longer', { videoS: 3, soundS: 5 }),
  kind('sound-a-little-longer', { soundS: 4.25 }),
  kind('no-sound', { soundS: 0 }),
  kind('sound-late', { soundS: 3.3, soundLateS: 0.7 }),
  kind('video-late', { videoS: 3.3, videoLateS: 0.7 }),
  kind('joined-ts', {
    ...{ ending: 'ts', appendedS: JOINED_SECONDS, lastNumber: 30 * JOINED_SECONDS - 1, change: append },
  }),
  kind('cut-off-mp4', { mux: ['-movflags', '+faststart'], isDamaged: true, change: cutOff }),
  kind('cut-off-mkv', { ending: 'mkv', isDamaged: true, change: cutOff }),
  kind('cut-off-ts', { ending: 'ts', isDamaged: true, change: cutOff }),
  kind('damaged-mp4', { isDamaged: true, change: overwrite }),
  kind('damaged-mkv', { ending: 'mkv', isDamaged: true, change: overwrite }),
  kind('damaged-ts', { ending: 'ts', isDamaged: true, change: overwrite }),
  kind('damaged-flv', { ending: 'flv', isDamaged: true, change: overwrite }),
  kind('rotated', {
    filters: ['transpose=clock'],
    change: (file) => remux(file, ['-map', '0', '-c', 'copy', '-metadata:s:v:0', 'rotate=90']),
  }),
  kind('b-frames', { videoCodec: [...B_FRAMES, '-bf', '3'] }),
  kind('b-frames-ts', { ending: 'ts', videoCodec: [...B_FRAMES, '-bf', '3'] }),
  kind('b-frames-23.976', { rate: '24000/1001', videoCodec: [...B_FRAMES, '-bf', '3'] }),
  kind('one-keyframe', { videoCodec: [...B_FRAMES, '-g', '9999', '-x264-params', 'scenecut=0'] }),
];

/** The whole length of what it plays, s. */
export function lengthOf({ videoEndS, soundEndS }: MediaKind): number {
  return Math.max(videoEndS, soundEndS);
}
