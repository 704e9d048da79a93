import { soundOf } from '../arguments/capture-arguments.js';
import { xDisplay } from '../arguments/screen-arguments.js';
import {
  type Captured,
  capturedArguments,
  isNoTransportStream,
  type Received,
  receivedArguments,
  type SourceContext,
} from '../arguments/source-arguments.js';
import { plainFrame } from '../canvas/frame-pool.js';
import type { FfmpegLogLine } from '../log-line.js';
import { findWindow, type XWindow } from '../x11/find-window.js';
import { FrameQueue } from './frame-queue.js';
import { LateTracks } from './late-tracks.js';
import { LiveReceiver, type LiveReceiverOptions } from './live-receiver.js';
import { LiveSource } from './live-source.js';
import { SoundQueue } from './sound-queue.js';
import type { Source } from './source.js';
import { SourceProcess } from './source-process.js';
import type { SourceEvents, SourceSite } from './source-site.js';
import { WindowFollower } from './window-follower.js';

/** What is kept of a live source at most, s: it may have to wait for its other track. */
export const LIVE_FRAMES_S = 0.7;
const LIVE_SOUND_S = 2;
/** The live server keeps its player until something is published, and is soon there again when it has been lost. */
const INGEST_PATIENCE = { startupMs: 60_000, maxRetryMs: 1000 } as const;

/** Opens an address or an ingest. */
export function openReceived(
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

/** Opens a screen, a camera, a microphone or what the computer plays. */
export function openDevice(
  input: Captured,
  context: SourceContext,
  site: SourceSite,
  events: SourceEvents,
): Source {
  const { frames, sound } = capturedArguments(input, context);
  let frameArguments = frames ?? [];
  let reopenFrames = () => {};
  const follower = followerOf(input, context, (window) => {
    frameArguments = capturedArguments(input, { ...context, window }).frames ?? [];
    reopenFrames();
  });
  return new LiveSource({
    frames:
      frames &&
      receiverOf(site, {
        ...{ hasFrames: true, hasSound: false },
        argsOf: () => frameArguments,
        onOpen: (reopen) => {
          reopenFrames = reopen;
        },
        onLoss: (exit) => events.onLoss(exit, input),
      }),
    sound:
      sound &&
      receiverOf(site, {
        ...{ hasFrames: false, hasSound: true },
        argsOf: () => sound,
        onLoss: (exit) => events.onLoss(exit, soundOf(input) ?? input),
      }),
    still: () => plainFrame(site.pool),
    follower,
  });
}

/** Follows the window that is captured; undefined if there is none. */
function followerOf(
  input: Captured,
  context: SourceContext,
  onChange: (window: XWindow) => void,
): WindowFollower | undefined {
  if (input.type !== 'screen' || input.window === undefined || context.window === undefined) return undefined;
  const { window: title } = input;
  const display = xDisplay(input.display, context);
  const find = (before: number) => findWindow(display, title, before);
  return new WindowFollower({ window: context.window, find, onChange });
}

/** What is received by one process. */
interface Receiving extends Pick<LiveReceiverOptions, 'onLoss'> {
  readonly hasFrames: boolean;
  readonly hasSound: boolean;
  /** Of each process. */
  readonly argsOf: () => readonly string[];
  /** Gets what ends the process that has been started, for another one that takes its place. That is no loss. */
  readonly onOpen?: (reopen: () => void) => void;
  /** Whether it is what is published to an ingest, which may be nothing yet, and is live whatever it says of its duration. */
  readonly isPublished?: boolean;
}

function receiverOf(
  { ffmpeg, pairs, pool, video: { fps }, format }: SourceSite,
  { hasFrames, hasSound, argsOf, onOpen, onLoss, isPublished = false }: Receiving,
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
        if (lateTracks.calls(line, { frames: frames?.arrived ?? 0, sound: sound?.arrived ?? 0 })) reopen();
      };
      const process: SourceProcess = new SourceProcess({
        ffmpeg: { ...ffmpeg, onLog },
        pairs,
        args: argsOf(),
        readers,
      });
      let hasExited = false;
      void process.exited.then(() => {
        hasExited = true;
      });
      const reopen = () => {
        if (hasExited) return;
        opensAgain = true;
        process.kill();
      };
      onOpen?.(reopen);
      return { process, frames, sound };
    },
  });
}

/** Whether ffmpeg says in this line of its log that an input has an end. Of what is published by RTMP it may say that it lasts 0 s. */
export function hasDuration(line: string): boolean {
  return /^\s*Duration: (?!00:00:00)\d/.test(line);
}
