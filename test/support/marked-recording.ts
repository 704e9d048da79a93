import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AAC, H264 } from './marked-clip.js';
import { markExpressions, rowSize, SQUARES } from './marks.js';

export interface MarkedRecordingOptions {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames per second. */
  readonly fps: number;
  /** How often each recording is played. */
  readonly times: number;
  /** Of the first frame; 0 if undefined. */
  readonly firstNumber?: number;
}

/**
 * Joins real recordings with video and sound, each played some times, and puts marks into them: numbers in the frames, and beeps over
 * the sound, which becomes quieter. Resolves when the file is written; rejects with what ffmpeg says.
 */
export async function writeMarkedRecording(
  file: string,
  recordings: readonly string[],
  { width, height, fps, times, firstNumber = 0 }: MarkedRecordingOptions,
): Promise<void> {
  const marks = markExpressions(String(fps), 1, { firstNumber });
  const row = rowSize(width, height);
  const shape = `scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:-1:-1,setsar=1,fps=${fps}`;
  const parts = recordings.flatMap((_, index) => [
    `[${index}:v]${shape}[v${index}]`,
    `[${index}:a]aformat=sample_rates=48000:channel_layouts=stereo[a${index}]`,
  ]);
  const pairs = recordings.map((_, index) => `[v${index}][a${index}]`).join('');
  const graph = [
    ...parts,
    `${pairs}concat=n=${recordings.length}:v=1:a=1[joined][loud]`,
    `nullsrc=s=${SQUARES}x2:r=${fps},format=gray,geq=lum='${marks.squares}',scale=${row.width}:${row.height}:flags=neighbor[row]`,
    // A keyframe of the concatenation may come late: numbers follow frames, not times.
    `[joined]fps=${fps}[even];[even][row]overlay=0:0:format=yuv420:shortest=1[v]`,
    `aevalsrc=exprs='${marks.sound}':s=48000,pan=stereo|c0=c0|c1=c0[beeps]`,
    '[loud]volume=0.1[quiet];[quiet][beeps]amix=inputs=2:normalize=0:duration=first[a]',
  ];
  const inputs = recordings.flatMap((path) => ['-stream_loop', String(times - 1), '-i', path]);
  await promisify(execFile)('ffmpeg', [
    ...['-v', 'error', '-y', ...inputs, '-filter_complex', graph.join(';')],
    ...['-map', '[v]', '-map', '[a]', ...H264, ...AAC, file],
  ]);
}
