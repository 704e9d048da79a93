import type { SourceConfig } from '../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { EncodeContext } from '../encode-context.js';
import { type CaptureTrack, needDevice, QUEUE } from './device-arguments.js';
import { frameRate } from './filters.js';

export type ScreenInput = Extract<SourceConfig, { type: 'screen' }>;

/**
 * The frame rate is known. To measure it, ffmpeg would collect 20 frames of a small region, and deliver them at once: more than are kept
 * of a live source.
 */
const KNOWN_RATE = ['-fpsprobesize', '0'] as const;

/**
 * How ffmpeg captures the screen, a region of it or a window.
 *
 * @returns the input, and what has to be done to its frames before all else
 * @throws BulkheadError `input.*` or `ffmpeg.unsupported` if it cannot be captured
 */
export function screenInput(input: ScreenInput, fps: number, context: EncodeContext): CaptureTrack {
  const rate = ['-framerate', frameRate(fps)];
  switch (context.platform) {
    case 'darwin':
      return captureMac(input, rate, context);
    case 'win32':
      return captureWindows(input, rate, context);
    default:
      return captureX(input, rate, context);
  }
}

function captureMac(
  { display, region, window }: ScreenInput,
  rate: readonly string[],
  context: EncodeContext,
): CaptureTrack {
  needDevice('avfoundation', 'the screen', context);
  if (window !== undefined) {
    throw new BulkheadError(ErrorCodes.inputInvalid, 'A single window cannot be captured on macOS.', {
      where: 'input.window',
      remedy: 'Capture the screen with a "region", or the window in OBS that publishes to an "ingest".',
    });
  }
  const screen = `Capture screen ${display ?? '0'}`;
  const capture = ['-f', 'avfoundation', '-capture_cursor', '1', ...rate, '-i', `${screen}:none`];
  return { input: [...QUEUE, ...capture], filters: region === undefined ? [] : [cropped(region)] };
}

/**
 * The filter moves a region that reaches outside the frame back into it. It fails for one that is larger, and says how large it is: by
 * a pixel more than the screen.
 */
function cropped({ x, y, width, height }: NonNullable<ScreenInput['region']>): string {
  const isInside = `gte(iw\\,${x + width})*gte(ih\\,${y + height})`;
  const side = (inside: number, all: string) => `if(${isInside}\\,${inside}\\,${all}+1)`;
  return `crop=w=${side(width, 'iw')}:h=${side(height, 'ih')}:x=${x}:y=${y}:exact=1`;
}

function captureWindows(
  { display, region, window }: ScreenInput,
  rate: readonly string[],
  context: EncodeContext,
): CaptureTrack {
  needDevice('gdigrab', 'the screen', context);
  const place =
    region === undefined
      ? []
      : ['-offset_x', String(region.x), '-offset_y', String(region.y), ...sizeOf(region)];
  const what = window === undefined ? (display ?? 'desktop') : `title=${context.windowTitle ?? window}`;
  return { input: [...QUEUE, ...KNOWN_RATE, '-f', 'gdigrab', ...rate, ...place, '-i', what], filters: [] };
}

function captureX(
  { display, region, window }: ScreenInput,
  rate: readonly string[],
  context: EncodeContext,
): CaptureTrack {
  needDevice('x11grab', 'the screen', context);
  if (window !== undefined && context.capabilities?.capturesWindows === false) {
    const { path, version } = context.capabilities;
    throw new BulkheadError(
      ErrorCodes.ffmpegUnsupported,
      `This ffmpeg (${version}) cannot capture a single window.`,
      {
        where: path,
        remedy:
          'Install ffmpeg 4.4 or newer, or name one as "ffmpeg" in the configuration or in FFMPEG_BIN; or give the "region" of the screen where the window is.',
      },
    );
  }
  const place = [
    ...(window === undefined || context.window === undefined
      ? []
      : ['-window_id', String(context.window.id)]),
    ...(region === undefined ? [] : ['-grab_x', String(region.x), '-grab_y', String(region.y)]),
    ...(region === undefined ? wholeScreen(context) : sizeOf(region)),
  ];
  return {
    input: [...QUEUE, ...KNOWN_RATE, '-f', 'x11grab', ...rate, ...place, '-i', xDisplay(display, context)],
    filters: [],
  };
}

function wholeScreen({ screenSize }: EncodeContext): string[] {
  return screenSize === undefined ? [] : ['-video_size', screenSize];
}

function sizeOf({ width, height }: NonNullable<ScreenInput['region']>): string[] {
  return ['-video_size', `${width}x${height}`];
}

/**
 * `1` and `1.0` are the displays `:1` and `:1.0`, as in the argument `screen:1`.
 *
 * @throws BulkheadError `input.notFound` if there is none
 */
export function xDisplay(display: string | undefined, session: Pick<EncodeContext, 'display'>): string {
  const name = display ?? session.display;
  if (name === undefined || name === '') {
    throw new BulkheadError(ErrorCodes.inputNotFound, 'There is no X display to capture.', {
      where: 'input.display',
      remedy:
        'Run inside an X session, or name one (":0.0"). Wayland sessions can be captured only where XWayland shows them.',
    });
  }
  return /^\d+(\.\d+)?$/.test(name) ? `:${name}` : name;
}
