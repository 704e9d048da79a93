import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { FrameLayout } from '../canvas/frame-pool.js';
import { runTool } from '../run-ffmpeg.js';

/** A copy of a frame. */
export interface FrameCopy {
  readonly bytes: Buffer;
  readonly layout: FrameLayout;
}

/** Wide enough to see what it is, and small enough for one message. */
const WIDTH = 640;
const DEADLINE_MS = 5000;
const OVER_BLACK = ['format=yuva444p', 'premultiply=inplace=1'];

/**
 * A frame as a JPEG image, no wider than 640 pixels; what is transparent is black.
 *
 * @throws BulkheadError `ffmpeg.unsupported` if ffmpeg makes none
 */
export async function snapshotOf({ bytes, layout }: FrameCopy, ffmpegPath: string): Promise<Buffer> {
  const { width, height, hasAlpha } = layout;
  const filters = [
    ...(hasAlpha ? OVER_BLACK : []),
    `scale=w=min(${WIDTH}\\,iw):h=-2:in_color_matrix=bt709:in_range=tv:out_color_matrix=bt601:out_range=pc`,
    'format=yuvj420p',
  ];
  const { code, stdout, stderr } = await runTool(
    ffmpegPath,
    [
      ...['-v', 'error', '-f', 'rawvideo', '-pix_fmt', hasAlpha ? 'yuva420p' : 'yuv420p'],
      ...['-s', `${width}x${height}`, '-i', 'pipe:0', '-frames:v', '1', '-vf', filters.join(',')],
      ...['-c:v', 'mjpeg', '-q:v', '4', '-f', 'image2pipe', 'pipe:1'],
    ],
    { deadlineMs: DEADLINE_MS, input: bytes, encoding: 'latin1' },
  );
  if (code === 0 && stdout !== '') return Buffer.from(stdout, 'latin1');
  throw new BulkheadError(
    ErrorCodes.ffmpegUnsupported,
    `ffmpeg makes no image of the frame: ${stderr.trim().split('\n').at(-1) || 'it does not respond'}`,
    { where: ffmpegPath },
  );
}
