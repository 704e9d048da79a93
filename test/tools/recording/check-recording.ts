import { type AvOffset, avOffset } from './av-offset.js';
import { beepTimes, longestSilence } from './beeps.js';
import { type DecodedFrame, decode } from './decode.js';
import { type FrameOrder, frameOrder } from './frame-order.js';
import { type Packet, readPackets } from './read-packets.js';
import { frameLength, type TrackTimes, trackTimes } from './track-times.js';

export interface CheckOptions {
  /** Frames per second of the clip that was played; the recording's own if undefined. */
  readonly rate?: number | undefined;
  /** Frames of the clip, if it was looped. */
  readonly loop?: number | undefined;
  /** What is before is not checked, ms of the recording's timestamps. */
  readonly fromMs?: number | undefined;
}

export interface VideoCheck extends TrackTimes {
  /** Decoded. */
  readonly frames: number;
  /** Time from one frame to the next, ms. */
  readonly frameMs: number;
  /** Frames that the timestamps leave room for. */
  readonly missingSlots: number;
  /** Longest time without a change, ms. */
  readonly longestStillMs: number;
  /** Times without a change of more than 1.5 frames, ms. */
  readonly stills: readonly { readonly ptsMs: number; readonly lengthMs: number }[];
  /** If the frames are numbered. */
  readonly order?: FrameOrder;
  readonly firstNumber?: number | undefined;
  readonly lastNumber?: number | undefined;
}

export interface AudioCheck extends TrackTimes {
  readonly beeps: number;
  readonly longestSilenceMs: number;
}

/** What a viewer of the recording sees and hears. */
export interface RecordingCheck {
  readonly file: string;
  readonly decodeErrors: readonly string[];
  readonly video?: VideoCheck;
  readonly audio?: AudioCheck;
  /** If it has both. */
  readonly av?: AvOffset & {
    /** How much later the sound begins, ms. */
    readonly startMs: number;
    /** How much later the sound ends, ms. */
    readonly endMs: number;
  };
}

/** Mean difference in brightness. Encoders change a still frame by up to 0.2, at its keyframes; a moving test pattern changes by 1 and more. */
const NO_CHANGE = 0.3;

/** Decodes a recording and measures it. Rejects if it can't be read at all. */
export async function checkRecording(file: string, options: CheckOptions = {}): Promise<RecordingCheck> {
  const { fromMs = Number.NEGATIVE_INFINITY } = options;
  const isChecked = ({ ptsMs }: { ptsMs: number }) => ptsMs >= fromMs;
  const all = await readPackets(file);
  const packets = { video: all.video.filter(isChecked), audio: all.audio.filter(isChecked) };
  const hasVideo = packets.video.length > 0;
  const hasAudio = packets.audio.length > 0;
  const decoded = await decode(file, { video: hasVideo, audio: hasAudio });
  const { errors } = decoded;
  const [frames, levels] = [decoded.frames.filter(isChecked), decoded.levels.filter(isChecked)];
  const video = hasVideo ? checkVideo(packets.video, frames, options) : undefined;
  const beeps = beepTimes(levels);
  const audio: AudioCheck | undefined = hasAudio
    ? { ...trackTimes(packets.audio), beeps: beeps.length, longestSilenceMs: longestSilence(levels) }
    : undefined;
  return {
    file,
    decodeErrors: errors,
    ...(video === undefined ? {} : { video }),
    ...(audio === undefined ? {} : { audio }),
    ...(video === undefined || audio === undefined
      ? {}
      : {
          av: {
            ...avOffset(flashTimes(frames), beeps),
            startMs: audio.firstMs - video.firstMs,
            endMs: audio.endMs - video.endMs,
          },
        }),
  };
}

function checkVideo(
  packets: readonly Packet[],
  frames: readonly DecodedFrame[],
  { rate, loop }: CheckOptions,
): VideoCheck {
  const frameMs = frameLength(packets);
  const times = trackTimes(packets);
  const readable = frames.filter(({ marks }) => marks !== undefined);
  const numbered = frames.map(({ ptsMs, marks }) => ({ ptsMs, number: marks?.number }));
  // A row of marks by chance is rare; a slate among numbered frames is not.
  const isNumbered = readable.length * 2 > frames.length;
  const step = rate === undefined ? 1 : (rate * frameMs) / 1000;
  const stills = stillTimes(frames, frameMs);
  return {
    ...times,
    endMs: times.lastMs + frameMs,
    frames: frames.length,
    frameMs,
    missingSlots: missingSlots(packets, frameMs),
    stills,
    longestStillMs: stills.reduce((most, { lengthMs }) => Math.max(most, lengthMs), 0),
    ...(isNumbered
      ? {
          order: frameOrder(numbered, { frameMs, step, loop }),
          firstNumber: readable[0]?.marks?.number,
          lastNumber: readable.at(-1)?.marks?.number,
        }
      : {}),
  };
}

function missingSlots(packets: readonly Packet[], frameMs: number): number {
  const times = packets.map(({ ptsMs }) => ptsMs).sort((a, b) => a - b);
  return times
    .slice(1)
    .map((time, index) => Math.max(0, Math.round((time - (times[index] ?? time)) / frameMs) - 1))
    .reduce((sum, slots) => sum + slots, 0);
}

/** By the number where there is one, else by the content. */
function stillTimes(frames: readonly DecodedFrame[], frameMs: number): VideoCheck['stills'] {
  const stills: { ptsMs: number; lengthMs: number }[] = [];
  let since = frames[0]?.ptsMs ?? 0;
  const close = (untilMs: number) => {
    if (untilMs - since > 1.5 * frameMs) stills.push({ ptsMs: since, lengthMs: untilMs - since });
    since = untilMs;
  };
  for (const [index, frame] of frames.entries()) {
    const before = frames[index - 1];
    if (before === undefined) continue;
    const isSame =
      frame.marks !== undefined && before.marks !== undefined
        ? frame.marks.number === before.marks.number
        : frame.difference < NO_CHANGE;
    if (!isSame) close(frame.ptsMs);
  }
  const last = frames.at(-1);
  if (last !== undefined) close(last.ptsMs + frameMs);
  return stills;
}

function flashTimes(frames: readonly DecodedFrame[]): number[] {
  return frames
    .filter(({ marks }, index) => marks?.flash === true && frames[index - 1]?.marks?.flash === false)
    .map(({ ptsMs }) => ptsMs);
}
