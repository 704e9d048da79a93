import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Status } from '../../src/protocol/status/status.js';
import { AAC, H264, markedClipArguments } from './marked-clip.js';
import { ROW_CROP, readMarks, SQUARES } from './marks.js';

/** In the build, which begins by emptying it. */
const CLIPS = fileURLToPath(new URL('../clips/', import.meta.url));

/** Writes a clip whose frames show their number, with a tone. Each is encoded once for all tests, which takes seconds. */
export function writeNumberedClip(
  file: string,
  { size, fps, seconds, sampleRate }: { size: string; fps: number; seconds: number; sampleRate: number },
): void {
  const [width = 0, height = 0] = size.split('x').map(Number);
  const args = markedClipArguments({
    width,
    height,
    rate: String(fps),
    video: { frames: fps * seconds, encode: H264 },
    sound: { seconds, sampleRate, layout: 'mono', encode: AAC },
    flashPeriodS: 0,
  });
  const clip = join(CLIPS, `${createHash('sha256').update(args.join(' ')).digest('hex')}${extname(file)}`);
  if (!existsSync(clip)) {
    mkdirSync(CLIPS, { recursive: true });
    // Another process may write the same clip.
    const draft = join(CLIPS, `${process.pid}${extname(file)}`);
    run([...args, draft]);
    renameSync(draft, clip);
  }
  copyFileSync(clip, file);
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

/** What the numbers of a stream's frames say about their order. */
export interface FrameOrder {
  readonly missing: number;
  readonly repeated: number;
  /** Frames that follow a later one. */
  readonly backwards: number;
  /** Times that an earlier frame was repeated, after which the stream went on where it was. */
  readonly slates: number;
}

export function orderOf(numbers: readonly number[]): FrameOrder {
  let [missing, repeated, backwards, slates] = [0, 0, 0, 0];
  let last = numbers[0] ?? 0;
  for (let index = 1; index < numbers.length; index++) {
    const number = numbers[index] ?? 0;
    if (number < last) {
      while (numbers[index + 1] === number) index++;
      if ((numbers[index + 1] ?? last) >= last) {
        slates++;
        continue;
      }
      backwards++;
    } else if (number === last) repeated++;
    else missing += number - last - 1;
    last = number;
  }
  return { missing, repeated, backwards, slates };
}

/**
 * Fails if a frame is missing or out of order, but for what a computer that is too busy costs, by the broadcast's status:
 * slots that the encoder process leaves out, and the last keyframe, repeated while all encoders are late.
 */
export function assertFramesInOrder(
  numbers: readonly number[],
  { encoder, timeline }: Pick<Status, 'encoder' | 'timeline'>,
): FrameOrder {
  const order = orderOf(numbers);
  const shown = `in ${numbers}`;
  assert.ok(order.missing <= encoder.skippedSlots, `${order.missing} frames are missing ${shown}`);
  assert.equal(order.backwards, 0, `frames are out of order ${shown}`);
  assert.ok(order.slates <= timeline.slates, `earlier frames are repeated ${shown}`);
  return order;
}

function run(args: readonly string[]): Buffer {
  const { status, stdout, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args], {
    maxBuffer: 1 << 28,
  });
  if (status !== 0 || stderr.length > 0) throw new Error(`ffmpeg: ${stderr.toString()}`);
  return stdout;
}
