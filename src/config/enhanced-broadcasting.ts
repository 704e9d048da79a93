import * as z from '../base/zod.js';

// Twitch Enhanced Broadcasting: the platform says which encodes it wants, and gets them as tracks of one stream.

/** Tracks of one stream: the programme, and as many encodes of their own as a broadcast may have. */
const MOST_TRACKS = 5;
/** Where Twitch answers. */
const TWITCH_URL = 'https://ingest.twitch.tv/api/v3/GetClientConfiguration';

const settings = z.strictObject({
  maxTracks: z
    .int()
    .min(2)
    .max(MOST_TRACKS)
    .default(MOST_TRACKS)
    .describe('How many video tracks are sent at most. Each but the programme takes an encoder of its own.'),
  maxBitrateKbps: z
    .int()
    .min(200)
    .max(100_000)
    .optional()
    .describe('What all video tracks together may need, kbit/s. By default, the platform chooses.'),
  url: z
    .string()
    .max(2000)
    .refine(
      (url) => URL.canParse(url) && new URL(url).protocol === 'https:' && new URL(url).username === '',
      'expected an address with https://, without a user name: the stream key is sent there',
    )
    .default(TWITCH_URL)
    .describe(
      'Where the platform is asked which tracks it wants. By default, Twitch; another service that answers like Amazon IVS has another.',
    ),
});

export const EnhancedBroadcastingSchema = z
  .union([z.boolean(), settings], 'expected true, false, or an object with "maxTracks" or "maxBitrateKbps"')
  .optional()
  .describe(
    'Twitch Enhanced Broadcasting: several sizes of the video, as the platform asks for them, in one stream. Experimental: it has been tested against a stand-in for Twitch only.',
  );

export type EnhancedBroadcasting = z.output<typeof settings>;

/** With the defaults filled in; undefined where it is off. */
export function enhancedBroadcastingOf(
  value: z.output<typeof EnhancedBroadcastingSchema>,
): EnhancedBroadcasting | undefined {
  if (value === undefined || value === false) return undefined;
  return value === true ? settings.parse({}) : value;
}

interface Checked {
  readonly platform?: string | undefined;
  readonly enhancedBroadcasting?: z.output<typeof EnhancedBroadcastingSchema>;
  readonly [setting: string]: unknown;
}

/** Settings that say what is sent, or when, and what is wrong with each of them beside it. */
const EXCLUDED: Readonly<Record<string, string>> = {
  video: 'the platform says what is encoded for it',
  overlays: 'the platform says what is encoded for it',
  multitrack: 'that is for the tracks of a publisher',
  delaySeconds: 'its tracks cannot be delayed',
};

/** Reports settings that an output with Enhanced Broadcasting cannot have. */
export function checkEnhancedBroadcasting(output: Checked, context: z.RefinementCtx): void {
  const { enhancedBroadcasting, platform } = output;
  const enhanced = enhancedBroadcastingOf(enhancedBroadcasting);
  if (enhanced === undefined) return;
  if (enhanced.url === TWITCH_URL && platform !== 'twitch') {
    context.addIssue({
      ...{ code: 'custom', path: ['enhancedBroadcasting'], input: enhancedBroadcasting },
      message: 'expected "platform": "twitch" with it, or its own "url"',
    });
  }
  for (const [setting, reason] of Object.entries(EXCLUDED)) {
    const value = output[setting];
    if (value === undefined || value === 0 || value === (setting === 'overlays')) continue;
    const message = `expected none with "enhancedBroadcasting": ${reason}`;
    context.addIssue({ code: 'custom', path: [setting], input: value, message });
  }
}
