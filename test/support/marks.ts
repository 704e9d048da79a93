/**
 * Marks in the frames of a test clip, which survive encoding and scaling: a row of squares at the top left with the frame's
 * number, and a flash in some frames of each period, to which the sound has a beep.
 */

/** Two that tell a row of marks from other content, the number's bits, those of a check, and two for the flash. */
export const SQUARES = 24;
const NUMBER_BITS = 16;
const CHECK_BITS = 4;
const CHECK_AT = 2 + NUMBER_BITS;
const FLASH_AT = CHECK_AT + CHECK_BITS;
/** Numbers begin again at 0 after this many frames. */
export const MOST_NUMBERS = 2 ** NUMBER_BITS;
const CHECK_MODULUS = 15;

/** The row's part of the frame's width and height. */
const ROW_WIDTH = 0.9;
const ROW_HEIGHT = 4 / 45;

const BLACK = 16;
const WHITE = 235;
const THRESHOLD = 125;

/** How long a flash and a beep last, s. */
export const MARK_SECONDS = 0.1;

export interface Marks {
  readonly number: number;
  readonly flash: boolean;
}

/** The row's size for a frame, pixels. */
export function rowSize(width: number, height: number): { width: number; height: number } {
  return { width: Math.round(width * ROW_WIDTH), height: Math.max(2, Math.round(height * ROW_HEIGHT)) };
}

/** The same for ffmpeg's `crop`, of frames of any size. */
export const ROW_CROP = `round(iw*${ROW_WIDTH}):max(2\\,round(ih*${ROW_HEIGHT})):0:0`;

/** The brightness (0 to 255) of the squares, from left to right. */
export function drawMarks({ number, flash }: Marks): Uint8Array {
  const bits = [1, 0];
  for (let bit = 0; bit < NUMBER_BITS; bit++) bits.push((number >> bit) & 1);
  for (let bit = 0; bit < CHECK_BITS; bit++) bits.push((checkOf(number) >> bit) & 1);
  bits.push(Number(flash), Number(flash));
  return Uint8Array.from(bits, (bit) => (bit === 1 ? WHITE : BLACK));
}

/** Reverses {@link drawMarks}; undefined if these are no marks, or damaged ones. */
export function readMarks(squares: Uint8Array): Marks | undefined {
  const bit = (at: number) => Number((squares[at] ?? 0) > THRESHOLD);
  const value = (at: number, bits: number) =>
    Array.from({ length: bits }, (_, index) => bit(at + index) << index).reduce((sum, part) => sum + part, 0);
  const number = value(2, NUMBER_BITS);
  const flashes = [bit(FLASH_AT), bit(FLASH_AT + 1)];
  const isMarked = bit(0) === 1 && bit(1) === 0 && value(CHECK_AT, CHECK_BITS) === checkOf(number);
  if (!isMarked || flashes[0] !== flashes[1]) return undefined;
  return { number, flash: flashes[0] === 1 };
}

function checkOf(number: number): number {
  return (number % CHECK_MODULUS) + 1;
}

/** ffmpeg's expressions for the marks of a clip. */
export interface MarkExpressions {
  /** Brightness of the square `X` in frame `N`: what {@link drawMarks} computes, for `geq`. */
  readonly squares: string;
  /** Whether the frame `n` is a flash, for a timeline. */
  readonly flash: string;
  /** Samples of a quiet tone with a beep at the time of each flash's first frame, for `aevalsrc`. */
  readonly sound: string;
}

/**
 * @param rate frames per second, such as `24000/1001`
 * @param periodS from one flash to the next, s; 0 for none
 * @param soundLateS how much later the sound begins than the frames, s
 * @param firstNumber of the first frame
 */
export function markExpressions(
  rate: string,
  periodS: number,
  { soundLateS = 0, firstNumber = 0 }: { soundLateS?: number; firstNumber?: number } = {},
): MarkExpressions {
  const perPeriod = `(${rate})*${periodS}`;
  // In the middle of a period, so that no flash is at a clip's beginning. Not exactly on the border of two frames, where rounding
  // would decide.
  const first = (period: string) => `ceil((${period}+0.5)*${perPeriod}-0.000001)`;
  const isFlash = (n: string) =>
    periodS === 0
      ? '0'
      : `lt(${n}-${first(`floor(${n}/(${perPeriod})-0.499999)`)},ceil(${MARK_SECONDS}*${rate}))`;
  const number = `(N+${firstNumber})`;
  const bits = [
    `if(lt(X,2),1-X`,
    `if(lt(X,${CHECK_AT}),mod(floor(${number}/pow(2,X-2)),2)`,
    `if(lt(X,${FLASH_AT}),mod(floor((mod(mod(${number},${MOST_NUMBERS}),${CHECK_MODULUS})+1)/pow(2,X-${CHECK_AT})),2)`,
    `${isFlash('N')})))`,
  ].join(',');
  const time = `(t+${soundLateS})`;
  const sinceBeep = `${time}-${first(`floor(${time}/${periodS || 1}-0.5)`)}/(${rate})`;
  const beep =
    periodS === 0 ? '0' : `0.5*sin(2*PI*1000*t)*gte(${time},0)*between(${sinceBeep},0,${MARK_SECONDS})`;
  return {
    squares: `${BLACK}+${WHITE - BLACK}*(${bits})`,
    flash: isFlash('n'),
    sound: `0.04*sin(2*PI*300*t)+${beep}`,
  };
}
