import { spawnSync } from 'node:child_process';

/** Bits of a number, one square each in the top row of the frame. */
const BITS = 12;
const SQUARE = 16;

/** Writes a clip whose frames show their number, with a tone. At least 192 pixels wide. */
export function writeNumberedClip(
  file: string,
  { size, fps, seconds, sampleRate }: { size: string; fps: number; seconds: number; sampleRate: number },
): void {
  const number = `crop=${BITS * SQUARE}:${SQUARE}:0:0,geq=lum='if(mod(floor(N/pow(2,floor(X/${SQUARE}))),2),235,16)':cb=128:cr=128`;
  run([
    ...['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${fps}:d=${seconds}`],
    ...['-f', 'lavfi', '-i', `sine=440:sample_rate=${sampleRate}:d=${seconds}`],
    ...['-vf', `format=yuv420p,split[a][b];[b]${number}[c];[a][c]overlay=0:0`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '20', '-g', String(fps), '-c:a', 'aac', file],
  ]);
}

/** The numbers of a recording's frames, in their order. Throws if it can't be decoded without an error. */
export function readNumbers(file: string): number[] {
  const row = BITS * SQUARE;
  const filter = `crop=${row}:${SQUARE}:0:0,format=gray`;
  const gray = run(['-i', file, '-vf', filter, '-vsync', 'passthrough', '-f', 'rawvideo', '-']);
  const bytes = row * SQUARE;
  return Array.from({ length: gray.length / bytes }, (_, frame) => {
    const middle = frame * bytes + (SQUARE / 2) * row + SQUARE / 2;
    return Array.from({ length: BITS }, (_bit, bit) =>
      (gray[middle + bit * SQUARE] ?? 0) > 128 ? 2 ** bit : 0,
    ).reduce((sum, value) => sum + value, 0);
  });
}

function run(args: readonly string[]): Buffer {
  const { status, stdout, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args], {
    maxBuffer: 1 << 28,
  });
  if (status !== 0 || stderr.length > 0) throw new Error(`ffmpeg: ${stderr.toString()}`);
  return stdout;
}
