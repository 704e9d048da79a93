import type { SourceConfig } from '../../config/schema.js';
import type { SourcePosition } from '../../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { type Pulled, pulledArguments, type SourceContext } from '../arguments/source-arguments.js';
import { plainFrame } from '../canvas/frame-pool.js';
import type { FfmpegExit } from '../ffmpeg-errors.js';
import { isStill } from '../media-info.js';
import { FrameQueue } from './frame-queue.js';
import { LiveSource } from './live-source.js';
import { openBrowser } from './open-browser.js';
import { LIVE_FRAMES_S, openDevice, openReceived } from './open-live.js';
import { shuffledOrder } from './play-order.js';
import { BEFORE_FRAME, BEFORE_SAMPLE_S, Playback } from './playback.js';
import { expandPlaylist } from './playlist.js';
import { PulledSource } from './pulled-source.js';
import { PulledTrack } from './pulled-track.js';
import { SoundQueue } from './sound-queue.js';
import type { Source } from './source.js';
import { SourceProcess } from './source-process.js';
import type { SourceEvents, SourceSite } from './source-site.js';

/** What is read ahead of a source that waits, s. */
const FRAMES_AHEAD_S = 0.3;
const SOUND_AHEAD_S = 1.5;
const FEWEST_FRAMES = 3;

/** Frames that sources need at this rate at most: the one on air, the one that follows it, one that replaces it, and a fallback. */
export function framesOfSources(fps: number): number {
  return framesAhead(fps) * 4 + Math.ceil(LIVE_FRAMES_S * fps);
}

/** The same of one source alone: what is read ahead twice, for the one that takes its place, and what it shows. */
export function framesOfSource(fps: number): number {
  return framesAhead(fps) * 2 + Math.ceil(LIVE_FRAMES_S * fps) + FEWEST_FRAMES;
}

function framesAhead(fps: number): number {
  return Math.max(FEWEST_FRAMES, Math.ceil(FRAMES_AHEAD_S * fps));
}

/**
 * Opens sources: those that wait for their reader, and those that send at their own pace.
 *
 * @throws BulkheadError `input.*` or `ffmpeg.unsupported` if it cannot be opened
 */
export async function openSource(
  input: SourceConfig,
  site: SourceSite,
  events: SourceEvents,
  start: SourcePosition,
): Promise<Source> {
  switch (input.type) {
    case 'screen':
    case 'camera':
    case 'microphone':
    case 'desktop-audio':
      return openDevice(input, await contextOf(input, site), site, events);
    case 'browser':
      return openBrowser(input, await contextOf(input, site), site, events);
    case 'ingest':
      return openReceived(input, await contextOf(input, site), site, events);
    case 'colour':
      return new LiveSource({ frames: undefined, sound: undefined, still: () => plainFrame(site.pool) });
    case 'url': {
      const context = await contextOf(input, site);
      return context.media?.durationS === undefined
        ? openReceived(input, context, site, events)
        : openPulled([input], true, site, events, start);
    }
    case 'text':
    case 'plugin':
      throw new BulkheadError(
        ErrorCodes.configInvalid,
        `only scenes can show a source of the type "${input.type}"`,
      );
    case 'file':
      return openPulled([input], input.loop, site, events, start);
    case 'replay': {
      const { file: path, loop, filters } = input;
      if (path === undefined) throw noReplay();
      return openPulled([{ type: 'file', path, loop: false, filters }], loop, site, events, start);
    }
    case 'playlist': {
      const files = await expandPlaylist(input.items);
      const media = files.map((path) => ({ type: 'file', path, loop: false }) as const);
      return openPulled(media, input.loop, site, events, start, input);
    }
    default:
      return openPulled([input], true, site, events, start);
  }
}

function noReplay(): BulkheadError {
  return new BulkheadError(ErrorCodes.inputNotFound, 'No replay has been saved yet.', {
    remedy: '"bulkhead replay save" saves one.',
  });
}

async function contextOf(
  input: SourceConfig,
  { video, format, ...site }: SourceSite,
): Promise<SourceContext> {
  const { filters } = input;
  return {
    ...(await site.contextOf(input)),
    video: filters === undefined ? video : { ...video, filters },
    format,
  };
}

async function openPulled(
  inputs: readonly Pulled[],
  loops: boolean,
  site: SourceSite,
  events: SourceEvents,
  start: SourcePosition,
  { imageSeconds, shuffle = false }: { readonly imageSeconds?: number; readonly shuffle?: boolean } = {},
): Promise<Source> {
  const isOne = inputs.length === 1;
  // What is wrong with it is said at once.
  let known = isOne ? await contextOf(inputs[0] as Pulled, site) : undefined;
  return new PulledSource({
    fps: site.video.fps,
    items: inputs.length,
    loops,
    order: shuffle ? shuffledOrder(inputs.length) : undefined,
    start,
    open: async (item, startS) => {
      const input = inputs[item] as Pulled;
      const context = known ?? (await contextOf(input, site));
      known = undefined;
      const { media } = context;
      const shownS = media !== undefined && isStill(media) ? imageSeconds : undefined;
      const playback = openPlayback(input, context, site, events, { startS, shownS });
      return { playback, durationS: shownS ?? media?.durationS };
    },
    onSkip: (error, isLast) => {
      if (!isOne) events.onSkip(error);
      if (isLast) events.onUnreadable(error);
    },
  });
}

/** Containers that say exactly how long their tracks are. */
const MP4 = /^mov,mp4/;

/** What of a medium is played. */
interface Span {
  readonly startS: number;
  /** How long it is shown, for an image that something follows. */
  readonly shownS: number | undefined;
}

function openPlayback(
  input: Pulled,
  context: SourceContext,
  site: SourceSite,
  events: SourceEvents,
  { startS, shownS }: Span,
): Playback {
  const { ffmpeg, pairs, pool, format } = site;
  const { fps } = site.video;
  const isImage = shownS !== undefined && input.type === 'file';
  const { frames, sound, endless } = pulledArguments(isImage ? { ...input, loop: true } : input, context);
  const leastS = shownS ?? (endless ? Number.POSITIVE_INFINITY : 0);
  const duration = context.media?.durationS;
  const common = {
    durationS: duration === undefined ? undefined : duration - startS,
    onLoss: (exit: FfmpegExit) => events.onLoss(exit, input),
    onDamage: (fromS: number, toS: number) => events.onDamage(input, startS + fromS, startS + toS),
  };
  return new Playback({
    fps,
    format,
    leastSlots: Math.max(0, leastS - startS) * fps,
    endS: MP4.test(context.media?.frame?.container ?? '') ? common.durationS : undefined,
    still: () => plainFrame(pool),
    frames:
      frames &&
      new PulledTrack({
        ...common,
        firstS: -Math.min(startS, BEFORE_FRAME / fps),
        open: (fromS) => {
          const queue = new FrameQueue({ pool, limit: framesAhead(fps), waits: true });
          const process = new SourceProcess({
            ffmpeg,
            pairs,
            args: frames(startS + fromS),
            readers: [queue],
          });
          return { queue, process, fromS };
        },
        endOf: ({ queue, fromS }) => (Math.round((fromS + queue.lastS) * fps) + 1 - BEFORE_FRAME) / fps,
      }),
    sound:
      sound &&
      new PulledTrack({
        ...common,
        firstS: -Math.min(startS, BEFORE_SAMPLE_S),
        open: (fromS) => {
          const queue = new SoundQueue({ format, limitS: SOUND_AHEAD_S, waits: true });
          const process = new SourceProcess({ ffmpeg, pairs, args: sound(startS + fromS), readers: [queue] });
          return { queue, process, fromS };
        },
        endOf: ({ queue, fromS }) => Math.max(0, fromS + queue.end / format.sampleRate - BEFORE_SAMPLE_S),
      }),
  });
}
