import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MOST_NUMBERS, markExpressions, rowSize, SQUARES } from './marks.js';

export interface MarkedClip {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames per second, such as `24000/1001`. */
  readonly rate: string;
  /** None if undefined. */
  readonly video?: {
    readonly frames: number;
    /** The encoder's arguments. */
    readonly encode: readonly string[];
    /** Number of the first one; 0 without it. */
    readonly firstNumber?: number;
    /** How much later than the clip it begins, s. */
    readonly lateS?: number;
    /** Filters behind the marks. */
    readonly filters?: readonly string[];
  };
  /** None if undefined. */
  readonly sound?: {
    readonly seconds: number;
    readonly sampleRate: number;
    /** Such as `5.1`. */
    readonly layout: string;
    readonly encode: readonly string[];
    readonly lateS?: number;
  };
  /** From one flash and beep to the next, s; 0 for none. */
  readonly flashPeriodS: number;
  /** Arguments for the muxer. */
  readonly mux?: readonly string[];
}

/** Arguments that encode H.264 fast, with a keyframe every 30 frames. */
export const H264 = [
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '20', '-g', '30', '-pix_fmt', 'yuv420p'],
];
export const AAC = ['-c:a', 'aac', '-b:a', '128k'];

/** ffmpeg's arguments for a clip whose frames are numbered, with flashes and beeps; all but the file's name. */
export function markedClipArguments(clip: MarkedClip): string[] {
  const { width, height, rate, video, sound, flashPeriodS, mux = [] } = clip;
  const videoLateS = video?.lateS ?? 0;
  const soundLateS = sound?.lateS ?? 0;
  const marks = markExpressions(rate, flashPeriodS, { soundLateS: soundLateS - videoLateS });
  const row = rowSize(width, height);
  const late = (seconds: number) => (seconds === 0 ? [] : ['-itsoffset', String(seconds)]);
  const quoted = (expression: string) => `'${expression}'`;
  if (video !== undefined && (video.firstNumber ?? 0) + video.frames > MOST_NUMBERS)
    throw new Error('a clip with too many frames');
  const frames =
    video === undefined
      ? []
      : [
          ...[...late(videoLateS), '-f', 'lavfi', '-i', `testsrc2=s=${width}x${height}:r=${rate}`],
          ...[...late(videoLateS), '-f', 'lavfi', '-i'],
          `nullsrc=s=${SQUARES}x2:r=${rate},format=gray,geq=lum=${quoted(marks.squares)},scale=${row.width}:${row.height}:flags=neighbor`,
        ];
  const tone =
    sound === undefined
      ? []
      : [
          ...[...late(soundLateS), '-f', 'lavfi', '-t', String(sound.seconds), '-i'],
          // The same in each channel.
          `aevalsrc=exprs=${quoted(marks.sound)}:s=${sound.sampleRate}`,
        ];
  const drawn = `[0]drawbox=c=white:t=fill:enable=${quoted(marks.flash)}[a];[a][1]overlay=0:0:format=yuv420`;
  return [
    ...['-v', 'error', '-y', ...frames, ...tone],
    ...(video === undefined
      ? []
      : [
          // "-frames:v" would end the sound as well.
          ...['-filter_complex', `${[drawn, trim(video), ...(video.filters ?? [])].join(',')}[v]`],
          ...['-map', '[v]', '-vsync', 'passthrough', ...video.encode],
        ]),
    ...(sound === undefined
      ? []
      : [
          ...['-map', `${video === undefined ? 0 : 2}:a`],
          ...['-af', `aformat=channel_layouts=mono,pan=${panned(sound.layout)}`, ...sound.encode],
        ]),
    ...mux,
  ];
}

function trim({ frames, firstNumber: first = 0 }: NonNullable<MarkedClip['video']>): string {
  if (first === 0) return `trim=end_frame=${frames}`;
  return `trim=start_frame=${first}:end_frame=${first + frames},setpts=PTS-STARTPTS`;
}

/** Runs ffmpeg. Rejects with what it says. */
export async function writeMarkedClip(file: string, clip: MarkedClip): Promise<void> {
  await promisify(execFile)('ffmpeg', [...markedClipArguments(clip), file]);
}

const CHANNELS: Readonly<Record<string, number>> = { mono: 1, stereo: 2, '5.1': 6 };

function panned(layout: string): string {
  const channels = Array.from({ length: CHANNELS[layout] ?? 2 }, (_, channel) => `c${channel}=c0`);
  return [layout, ...channels].join('|');
}
