import { spawnSync } from 'node:child_process';
import { AAC, H264, markedClipArguments } from './marked-clip.js';
import { ROW_CROP, readMarks, SQUARES } from './marks.js';

/** Writes a clip whose frames show their number, with a tone. */
export function writeNumberedClip(
  file: string,
  { size, fps, seconds, sampleRate }: { size: string; fps: number; seconds: number; sampleRate: number },
): void {
  const [width = 0, height = 0] = size.split('x').map(Number);
  run([
    ...markedClipArguments({
      width,
      height,
      rate: String(fps),
      video: { frames: fps * seconds, encode: H264 },
      sound: { seconds, sampleRate, layout: 'mono', encode: AAC },
      flashPeriodS: 0,
    }),
    file,
  ]);
}

/**
 * The numbers of a recording's frames, in their order. Throws if it can't be decoded without an error, or if a frame has no
 * number.
 */
export function readNumbers(file: string): number[] {
  return readNumbersIfAny(file).map((number, frame) => {
    if (number === undefined) throw new Error(`frame ${frame} has no number`);
    return number;
  });
}

/** The same of a recording with other frames as well, which have none. */
export function readNumbersIfAny(file: string): (number | undefined)[] {
  const filter = `crop=${ROW_CROP},scale=${SQUARES}:1:flags=area,format=gray`;
  // In ms, since a stream with B-frames may seem to have fewer frames a second than it has.
  const timing = ['-vsync', 'passthrough', '-enc_time_base', '1:1000'];
  const squares = run(['-i', file, '-vf', filter, ...timing, '-f', 'rawvideo', '-']);
  return Array.from(
    { length: squares.length / SQUARES },
    (_, frame) => readMarks(squares.subarray(frame * SQUARES, (frame + 1) * SQUARES))?.number,
  );
}

function run(args: readonly string[]): Buffer {
  const { status, stdout, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args], {
    maxBuffer: 1 << 28,
  });
  if (status !== 0 || stderr.length > 0) throw new Error(`ffmpeg: ${stderr.toString()}`);
  return stdout;
}
