import type { SourceConfig } from '../config/schema.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

type ScreenInput = Extract<SourceConfig, { type: 'screen' }>;

const WHERE = 'input "screen"';
/** x11grab, of the screen or of the window that it captures. */
const X11_REGION = /Capture area .* outside the screen size (\d+)x(\d+)/;
/** gdigrab, by its corners. */
const GDI_REGION = /Capture area .* outside window area \((-?\d+),(-?\d+)\),\((-?\d+),(-?\d+)\)/;
/** The filter by which a region is cut out elsewhere, which asks for a pixel more than there is. */
const CROPPED_REGION = /Invalid too big or non positive size for width '(\d+)' or height '(\d+)'/;

/** Why a region or a window cannot be captured, by the lines of ffmpeg's log; undefined if they say nothing of that. */
export function explainScreen(lines: readonly string[], input: ScreenInput): BulkheadError | undefined {
  const { region, window } = input;
  for (const line of lines) {
    const size = region === undefined ? undefined : sizeIn(line);
    if (size !== undefined) return outside(input, size);
    if (window === undefined) continue;
    if (line.includes("Can't find window")) {
      return windowIsGone(window);
    }
    if (line.includes('Cannot get the image data')) {
      return new BulkheadError(
        ErrorCodes.inputUnreachable,
        `The window "${window}" is closed, minimized, smaller than before or not wholly on the screen.`,
        { where: WHERE, remedy: 'Show all of it: it is captured again by itself.' },
      );
    }
  }
  return undefined;
}

export function windowIsGone(window: string): BulkheadError {
  return new BulkheadError(ErrorCodes.inputNotFound, `The window "${window}" is gone.`, {
    where: WHERE,
    remedy: 'Open it again: it is found by its title.',
  });
}

/** The size of the screen, or of the window, that a region reaches outside of. */
function sizeIn(line: string): readonly [number, number] | undefined {
  const [left = 0, top = 0, right = 0, bottom = 0] = numbersIn(line, GDI_REGION);
  if (right > left) return [right - left, bottom - top];
  const [width, height] = numbersIn(line, X11_REGION);
  if (width !== undefined && height !== undefined) return [width, height];
  const [wider, higher] = numbersIn(line, CROPPED_REGION);
  return wider === undefined || higher === undefined ? undefined : [wider - 1, higher - 1];
}

function numbersIn(line: string, pattern: RegExp): number[] {
  return pattern.exec(line)?.slice(1).map(Number) ?? [];
}

function outside({ region, window }: ScreenInput, [width, height]: readonly [number, number]): BulkheadError {
  const what = window === undefined ? 'the screen' : `the window "${window}"`;
  const { x = 0, y = 0, width: wanted = 0, height: high = 0 } = region ?? {};
  return new BulkheadError(
    ErrorCodes.inputInvalid,
    `The region reaches outside ${what}: it ends at ${x + wanted} × ${y + high} pixels, and ${what} has ${width} × ${height}.`,
    { where: 'input.region', remedy: 'Make the region smaller, or move it.' },
  );
}
