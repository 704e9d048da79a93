import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { DISPLAY_REMEDY } from './ffmpeg-errors.js';
import { runTool } from './run-ffmpeg.js';

const DEADLINE_MS = 5000;

/**
 * The size of an X display (`1920x1080`), for ffmpeg before 4.4, which captures 640 × 480 pixels by default. A
 * capture that is larger than any screen makes ffmpeg print the screen's size.
 *
 * @throws BulkheadError `input.notFound` if the display cannot be opened (which crashes ffmpeg)
 */
export async function screenSize(ffmpegPath: string, display: string, signal: AbortSignal): Promise<string> {
  const args = ['-hide_banner', '-nostdin', '-f', 'x11grab', '-video_size', '30000x30000', '-i', display];
  const { stderr } = await runTool(ffmpegPath, args, { deadlineMs: DEADLINE_MS, signal });
  const size = /outside the screen size (\d+x\d+)/.exec(stderr)?.[1];
  if (size !== undefined) return size;
  throw new BulkheadError(ErrorCodes.inputNotFound, `The X display ${display} cannot be opened.`, {
    where: display,
    remedy: DISPLAY_REMEDY,
  });
}
