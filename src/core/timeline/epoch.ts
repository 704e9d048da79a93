import { parseAudioPayload } from '../../media/audio-payload.js';
import { parameterSetsOf, withParameterSets } from '../../media/avc.js';
import { FlvDemuxer, type FlvTag } from '../../media/flv-demuxer.js';
import { StreamHeaders } from '../../media/stream-headers.js';
import type { StreamTagKind } from '../../media/stream-tag.js';
import {
  AVC_DATA_OFFSET,
  isLegacyAvc,
  parseVideoPayload,
  withCompositionTime,
} from '../../media/video-payload.js';
import type { LeadLimit } from './lead-limit.js';

/** Where one encoder's FLV bytes go. */
export interface EpochWriter {
  /** From 1; counts the encoder runs of this broadcast. */
  readonly number: number;
  /** Whether the stream has been joined to this epoch: true from its first keyframe until another epoch joins. */
  readonly joined: boolean;
  /** Frames that its encoder has delivered. */
  readonly frames: number;
  /**
   * Takes the next bytes, cut anywhere, read at `readAtMs` (`performance.now()`). The chunk is the timeline's from then
   * on. Once the epoch has ended, or another one has joined, bytes are ignored.
   *
   * @throws BulkheadError `media.invalid` when they are not FLV, `encoder.ahead` when they come much faster than real time;
   * the epoch has ended then.
   */
  write(chunk: Buffer, readAtMs: number): void;
  /** The encoder is gone: whatever else comes from it is ignored. */
  end(): void;
}

export interface EpochOptions {
  /**
   * Whether it joins again, with its next keyframe, after another epoch has taken its place: a publisher that was silent
   * and goes on. An encoder run that has been replaced is over instead.
   */
  readonly mayReturn?: boolean;
  /** Sees each tag as it comes, also while the stream is not joined to this epoch. Must not throw. */
  readonly onTag?: (tag: EpochTag) => void;
}

/** A tag on its encoder's own clock. */
export interface EpochTag {
  readonly kind: StreamTagKind;
  readonly rawMs: number;
  /** PTS − DTS of a frame, ms, never negative. */
  readonly compositionMs: number;
  readonly payload: Buffer;
  readonly readAtMs: number;
}

/** AMF0: a string of ten characters, `onMetaData`. */
const ON_METADATA = Buffer.from('\x02\x00\x0aonMetaData', 'latin1');
/** A longer step between two tags of a track, or any step back, is a jump of the encoder's clock, ms. */
export const MAX_STEP_MS = 2000;

/** One track of an epoch: how its encoder's clock maps to the broadcast's. */
export class EpochTrack {
  /** Broadcast time minus encoder's time, ms; undefined until the track has joined. */
  offsetMs: number | undefined;
  private lastRawMs: number | undefined;

  /** Ms since the track's tag before; undefined for the first one and where the encoder's clock has jumped. */
  step(rawMs: number): number | undefined {
    const stepMs = this.lastRawMs === undefined ? undefined : rawMs - this.lastRawMs;
    this.lastRawMs = rawMs;
    return stepMs === undefined || stepMs < 0 || stepMs > MAX_STEP_MS ? undefined : stepMs;
  }
}

/** One encoder run or publisher session: reads its bytes into tags, and keeps what the timeline has to know of it. */
export class Epoch implements EpochWriter {
  readonly video = new EpochTrack();
  readonly audio = new EpochTrack();
  readonly headers = new StreamHeaders();
  /** Where its first keyframe came on the timeline, ms. */
  startMs = 0;
  /** Undefined until it has joined. */
  lead: LeadLimit | undefined;
  frames = 0;
  /** Nothing more comes from its encoder. */
  ended = false;
  private readonly demuxer = new FlvDemuxer((tag) => this.read(tag));
  private readAtMs = 0;
  /** What goes into each keyframe that lacks it: many encoders send SPS and PPS in the sequence header alone. */
  private parameterSets: Buffer | undefined;

  constructor(
    readonly number: number,
    private readonly options: EpochOptions,
    private readonly take: (epoch: Epoch, tag: EpochTag) => void,
    private readonly isJoined: (epoch: Epoch) => boolean,
  ) {}

  get joined(): boolean {
    return this.isJoined(this);
  }

  get mayReturn(): boolean {
    return this.options.mayReturn === true;
  }

  write(chunk: Buffer, readAtMs: number): void {
    if (this.ended) return;
    this.readAtMs = readAtMs;
    try {
      this.demuxer.push(chunk);
    } catch (error) {
      this.end();
      throw error;
    }
  }

  end(): void {
    this.ended = true;
  }

  private read(tag: FlvTag): void {
    switch (tag.kind) {
      case 'script':
        if (tag.payload.subarray(0, ON_METADATA.length).equals(ON_METADATA)) this.pass('metadata', tag);
        break;
      case 'video':
        this.readVideo(tag);
        break;
      case 'audio': {
        const kind = parseAudioPayload(tag.payload);
        if (kind === 'header') this.pass('audio-header', tag);
        else if (kind === 'frame') this.pass('audio', tag);
        break;
      }
    }
  }

  private readVideo(tag: FlvTag): void {
    const { kind, compositionMs } = parseVideoPayload(tag.payload);
    if (kind === 'other') return;
    if (kind === 'header') {
      this.parameterSets = parameterSetsOf(tag.payload, AVC_DATA_OFFSET);
      this.pass('video-header', tag);
      return;
    }
    this.frames += 1;
    let { payload } = tag;
    if (kind === 'keyframe' && this.parameterSets !== undefined && isLegacyAvc(payload))
      payload = withParameterSets(payload, AVC_DATA_OFFSET, this.parameterSets);
    if (compositionMs < 0) payload = withCompositionTime(payload, 0);
    this.pass(kind, { ...tag, payload }, Math.max(0, compositionMs));
  }

  private pass(kind: StreamTagKind, { timestampMs, payload }: FlvTag, compositionMs = 0): void {
    const tag = { kind, rawMs: timestampMs, compositionMs, payload, readAtMs: this.readAtMs };
    this.options.onTag?.(tag);
    this.take(this, tag);
  }
}
