import { parseAacHeader } from '../../media/aac.js';
import { audioSpecificConfigOf } from '../../media/audio-payload.js';
import { parseAvcConfig } from '../../media/sps.js';
import type { StreamTag } from '../../media/stream-tag.js';
import { AVC_DATA_OFFSET, isLegacyAvc, parseVideoPayload } from '../../media/video-payload.js';
import type { Viewer } from '../live-stream.js';
import {
  aacSampleEntry,
  avcSampleEntry,
  fragment,
  initialBoxes,
  type Sample,
  type TrackRun,
} from './mp4-boxes.js';

const VIDEO_ID = 1;
const AUDIO_ID = 2;
const VIDEO_TIMESCALE = 90_000;
const AAC_FRAME_SAMPLES = 1024;
const AAC_DATA_OFFSET = 2;
const DEFAULT_SIZE = { width: 1280, height: 720 };
/** A segment has at least this duration, and ends at the next keyframe, ms. */
const MIN_SEGMENT_MS = 1000;
/** A segment that exceeds these has no keyframe for a player to start at: it is dropped. */
const MAX_SEGMENT_MS = 20_000;
const MAX_SEGMENT_BYTES = 12 * 1024 * 1024;
/** Sound whose timestamps differ by less than this from the end of the previous frames continues without a gap, ms. */
const SOUND_TOLERANCE_MS = 40;

/** What players need before a segment: `ftyp` and `moov`. */
export interface InitSegment {
  readonly bytes: Buffer;
}

export interface Segment {
  readonly bytes: Buffer;
  readonly init: InitSegment;
  readonly durationMs: number;
  /** Something before it is missing, or its timestamps are not continuous. */
  readonly discontinuous: boolean;
}

interface Sound {
  readonly header: Buffer;
  readonly sampleRate: number;
  readonly entry: Buffer;
}

/**
 * Cuts a stream of H.264 with AAC-LC, or without sound, into segments of fragmented MP4, each from one keyframe to another.
 * Other codecs produce no segments.
 */
export class HlsSegments implements Viewer {
  private videoHeader: Buffer | undefined;
  private sound: Sound | undefined;
  private init: InitSegment | undefined;
  private tags: StreamTag[] = [];
  private bytes = 0;
  private sequence = 0;
  private interrupted = true;
  private nextSoundTime: number | undefined;

  /** @param onSegment called with each segment when it is complete, i.e. when the next one begins */
  constructor(private readonly onSegment: (segment: Segment) => void) {}

  onTag(tag: StreamTag): void {
    switch (tag.kind) {
      case 'metadata':
        break;
      case 'video-header':
        this.replaceVideoHeader(tag.payload);
        break;
      case 'audio-header':
        this.replaceSound(tag.payload);
        break;
      default:
        this.take(tag);
    }
  }

  /** The stream has ended: the frames since the last keyframe are a segment, too. */
  onEnd(): void {
    const last = this.tags.at(-1);
    if (last !== undefined) this.cut(last.timestampMs + 1);
    this.interrupted = true;
    this.nextSoundTime = undefined;
  }

  private replaceVideoHeader(payload: Buffer): void {
    if (this.videoHeader?.equals(payload) === true) return;
    this.restart();
    this.videoHeader = isLegacyAvc(payload) ? payload : undefined;
  }

  private replaceSound(payload: Buffer): void {
    if (this.sound?.header.equals(payload) === true) return;
    this.restart();
    this.sound = soundOf(payload);
  }

  /** Media coded differently needs another init segment. */
  private restart(): void {
    const last = this.tags.at(-1);
    if (last !== undefined) this.cut(last.timestampMs + 1);
    this.init = undefined;
    this.interrupted = true;
    this.nextSoundTime = undefined;
  }

  private take(tag: StreamTag): void {
    const [first] = this.tags;
    if (
      tag.kind === 'keyframe' &&
      first !== undefined &&
      tag.timestampMs - first.timestampMs >= MIN_SEGMENT_MS
    )
      this.cut(tag.timestampMs);
    if (this.videoHeader === undefined) return;
    if (this.tags.length === 0 && (tag.kind !== 'keyframe' || !isLegacyAvc(tag.payload))) return;
    const start = this.tags[0]?.timestampMs ?? tag.timestampMs;
    this.tags.push(tag);
    this.bytes += tag.payload.length;
    const isTooLong = Math.abs(tag.timestampMs - start) > MAX_SEGMENT_MS;
    if (isTooLong || this.bytes > MAX_SEGMENT_BYTES) {
      this.forget();
      this.interrupted = true;
    }
  }

  private cut(endMs: number): void {
    const { tags, sound } = this;
    const [first] = tags;
    this.forget();
    if (first === undefined || this.videoHeader === undefined) return;
    this.init ??= this.makeInit(this.videoHeader);
    const runs = [videoRun(tags, endMs)];
    const frames = tags.filter(({ kind, payload }) => kind === 'audio' && payload.length > AAC_DATA_OFFSET);
    if (sound !== undefined && frames.length > 0) runs.push(this.soundRun(frames, sound));
    this.sequence += 1;
    const bytes = fragment(this.sequence, runs);
    const durationMs = endMs - first.timestampMs;
    this.onSegment({ bytes, init: this.init, durationMs, discontinuous: this.interrupted });
    this.interrupted = false;
  }

  private forget(): void {
    this.tags = [];
    this.bytes = 0;
  }

  private makeInit(videoHeader: Buffer): InitSegment {
    const configuration = videoHeader.subarray(AVC_DATA_OFFSET);
    // Players read the size from the parameter sets; the boxes need one as well.
    const { width, height } = parseAvcConfig(configuration) ?? DEFAULT_SIZE;
    const video = {
      id: VIDEO_ID,
      kind: 'video',
      timescale: VIDEO_TIMESCALE,
      width,
      height,
      sampleEntry: avcSampleEntry(width, height, configuration),
    } as const;
    const { sound } = this;
    if (sound === undefined) return { bytes: initialBoxes([video]) };
    const audio = {
      id: AUDIO_ID,
      kind: 'audio',
      timescale: sound.sampleRate,
      width: 0,
      height: 0,
      sampleEntry: sound.entry,
    } as const;
    return { bytes: initialBoxes([video, audio]) };
  }

  private soundRun(frames: readonly StreamTag[], { sampleRate }: Sound): TrackRun {
    const samples = frames.map(
      ({ payload }): Sample => ({
        data: payload.subarray(AAC_DATA_OFFSET),
        duration: AAC_FRAME_SAMPLES,
        compositionOffset: 0,
        isSync: true,
      }),
    );
    // Timestamps are whole milliseconds, but frame durations are not.
    const stated = Math.round(((frames[0]?.timestampMs ?? 0) * sampleRate) / 1000);
    const next = this.nextSoundTime;
    const tolerance = (SOUND_TOLERANCE_MS * sampleRate) / 1000;
    const baseTime = next !== undefined && Math.abs(stated - next) < tolerance ? next : stated;
    this.nextSoundTime = baseTime + samples.length * AAC_FRAME_SAMPLES;
    return { trackId: AUDIO_ID, baseTime, samples };
  }
}

function videoRun(tags: readonly StreamTag[], endMs: number): TrackRun {
  const toUnits = (ms: number) => Math.round((ms * VIDEO_TIMESCALE) / 1000);
  const frames = tags.filter(({ kind, payload }) => kind !== 'audio' && isLegacyAvc(payload));
  const samples = frames.map(({ kind, timestampMs, payload }, index): Sample => {
    const endsAtMs = frames[index + 1]?.timestampMs ?? endMs;
    return {
      data: payload.subarray(AVC_DATA_OFFSET),
      duration: Math.max(0, toUnits(endsAtMs) - toUnits(timestampMs)),
      compositionOffset: toUnits(parseVideoPayload(payload).compositionMs),
      isSync: kind === 'keyframe',
    };
  });
  return { trackId: VIDEO_ID, baseTime: toUnits(frames[0]?.timestampMs ?? 0), samples };
}

function soundOf(header: Buffer): Sound | undefined {
  const configuration = audioSpecificConfigOf(header);
  const { sampleRate, channels } = parseAacHeader(header);
  if (configuration === undefined || sampleRate === undefined || channels === undefined) return undefined;
  return { header, sampleRate, entry: aacSampleEntry(sampleRate, channels, configuration) };
}
