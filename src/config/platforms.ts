import * as z from '../base/zod.js';
import type { VideoCodec } from './video-codec.js';

/**
 * What is known of a platform. Each value is from where its comment says, as read in November 2026; what no page of the platform,
 * of the service that it runs on, or of OBS' list of services says is left out. They change: they lead to warnings, not to refusals.
 */
export interface Platform {
  /** As it is written in messages. */
  readonly name: string;
  /** Where to publish. Left out where each streamer or each stream has an address of its own. */
  readonly url?: string;
  /** Whether it takes no RTMP without TLS. */
  readonly needsTls?: true;
  /** What each stream key begins with. */
  readonly keyBeginning?: string;
  readonly codecs?: readonly VideoCodec[];
  /** The larger and the smaller side, pixels: a portrait is as good as a landscape. */
  readonly largest?: readonly [long: number, short: number];
  readonly fps?: number;
  /** From one keyframe to the next, at most. */
  readonly keyframeSeconds?: number;
  /** Of video, by what it is of: the first row counts whose size and rate are enough, else the last. */
  readonly bitrates?: readonly BitrateRow[];
  readonly audioKbps?: number;
  /** How it takes a backup of the stream, and where, if that is the same for all. By default, on failure. */
  readonly backup?: { readonly mode: 'at-once' | 'on-failure'; readonly url?: string };
  /** What a query of the stream key has to say for the stream to be measured, and shown to nobody. */
  readonly hiddenTest?: string;
}

interface BitrateRow {
  /** The smaller side, pixels. */
  readonly height: number;
  readonly fps: number;
  readonly kbps: number;
}

/** A limit for all sizes and rates. */
const always = (kbps: number): BitrateRow[] => [{ height: 0, fps: 0, kbps }];

// "OBS" is its list of services, plugins/rtmp-services/data/services.json, of August 2026.
const PROFILES = {
  twitch: {
    name: 'Twitch',
    // dev.twitch.tv, "Get Ingest Servers": the one named "Default", which leads to the nearest.
    url: 'rtmps://ingest.global-contribute.live-video.net/app',
    // dev.twitch.tv, "Get Stream Key": its example.
    keyBeginning: 'live_',
    // OBS. HEVC is for Enhanced Broadcasting alone, where Bulkhead sends H.264 too.
    codecs: ['h264'],
    // help.twitch.tv, "Broadcasting Guidelines": 1080p60 is the largest that it names; keyframes every 2 s.
    largest: [1920, 1080],
    fps: 60,
    keyframeSeconds: 2,
    // OBS, and the range of 3 to 6 Mbit/s of help.twitch.tv, "Broadcast Requirements".
    bitrates: always(6000),
    // twitch.tv/creatorcamp, "Broadcast Recommendations".
    audioKbps: 320,
    // dev.twitch.tv, "Video Broadcast": the key's parameter for tests, as OBS' bandwidth test uses it.
    hiddenTest: 'bandwidthtest=true',
  },
  youtube: {
    name: 'YouTube',
    // OBS.
    url: 'rtmps://a.rtmps.youtube.com/live2',
    // OBS. support.google.com/youtube: both are sent the same stream at the same time.
    backup: { mode: 'at-once', url: 'rtmps://b.rtmps.youtube.com/live2?backup=1' },
    codecs: ['h264', 'hevc', 'av1'],
    // support.google.com/youtube/answer/2853702: up to 2160p60 with 40 Mbit/s. Its ranges for smaller sizes are recommendations.
    largest: [3840, 2160],
    fps: 60,
    bitrates: always(40_000),
    // The live dashboard complains of more: "use a keyframe frequency of four seconds or less".
    keyframeSeconds: 4,
  },
  kick: {
    name: 'Kick',
    // The address is each streamer's own, on Amazon IVS (*.global-contribute.live-video.net), whose user guide has these: channels take
    // H.264 up to 1080p with 8.5 Mbit/s, a keyframe every 2 s is asked for, stream keys begin like this. Kick itself may take less.
    keyBeginning: 'sk_',
    codecs: ['h264'],
    largest: [1920, 1080],
    keyframeSeconds: 2,
    bitrates: always(8500),
  },
  facebook: {
    name: 'Facebook',
    // OBS, and the example of developers.facebook.com, "Live Video API: Getting Started".
    url: 'rtmps://rtmp-api.facebook.com:443/rtmp',
    // All else: developers.facebook.com/docs/live-video-api/reference, "Recommended Settings".
    needsTls: true,
    codecs: ['h264'],
    largest: [1920, 1080],
    fps: 60,
    keyframeSeconds: 4,
    bitrates: [
      { height: 360, fps: 60, kbps: 1000 },
      { height: 480, fps: 30, kbps: 2000 },
      { height: 720, fps: 30, kbps: 4000 },
      { height: 720, fps: 60, kbps: 6000 },
      { height: 1080, fps: 30, kbps: 6000 },
      { height: 1080, fps: 60, kbps: 9000 },
    ],
    audioKbps: 256,
  },
  // The address is of one stream, and no page of limits was found.
  tiktok: { name: 'TikTok' },
  bilibili: {
    name: 'Bilibili',
    // OBS: "Global - Primary".
    url: 'rtmp://live-push.bilivideo.com/live-bvc',
    // As its interface for starting a stream gives it: "?streamname=live_…&key=…&schedule=rtmp&pflag=…".
    keyBeginning: '?streamname=',
    // OBS.
    codecs: ['h264', 'hevc'],
  },
  // As with TikTok.
  douyu: { name: 'Douyu' },
} as const satisfies Readonly<Record<string, Platform>>;

export const PLATFORM_NAMES = [...(Object.keys(PROFILES) as (keyof typeof PROFILES)[]), 'custom'] as const;
export type PlatformName = (typeof PLATFORM_NAMES)[number];

export const PlatformSchema = z
  .enum(PLATFORM_NAMES)
  .describe(
    'Whose server it is: gives the address of most, and warnings of settings that the platform does not take.',
  );

/** Undefined for `custom`, which is what an output without a platform is. */
export function platformOf(name: PlatformName | undefined): Platform | undefined {
  return name === undefined || name === 'custom' ? undefined : PROFILES[name];
}

/** The output with its platform's address, if it has none. */
export function withPlatformUrl<
  Output extends { readonly platform?: PlatformName | undefined; readonly url?: string | undefined },
>(output: Output, context: z.RefinementCtx): Output & { url: string } {
  const platform = platformOf(output.platform);
  const url = output.url ?? platform?.url;
  if (url !== undefined) return { ...output, url };
  const message =
    platform === undefined
      ? 'missing; expected rtmp://HOST/APP or rtmps://HOST/APP, or a "platform" that has an address'
      : `missing; ${platform.name} gives each streamer an address: copy it from where it shows the stream key`;
  context.addIssue({ code: 'custom', path: ['url'], input: undefined, message });
  return z.NEVER;
}
