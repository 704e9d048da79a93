import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { findFfmpeg } from '../../src/encoder/ffmpeg-resolver.js';

/** What is encoded, and how. */
export interface DirectOptions {
  /** A file of the frame size and rate below, which is looped, and its length, s; the test pattern without it. */
  readonly clip?: { readonly path: string; readonly seconds: number };
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly bitrateKbps: number;
  /** Whether the clip again, smaller, in a corner and a clock in large letters are composed above it. */
  readonly composes?: boolean;
}

/** Where the smaller one is, as shares of the frame. */
export const CORNER = { x: 0.65, y: 0.05, width: 0.3, height: 0.3 } as const;
/** Size of the clock's letters and where it is, likewise. */
export const CLOCK = { x: 0.05, y: 0.8, size: 0.1 } as const;

/**
 * One ffmpeg that reads, encodes and writes FLV to `output`, as Bulkhead's encoder was before the studio: frozen, as the reference for what
 * the studio costs.
 */
export function directCommand(
  { clip, width, height, fps, bitrateKbps, composes = false }: DirectOptions,
  output: string,
): string[] {
  const source = clip === undefined ? pattern(width, height, fps) : looped(clip, { width, height, composes });
  return [
    ...[findFfmpeg(), '-hide_banner', '-nostats', '-loglevel', 'level+info', ...source.inputs],
    ...['-map', '0:v:0', '-map', '1:a:0', '-map_metadata', '-1', '-map_chapters', '-1'],
    ...['-af', [...source.sound, SOUND].join(',')],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'high'],
    ...['-sc_threshold', '0', '-b:v', `${bitrateKbps}k`, '-maxrate', `${bitrateKbps}k`],
    ...['-bufsize', `${bitrateKbps}k`, '-g', String(2 * fps), '-keyint_min', String(2 * fps)],
    ...['-bsf:v', 'dump_extra=freq=keyframe', '-pix_fmt', 'yuv420p'],
    ...['-c:a', 'aac', '-b:a', '160k', '-ar', '48000', '-ac', '2'],
    ...['-f', 'flv', '-flvflags', 'no_duration_filesize+no_sequence_end', '-flush_packets', '1', output],
  ];
}

const SOUND = 'aformat=sample_fmts=fltp:sample_rates=48000:channel_layouts=stereo,volume@main=1';

interface Source {
  readonly inputs: readonly string[];
  /** Filters of the sound. */
  readonly sound: readonly string[];
}

function pattern(width: number, height: number, fps: number): Source {
  const frames = `testsrc2=size=${width}x${height}:rate=${fps},format=yuv420p`;
  const tone = 'sine=frequency=440:beep_factor=2:sample_rate=48000';
  return { inputs: ['-re', '-f', 'lavfi', '-i', frames, '-f', 'lavfi', '-i', tone], sound: [] };
}

/** Two readers that loop on one clock. */
function looped(
  { path, seconds }: { path: string; seconds: number },
  { width, height, composes }: { width: number; height: number; composes: boolean },
): Source {
  const clock = `st(0\\,ld(0)+if(lt(PTS\\,PREV_INPTS)*lt(T\\,STARTT+0.5)\\,${seconds}/TB\\,0))\\;PTS+ld(0)`;
  const fitted = `w=trunc(min(${width}\\,${height}*dar)/2)*2:h=trunc(min(${height}\\,${width}/dar)/2)*2`;
  const fit = `scale=${fitted},pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv420p`;
  const whole = `movie=filename=${path}:loop=0,setpts=${clock},${fit}`;
  const even = (pixels: number) => 2 * Math.round(pixels / 2);
  const small = `scale=${even(CORNER.width * width)}:${even(CORNER.height * height)}`;
  const place = `overlay=x=${even(CORNER.x * width)}:y=${even(CORNER.y * height)}`;
  const text = `drawtext=text='%{localtime\\:%T}':fontsize=${CLOCK.size * height}:fontcolor=white:borderw=3:x=${CLOCK.x * width}:y=${CLOCK.y * height}`;
  const other = `movie=filename=${path}:loop=0,setpts=${clock},${small},format=yuv420p[small]`;
  const frames = composes ? `${whole}[whole];${other};[whole][small]${place},${text}` : whole;
  const sound = `amovie=filename=${path}:loop=0,asetpts=${clock}`;
  return {
    inputs: ['-copyts', '-re', '-f', 'lavfi', '-i', frames, '-re', '-f', 'lavfi', '-i', sound],
    sound: ['aresample=48000:async=1000:flags=res'],
  };
}

/** Starts a command made by {@link directCommand}. */
export function startDirect(
  [file = '', ...args]: readonly string[],
  stdout: 'ignore' | 'pipe' = 'ignore',
): ChildProcess {
  return spawn(file, args, { stdio: ['pipe', stdout, 'ignore'] });
}

/** Ends it, and says so when it had ended by itself: what was measured was not what was meant. */
export async function endDirect(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) throw new Error(`ffmpeg ended by itself with ${child.exitCode}`);
  child.kill('SIGKILL');
  await once(child, 'close');
}
