import type { SourceConfig, VideoConfig } from '../../config/schema.js';
import type { SourcePosition } from '../../protocol/encoder.js';
import type { BulkheadError } from '../../protocol/errors.js';
import { microphoneOf } from '../arguments/capture-arguments.js';
import {
  type Captured,
  capturedArguments,
  isNoTransportStream,
  type Pulled,
  pulledArguments,
  type Received,
  receivedArguments,
  type SourceContext,
} from '../arguments/source-arguments.js';
import { type Frame, type FramePool, paint } from '../canvas/frame-pool.js';
import type { EncodeContext } from '../encode-context.js';
import type { FfmpegExit } from '../ffmpeg-errors.js';
import type { FfmpegLogLine } from '../log-line.js';
import type { AudioFormat } from '../tracks/audio-encoder.js';
import { FrameQueue } from './frame-queue.js';
import { LateTracks } from './late-tracks.js';
import { LiveReceiver, type LiveReceiverOptions } from './live-receiver.js';
import { LiveSource } from './live-source.js';
import { BEFORE_FRAME, BEFORE_SAMPLE_S, Playback } from './playback.js';
import { expandPlaylist } from './playlist.js';
import { PulledSource } from './pulled-source.js';
import { PulledTrack } from './pulled-track.js';
import type { SocketPairs } from './socket-pairs.js';
import { SoundQueue } from './sound-queue.js';
import type { Source } from './source.js';
import { type FfmpegOptions, SourceProcess } from './source-process.js';

/** What sources are opened with. */
export interface SourceSite {
  readonly ffmpeg: FfmpegOptions;
  readonly pairs: SocketPairs;
  readonly pool: FramePool;
  readonly video: VideoConfig;
  readonly format: AudioFormat;
  /** Finds out what the arguments for a source depend on. Rejects with what is wrong with the source. */
  readonly contextOf: (input: SourceConfig) => Promise<EncodeContext>;
}

export interface SourceEvents {
  /** A process of `input` has ended that should not have, or could not be started; another one will be. */
  readonly onLoss: (exit: FfmpegExit, input: SourceConfig) => void;
  /** A file of a playlist cannot be read, and has been passed over. */
  readonly onSkip: (error: BulkheadError) => void;
  /** None of the files can be read; they will be tried again. */
  readonly onUnreadable: (error: BulkheadError) => void;
  /** What lies between, s from its start, cannot be read and has been left out. */
  readonly onDamage: (input: SourceConfig, fromS: number, toS: number) => void;
}

/** What is read ahead of a source that waits, s. */
const FRAMES_AHEAD_S = 0.2;
const SOUND_AHEAD_S = 1.5;
/** What is kept of a live source at most, s: it may have to wait for its other track. */
const LIVE_FRAMES_S = 0.7;
const LIVE_SOUND_S = 2;
const FEWEST_FRAMES = 3;
/** The live server keeps its player until something is published, and is soon there again when it has been lost. */
const INGEST_PATIENCE = { startupMs: 60_000, maxRetryMs: 1000 } as const;

/** Frames that sources need at this rate at most: the one on air, the one that follows it, one that replaces it, and a fallback. */
export function framesOfSources(fps: number): number {
  return framesAhead(fps) * 4 + Math.ceil(LIVE_FRAMES_S * fps);
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
      return openDevice(input, await contextOf(input, site), site, events);
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
    case 'file':
      return openPulled([input], input.loop, site, events, start);
    case 'playlist': {
      const files = await expandPlaylist(input.items);
      const media = files.map((path) => ({ type: 'file', path, loop: false }) as const);
      return openPulled(media, input.loop, site, events, start);
    }
    default:
      return openPulled([input], true, site, events, start);
  }
}

async function contextOf(
  input: SourceConfig,
  { video, format, ...site }: SourceSite,
): Promise<SourceContext> {
  return { ...(await site.contextOf(input)), video, format };
}

async function openPulled(
  inputs: readonly Pulled[],
  loops: boolean,
  site: SourceSite,
  events: SourceEvents,
  start: SourcePosition,
): Promise<Source> {
  const isOne = inputs.length === 1;
  // What is wrong with it is said at once.
  let known = isOne ? await contextOf(inputs[0] as Pulled, site) : undefined;
  return new PulledSource({
    fps: site.video.fps,
    items: inputs.length,
    loops,
    start,
    open: async (item, startS) => {
      const input = inputs[item] as Pulled;
      const context = known ?? (await contextOf(input, site));
      known = undefined;
      const playback = openPlayback(input, context, site, events, startS);
      return { playback, durationS: context.media?.durationS };
    },
    onSkip: (error, isLast) => {
      if (!isOne) events.onSkip(error);
      if (isLast) events.onUnreadable(error);
    },
  });
}

function openPlayback(
  input: Pulled,
  context: SourceContext,
  site: SourceSite,
  events: SourceEvents,
  startS: number,
): Playback {
  const { ffmpeg, pairs, pool, format } = site;
  const { fps } = site.video;
  const { frames, sound, endless } = pulledArguments(input, context);
  const duration = context.media?.durationS;
  const common = {
    durationS: duration === undefined ? undefined : duration - startS,
    onLoss: (exit: FfmpegExit) => events.onLoss(exit, input),
    onDamage: (fromS: number, toS: number) => events.onDamage(input, startS + fromS, startS + toS),
  };
  return new Playback({
    fps,
    format,
    endless,
    still: () => plainFrame(pool),
    frames:
      frames &&
      new PulledTrack({
        ...common,
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
        open: (fromS) => {
          const queue = new SoundQueue({ format, limitS: SOUND_AHEAD_S, waits: true });
          const process = new SourceProcess({ ffmpeg, pairs, args: sound(startS + fromS), readers: [queue] });
          return { queue, process, fromS };
        },
        endOf: ({ queue, fromS }) => Math.max(0, fromS + queue.end / format.sampleRate - BEFORE_SAMPLE_S),
      }),
  });
}

function openReceived(
  input: Received,
  context: SourceContext,
  site: SourceSite,
  events: SourceEvents,
): Source {
  let mayBeTransportStream = true;
  const receiver = receiverOf(site, {
    hasFrames: true,
    hasSound: true,
    argsOf: () => receivedArguments(input, context, mayBeTransportStream),
    onLoss: (exit) => {
      if (isNoTransportStream(exit.log)) mayBeTransportStream = false;
      else events.onLoss(exit, input);
    },
    isPublished: input.type === 'ingest',
  });
  return new LiveSource({ frames: receiver, sound: undefined, still: () => plainFrame(site.pool) });
}

function openDevice(input: Captured, context: SourceContext, site: SourceSite, events: SourceEvents): Source {
  const { frames, sound } = capturedArguments(input, context);
  const microphone: SourceConfig = { type: 'microphone', device: microphoneOf(input) };
  const receive = (args: readonly string[], of: SourceConfig, hasFrames: boolean) =>
    receiverOf(site, {
      hasFrames,
      hasSound: !hasFrames,
      argsOf: () => args,
      onLoss: (exit) => events.onLoss(exit, of),
    });
  return new LiveSource({
    frames: frames && receive(frames, input, true),
    sound: sound && receive(sound, microphone, false),
    still: () => plainFrame(site.pool),
  });
}

/** What is received by one process. */
interface Receiving extends Pick<LiveReceiverOptions, 'onLoss'> {
  readonly hasFrames: boolean;
  readonly hasSound: boolean;
  /** Of each process. */
  readonly argsOf: () => readonly string[];
  /** Whether it is what is published to an ingest, which may be nothing yet, and is live whatever it says of its duration. */
  readonly isPublished?: boolean;
}

function receiverOf(
  { ffmpeg, pairs, pool, video: { fps }, format }: SourceSite,
  { hasFrames, hasSound, argsOf, onLoss, isPublished = false }: Receiving,
): LiveReceiver {
  const lateTracks = new LateTracks();
  let opensAgain = false;
  return new LiveReceiver({
    ...(isPublished ? INGEST_PATIENCE : {}),
    ...{ fps, format },
    onLoss: (exit) => {
      if (opensAgain) opensAgain = false;
      else onLoss(exit);
    },
    open: () => {
      const frames = hasFrames
        ? new FrameQueue({ pool, limit: Math.ceil(LIVE_FRAMES_S * fps), waits: false })
        : undefined;
      const sound = hasSound ? new SoundQueue({ format, limitS: LIVE_SOUND_S, waits: false }) : undefined;
      const readers = [frames, sound].filter((reader) => reader !== undefined);
      const onLog = (line: FfmpegLogLine) => {
        ffmpeg.onLog(line);
        // A recording, which arrives as fast as it is read.
        if (frames !== undefined && !isPublished && hasDuration(line.text)) frames.waits = true;
        if (lateTracks.calls(line, { frames: frames?.arrived ?? 0, sound: sound?.arrived ?? 0 })) {
          opensAgain = true;
          process.kill();
        }
      };
      const process: SourceProcess = new SourceProcess({
        ffmpeg: { ...ffmpeg, onLog },
        pairs,
        args: argsOf(),
        readers,
      });
      return { process, frames, sound };
    },
  });
}

/** Whether ffmpeg says in this line of its log that an input has an end. Of what is published by RTMP it may say that it lasts 0 s. */
export function hasDuration(line: string): boolean {
  return /^\s*Duration: (?!00:00:00)\d/.test(line);
}

/** The frame of a source without frames. */
export function plainFrame(pool: FramePool): Frame | undefined {
  const frame = pool.acquire();
  if (frame !== undefined) paint(frame, { red: 0x1b, green: 0x2a, blue: 0x38 });
  return frame;
}
