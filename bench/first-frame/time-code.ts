/**
 * A wall clock in the frame: a row of fields, black or white, that ffmpeg draws when it makes the frame, and that the page reads from
 * the frame that it shows. The time is in a Gray code, of which two neighbours differ in one field.
 */

/** ms between two times. */
const UNIT_MS = 5;
const FIELDS = 12;
/** White, at the end of the row: frames without the clock have it not. */
const MARK = FIELDS;
/** After this the clock starts over, ms. */
export const CLOCK_PERIOD_MS = UNIT_MS * 2 ** FIELDS;
/** Of a frame of 640×360. */
const FIELD = 40;
const MARGIN = 8;

/** Filters that draw the clock. `realtime` is before them: ffmpeg would make frames some time before they are due. */
export function clockFilters(): string {
  const fields = Array.from({ length: FIELDS }, (_, bit) => {
    const units = `floor(time(0)*${1000 / UNIT_MS})`;
    // Bit n of the Gray code is bit n of the number, exclusive or the bit above it, which the last one has not.
    const bits = bit === FIELDS - 1 ? `${units}/${2 ** bit}` : `(${units}+${2 ** bit})/${2 ** (bit + 1)}`;
    const isSet = `mod(floor(${bits}),2)`.replaceAll(',', '\\,');
    return `${box(MARGIN + bit * FIELD, FIELD, 'white')}:enable=${isSet}`;
  });
  const mark = box(MARGIN + MARK * FIELD, FIELD, 'white');
  return ['realtime', box(0, (FIELDS + 2) * FIELD + 2 * MARGIN, 'black'), ...fields, mark].join(',');
}

function box(x: number, width: number, colour: string): string {
  return `drawbox=x=${x}:y=0:w=${width}:h=${FIELD + MARGIN}:color=${colour}:t=fill`;
}

/**
 * For a page before its own scripts run: collects of each frame of the first `<video>` when it is shown and which time is in it, as
 * `window.seenFrames`: `[shownAtMs, clockMs]`, both in ms since 1970, the second one modulo {@link CLOCK_PERIOD_MS}, and -1 where
 * the frame has no clock. Source text, since it runs in the page.
 */
export const COLLECT_FRAMES = `
  window.seenFrames = [];
  addEventListener('DOMContentLoaded', () => {
    const video = document.querySelector('video');
    const context = new OffscreenCanvas(640, 360).getContext('2d', { willReadFrequently: true });
    const read = () => {
      context.drawImage(video, 0, 0, 640, 360);
      const { data } = context.getImageData(0, ${FIELD / 2}, 640, 1);
      const isWhite = (field) => data[4 * (${MARGIN + FIELD / 2} + field * ${FIELD})] > 127;
      if (!isWhite(${MARK}) || isWhite(${MARK + 1})) return -1;
      let value = 0;
      let previous = 0;
      for (let bit = ${FIELDS - 1}; bit >= 0; bit--) {
        previous ^= isWhite(bit) ? 1 : 0;
        value = 2 * value + previous;
      }
      return value * ${UNIT_MS};
    };
    const onFrame = (now, { expectedDisplayTime }) => {
      window.seenFrames.push([performance.timeOrigin + Math.max(now, expectedDisplayTime), read()]);
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  });
`;
