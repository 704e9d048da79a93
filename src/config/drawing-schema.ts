import * as z from '../base/zod.js';
import { ID, uniqueIds } from './ids.js';

// What is drawn by Bulkhead itself: text, images, boxes, bars, clocks and timers.

/** Of frames, pixels: what lies further outside is never seen. */
const MOST_PIXELS = 16_384;
const MOST_ELEMENTS = 50;
/** Each of them has frames of its own. */
export const MOST_OVERLAYS = 50;
const MOST_TEXT = 2000;
const MOST_KEYFRAMES = 100;
const LONGEST_ANIMATION_MS = 3_600_000;
/** As far as JavaScript's dates go without an era. */
const DATE_PATTERN = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/;

const pixels = z.int().min(-MOST_PIXELS).max(MOST_PIXELS).default(0);
const length = z.int().min(1).max(MOST_PIXELS).optional();
const share = z.number().min(0).max(1);
const colour = z
  .string()
  .regex(
    /^#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$/,
    'expected a colour such as "#ffcc00", or "#00000080" with alpha',
  );

const PLACE = {
  id: ID,
  x: pixels.describe('Where its left edge is within the overlay, pixels.'),
  y: pixels.describe('Where its top edge is within the overlay, pixels.'),
  width: length.describe('Its width, pixels; up to the right edge of the overlay without it.'),
  height: length.describe('Its height, pixels; down to the bottom edge of the overlay without it.'),
  opacity: share.default(1).describe('0 is invisible, 1 opaque.'),
};

const OutlineSchema = z.strictObject({
  colour: colour.default('#000000').describe('Its colour.'),
  width: z.number().min(0).max(50).default(2).describe('How far it goes around each letter, pixels.'),
});

const ShadowSchema = z.strictObject({
  colour: colour.default('#000000c0').describe('Its colour.'),
  x: z.number().min(-100).max(100).default(2).describe('How far to the right it falls, pixels.'),
  y: z.number().min(-100).max(100).default(2).describe('How far down it falls, pixels.'),
  blur: z.number().min(0).max(100).default(4).describe('How soft it is, pixels.'),
});

/** How text is set, whatever it says. */
const STYLE = {
  font: z
    .string()
    .min(1)
    .max(300)
    .optional()
    .describe(
      'A font of this computer by its name, or the path of a font file (.ttf, .otf, .ttc, .woff2). Without it, one that comes with Bulkhead.',
    ),
  size: z.number().min(4).max(1000).default(32).describe('Size of the font, pixels.'),
  bold: z.boolean().default(false).describe('Whether it is bold.'),
  italic: z.boolean().default(false).describe('Whether it is slanted.'),
  colour: colour.default('#ffffff').describe('Its colour.'),
  align: z
    .enum(['start', 'left', 'center', 'right'])
    .default('start')
    .describe('Where its lines begin; "start" is left, and right for Arabic and Hebrew.'),
  verticalAlign: z
    .enum(['top', 'middle', 'bottom'])
    .default('top')
    .describe('Where its lines are within its height.'),
  lineHeight: z
    .number()
    .min(0.5)
    .max(5)
    .default(1.25)
    .describe('From one line to the next, in sizes of the font.'),
  outline: OutlineSchema.optional().describe('A line around each letter.'),
  shadow: ShadowSchema.optional().describe('A shadow.'),
};

const textStyle = {
  text: z.string().max(MOST_TEXT).describe('What it says; "\\n" begins a new line.'),
  ...STYLE,
  wrap: z.boolean().default(true).describe('Whether a long line goes on below; otherwise it is cut off.'),
  scroll: z
    .number()
    .min(-2000)
    .max(2000)
    .default(0)
    .describe(
      'Moves one line of text to the left, again and again; pixels per second, below 0 to the right.',
    ),
};

const DATE_EXPECTED = 'expected a date with a time, such as "2026-12-31T23:59:00+01:00"';
const date = z
  .string()
  .regex(DATE_PATTERN, DATE_EXPECTED)
  .refine((text) => !Number.isNaN(Date.parse(text)), DATE_EXPECTED);

const ElementSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('text').describe('Text.'), ...PLACE, ...textStyle }),
    z.strictObject({
      type: z.literal('box').describe('A rectangle.'),
      ...PLACE,
      colour: colour.default('#000000a0').describe('Its colour.'),
      radius: z.number().min(0).max(MOST_PIXELS).default(0).describe('Of its rounded corners, pixels.'),
      border: z
        .strictObject({
          colour: colour.default('#ffffff').describe('Its colour.'),
          width: z.number().min(0).max(100).default(2).describe('How wide it is, pixels.'),
        })
        .optional()
        .describe('A line along its edge, inside.'),
    }),
    z.strictObject({
      type: z.literal('image').describe('An image.'),
      ...PLACE,
      path: z
        .string()
        .min(1)
        .describe(
          'A path of a PNG, JPEG, WebP, AVIF, GIF or SVG; a relative one counts from the folder of the configuration file.',
        ),
      fit: z.enum(['contain', 'cover', 'stretch']).default('contain').describe('As for a layer.'),
    }),
    z.strictObject({
      type: z.literal('bar').describe('A bar that is filled as far as its value.'),
      ...PLACE,
      value: share.default(0).describe('0 is empty, 1 full.'),
      colour: colour.default('#ffffff').describe('Colour of what is filled.'),
      background: colour.default('#00000080').describe('Colour of the rest.'),
      radius: z.number().min(0).max(MOST_PIXELS).default(0).describe('Of its rounded corners, pixels.'),
      direction: z.enum(['right', 'left', 'up', 'down']).default('right').describe('Where to it is filled.'),
    }),
    z.strictObject({
      type: z.literal('clock').describe('The time of day.'),
      ...PLACE,
      ...STYLE,
      show: z.enum(['time', 'date', 'date-time']).default('time').describe('What of it is shown.'),
      seconds: z.boolean().default(true).describe('Whether it has seconds.'),
      hour12: z
        .boolean()
        .optional()
        .describe('Whether it is "3:04 PM" rather than "15:04"; as "locale" has it without this.'),
      locale: z
        .string()
        .max(40)
        .default('en-GB')
        .refine(isLocale, 'expected a language such as "en-GB" or "zh-CN"')
        .describe('The language whose way of writing it has.'),
      timeZone: z
        .string()
        .max(60)
        .optional()
        .refine(
          (zone) => zone === undefined || isTimeZone(zone),
          'expected a time zone such as "Europe/Berlin"',
        )
        .describe('A time zone, such as "Europe/Berlin"; the one of this computer without it.'),
    }),
    z.strictObject({
      type: z.literal('timer').describe('A time that runs.'),
      ...PLACE,
      ...STYLE,
      until: date
        .optional()
        .describe('It counts down to this date and time, such as "2026-12-31T23:59:00+01:00".'),
      since: date
        .optional()
        .describe('It counts up from this date and time; from when the overlay was shown without both.'),
      endText: z
        .string()
        .max(MOST_TEXT)
        .optional()
        .describe('What it says when "until" is reached; without it, zero.'),
    }),
  ])
  .describe('Something drawn.');

/** How one value becomes another. */
export const EASINGS = ['linear', 'ease-in', 'ease-out', 'ease-in-out', 'step'] as const;
export type Easing = (typeof EASINGS)[number];

const KeyframeSchema = z.strictObject({
  atMs: z
    .number()
    .min(0)
    .max(LONGEST_ANIMATION_MS)
    .describe('When the value is reached, ms from when the overlay was shown.'),
  value: z.number().min(-MOST_PIXELS).max(MOST_PIXELS).describe('Pixels, or the opacity.'),
  easing: z
    .enum(EASINGS)
    .default('ease-in-out')
    .describe('How it is reached from the one before; "step" goes there at once when it is time.'),
});

const keyframes = z
  .array(KeyframeSchema)
  .min(1)
  .max(MOST_KEYFRAMES)
  .superRefine((frames, context) => {
    for (const [index, { atMs }] of frames.entries()) {
      if (index === 0 || atMs > (frames[index - 1]?.atMs ?? 0)) continue;
      const message = 'expected a later time than that of the one before';
      context.addIssue({ code: 'custom', path: [index, 'atMs'], input: atMs, message });
    }
  })
  .optional();

const AnimationSchema = z.strictObject({
  x: keyframes.describe('Values of "x" one after the other.'),
  y: keyframes.describe('Values of "y" one after the other.'),
  opacity: keyframes.describe('Values of "opacity" one after the other.'),
  repeat: z.boolean().default(false).describe('Whether it begins again when its last keyframe is over.'),
});

export const OverlaySchema = z.strictObject({
  id: ID,
  x: pixels.describe('Where its left edge is on the frame, pixels.'),
  y: pixels.describe('Where its top edge is on the frame, pixels.'),
  width: length.describe("Its width, pixels; up to the frame's right edge without it."),
  height: length.describe("Its height, pixels; down to the frame's bottom edge without it."),
  opacity: share.default(1).describe('0 is invisible, 1 opaque.'),
  visible: z.boolean().default(true).describe('Whether it is shown.'),
  fadeMs: z.int().min(0).max(10_000).default(0).describe('How long it takes to appear and to disappear, ms.'),
  elements: z
    .array(ElementSchema)
    .max(MOST_ELEMENTS)
    .superRefine(uniqueIds('element of this overlay'))
    .default([])
    .describe('What is drawn, the first one lowest.'),
  animation: AnimationSchema.optional().describe('How it moves and fades from when it is shown.'),
});

export const OverlaysSchema = z.array(OverlaySchema).max(MOST_OVERLAYS).superRefine(uniqueIds('overlay'));

/** Text that is a source of scenes: its place is that of the layer. */
export const TEXT_SOURCE = textStyle;

export type OverlayConfig = z.output<typeof OverlaySchema>;
export type ElementConfig = z.output<typeof ElementSchema>;
export type TextStyle = Pick<Extract<ElementConfig, { type: 'text' }>, keyof typeof STYLE>;
export type AnimationConfig = z.output<typeof AnimationSchema>;
export type KeyframeConfig = z.output<typeof KeyframeSchema>;

function isLocale(locale: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(locale).length > 0;
  } catch {
    return false;
  }
}

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone });
    return true;
  } catch {
    return false;
  }
}
