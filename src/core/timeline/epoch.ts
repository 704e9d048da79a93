import { parseAudioPayload } from '../../media/audio-payload.js';
import {
  type ExtraPacket,
  extraAudio,
  extraVideo,
  ordinaryAudio,
  ordinaryVideo,
} from '../../media/enhanced-packets.js';
import { FlvDemuxer, type FlvTag } from '../../media/flv-demuxer.js';
import { StreamHeaders } from '../../media/stream-headers.js';
import type { StreamTagKind } from '../../media/stream-tag.js';
import { MAX_RENDITION } from '../../protocol/encoder.js';
import type { LeadLimit } from './lead-limit.js';
import { VideoReader } from './video-reader.js';

/** Receives one encoder's FLV bytes. */
export interface EpochWriter {
  /** From 1; counts the encoder runs of this broadcast. */
  readonly number: number;
  /** Whether this epoch is on the stream: true from its first keyframe until another epoch joins. */
  readonly joined: boolean;
  /** Frames that its encoder has delivered. */
  readonly frames: number;
  /**
   * Takes the next bytes, in any chunks, read at `readAtMs` (`performance.now()`). The timeline keeps the chunk. Once the
   * epoch has ended, or another one has joined, bytes are ignored.
   *
   * @throws BulkheadError `media.invalid` if they are not FLV, `encoder.ahead` if they arrive much faster than real time;
   * the epoch has then ended.
   */
  write(chunk: Buffer, readAtMs: number): void;
  /** The encoder has exited: further bytes from it are ignored. */
  end(): void;
}

export interface EpochOptions {
  /**
   * Whether it joins again, with its next keyframe, after another epoch has joined: a publisher that was silent and
   * continues. An encoder run that has been replaced is over.
   */
  readonly mayReturn?: boolean;
  /** Whether its media may have renditions: tags with another stream id than 0. */
  readonly hasRenditions?: boolean;
  /**
   * Called for each tag before the timeline takes it, even while this epoch is not on the stream. What it throws ends the epoch, and
   * comes out of `write`.
   */
  readonly onTag?: (tag: EpochTag) => void;
}

/** A tag with timestamps of its encoder's clock. */
export interface EpochTag {
  readonly kind: StreamTagKind;
  /** As in a `StreamTag`. */
  readonly track?: number;
  /** The rendition that it belongs to; undefined for the programme. */
  readonly rendition?: number;
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

/** One track of an epoch: maps its encoder's clock to the broadcast's. */
export class EpochTrack {
  /** Broadcast time minus encoder's time, ms; undefined until the track has joined. */
  offsetMs: number | undefined;
  private lastRawMs: number | undefined;

  /** Ms since the track's previous tag; undefined for the first one and where the encoder's clock has jumped. */
  step(rawMs: number): number | undefined {
    const stepMs = this.lastRawMs === undefined ? undefined : rawMs - this.lastRawMs;
    this.lastRawMs = rawMs;
    return stepMs === undefined || stepMs < 0 || stepMs > MAX_STEP_MS ? undefined : stepMs;
  }
}

/** One encoder run or publisher session: parses its bytes into tags, and holds its state on the timeline. */
export class Epoch implements EpochWriter {
  readonly video = new EpochTrack();
  readonly audio = new EpochTrack();
  readonly headers = new StreamHeaders();
  /** The further tracks' latest headers, by `trackKey`. */
  readonly extraHeaders = new Map<string, Buffer>();
  /** The latest headers of renditions. */
  readonly renditionHeaders = new Map<number, StreamHeaders>();
  /** Position of its first keyframe on the timeline, ms. */
  startMs = 0;
  /** Undefined until it has joined. */
  lead: LeadLimit | undefined;
  frames = 0;
  /** Its encoder delivers nothing more. */
  ended = false;
  private readonly demuxer: FlvDemuxer;
  private readAtMs = 0;
  private readonly videoReader = new VideoReader();
  private readonly renditionReaders = new Map<number, VideoReader>();

  constructor(
    readonly number: number,
    private readonly options: EpochOptions,
    private readonly take: (epoch: Epoch, tag: EpochTag) => void,
    private readonly isJoined: (epoch: Epoch) => boolean,
  ) {
    const maxStream = options.hasRenditions === true ? MAX_RENDITION : 0;
    this.demuxer = new FlvDemuxer((tag) => this.read(tag), undefined, maxStream);
  }

  get joined(): boolean {
    return this.isJoined(this);
  }

  get mayReturn(): boolean {
    return this.options.mayReturn === true;
  }

  /** Whether its further tracks are those of an encoder, which begins them all at once. */
  get announcesExtra(): boolean {
    return this.options.hasRenditions === true;
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
    if (tag.stream !== undefined) {
      this.readRendition(tag, tag.stream);
      return;
    }
    switch (tag.kind) {
      case 'script':
        if (isMetadata(tag)) this.pass('metadata', tag);
        break;
      case 'video':
        this.readVideo({ ...tag, payload: ordinaryVideo(tag.payload) });
        this.passExtra(extraVideo(tag.payload), tag);
        break;
      case 'audio':
        this.readAudio({ ...tag, payload: ordinaryAudio(tag.payload) });
        this.passExtra(extraAudio(tag.payload), tag);
        break;
    }
  }

  private readAudio(tag: FlvTag): void {
    const kind = parseAudioPayload(tag.payload);
    if (kind === 'header') this.pass('audio-header', tag);
    else if (kind === 'frame') this.pass('audio', tag);
  }

  private readVideo(tag: FlvTag): void {
    const video = this.videoReader.read(tag.payload);
    if (video === undefined) return;
    if (video.kind !== 'video-header') this.frames += 1;
    this.passTag({ ...video, rawMs: tag.timestampMs, readAtMs: this.readAtMs });
  }

  private readRendition(tag: FlvTag, rendition: number): void {
    const { readAtMs } = this;
    const rawMs = tag.timestampMs;
    if (tag.kind === 'script' && isMetadata(tag)) {
      this.passTag({ kind: 'metadata', rendition, rawMs, compositionMs: 0, payload: tag.payload, readAtMs });
    }
    if (tag.kind === 'audio') {
      const what = parseAudioPayload(tag.payload);
      const kind = what === 'header' ? 'audio-header' : 'audio';
      if (what === 'header' || what === 'frame')
        this.passTag({ kind, rendition, rawMs, compositionMs: 0, payload: tag.payload, readAtMs });
    }
    if (tag.kind !== 'video') return;
    const reader = this.renditionReaders.get(rendition) ?? new VideoReader();
    this.renditionReaders.set(rendition, reader);
    const video = reader.read(tag.payload);
    if (video !== undefined) this.passTag({ ...video, rendition, rawMs, readAtMs });
  }

  private passExtra(packets: readonly ExtraPacket[], { timestampMs }: FlvTag): void {
    for (const packet of packets) {
      this.passTag({ ...packet, rawMs: timestampMs, compositionMs: 0, readAtMs: this.readAtMs });
    }
  }

  private pass(kind: StreamTagKind, { timestampMs, payload }: FlvTag): void {
    this.passTag({ kind, rawMs: timestampMs, compositionMs: 0, payload, readAtMs: this.readAtMs });
  }

  private passTag(tag: EpochTag): void {
    this.options.onTag?.(tag);
    this.take(this, tag);
  }
}

function isMetadata({ payload }: FlvTag): boolean {
  return payload.subarray(0, ON_METADATA.length).equals(ON_METADATA);
}
