import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { QUICK_FFMPEG } from './ffmpeg.js';
import { PATIENCE } from './wait.js';

/** The colour at a place: for red, green and blue how much there is of it, 0 to 2, such as `200`. */
export type ColourAt = (x: number, y: number) => string;

export interface PictureSize {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** So many frames in a row have to show it. */
const IN_A_ROW = 5;

/**
 * Watches a live stream from now on, as a viewer that has just come, until it shows what is expected. Fails with what its last
 * frame shows if there is none in time.
 *
 * @param look what is compared of a frame
 */
export async function showsLive<T>(
  url: string,
  size: PictureSize,
  look: (at: ColourAt) => T,
  expected: T,
  deadlineMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + PATIENCE * deadlineMs;
  let seen: T | undefined;
  // A viewer ends with the session, or where there is no stream yet.
  while (Date.now() < deadline) {
    let inARow = 0;
    for await (const at of framesOf(url, size, deadline - Date.now())) {
      seen = look(at);
      inARow = isDeepStrictEqual(seen, expected) ? inARow + 1 : 0;
      if (inARow === IN_A_ROW) return;
    }
  }
  assert.deepEqual(seen, expected, 'what a viewer sees');
  assert.fail(`a viewer of ${url} did not see it in ${IN_A_ROW} frames in a row`);
}

/** The frames that a viewer sees from now on, for so long, ms. */
async function* framesOf(
  url: string,
  { width, height }: PictureSize,
  forMs: number,
): AsyncGenerator<ColourAt> {
  const viewer = spawn(
    QUICK_FFMPEG,
    [
      // Until it knows video and audio, which may take as long as from one keyframe to the next.
      ...['-v', 'error', '-probesize', '20000000', '-analyzeduration', '15000000', '-fpsprobesize', '0'],
      ...['-i', url, '-an', '-vsync', 'passthrough', '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'],
    ],
    { stdio: ['ignore', 'pipe', 'ignore'], timeout: forMs, killSignal: 'SIGKILL' },
  );
  const closed = once(viewer, 'close');
  const frameBytes = width * height * 3;
  try {
    let pending = Buffer.alloc(0);
    for await (const chunk of viewer.stdout) {
      pending = Buffer.concat([pending, chunk as Buffer]);
      for (; pending.length >= frameBytes; pending = pending.subarray(frameBytes)) {
        const frame = pending;
        yield (x, y) => colourAt(frame, (y * width + x) * 3);
      }
    }
  } finally {
    viewer.kill('SIGKILL');
    await closed;
  }
}

/** The colour of a pixel of rgb24 that begins at this byte. */
export function colourAt(pixels: Uint8Array, from: number): string {
  return [...pixels.subarray(from, from + 3)].map((value) => (value > 200 ? 2 : value > 60 ? 1 : 0)).join('');
}
