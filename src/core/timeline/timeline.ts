import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../base/disposable-store.js';
import { Emitter, type Event } from '../../base/event.js';
import { parseAacHeader } from '../../media/aac.js';
import { type HeaderKind, isHeaderKind, StreamHeaders } from '../../media/stream-headers.js';
import {
  carrierOf,
  isExtraHeader,
  isExtraKind,
  type StreamTag,
  type StreamTagKind,
  trackKey,
} from '../../media/stream-tag.js';
import type { TimelineStatus } from '../../protocol/status/status.js';
import { AudioTrack } from './audio-track.js';
import { Epoch, type EpochOptions, type EpochTag, type EpochWriter, MAX_STEP_MS } from './epoch.js';
import { ExtraTracks } from './extra-tracks.js';
import { LeadLimit } from './lead-limit.js';
import { MAX_DISTANCE_MS, RenditionTracks } from './rendition-tracks.js';
import { Slate } from './slate.js';
import { VideoTrack } from './video-track.js';

export type { EpochOptions, EpochWriter } from './epoch.js';

export interface TimelineOptions {
  /** The clock of `readAtMs`, ms; `performance.now` without it. */
  readonly now?: () => number;
  /**
   * The slate begins when no encoder has delivered for this long, ms; later if an encoder is alive and may only be
   * pausing.
   */
  readonly slateAfterMs?: number;
}

/** A tag of a rendition: a header, a frame, or sound where it is not the programme's. */
export interface RenditionTag {
  readonly rendition: number;
  readonly tag: StreamTag;
}

/** The stream continues with an encoder's first keyframe. */
export interface EpochJoin {
  readonly epoch: number;
  /** Media pause before it, ms of wall clock; 0 for the broadcast's first. */
  readonly gapMs: number;
}

/**
 * The broadcast's single clock. It joins the epochs (encoder runs) to one stream whose timestamps never go back, and
 * fills it with a slate while there is no encoder.
 *
 * An epoch joins at its first keyframe, at the wall clock's position: a stream that was interrupted does not lag behind
 * afterwards. Each track of an epoch is shifted by one offset, which changes only when the encoder's own clock jumps.
 */
export class Timeline implements Disposable {
  private readonly emitters = new DisposableStore();
  private readonly tagEmitter = this.emitters.add(new Emitter<StreamTag>());
  private readonly renditionEmitter = this.emitters.add(new Emitter<RenditionTag>());
  private readonly joinEmitter = this.emitters.add(new Emitter<EpochJoin>());
  private readonly headers = new StreamHeaders();
  private readonly video = new VideoTrack();
  private readonly audio = new AudioTrack();
  private readonly extraTracks = new ExtraTracks();
  private readonly renditions: RenditionTracks;
  private readonly slate: Slate;
  /** The clock's value at the broadcast's first keyframe. */
  private originMs: number | undefined;
  private epochs = 0;
  /** The epoch that is on the stream; undefined before the first and during the slate. */
  private active: Epoch | undefined;
  /** The epoch that joined last: earlier ones are over, unless they may return. */
  private lastJoined: Epoch | undefined;
  private lastDeliveryMs = 0;
  private splices = 0;
  private slates = 0;
  private lastGapMs = 0;
  private maxGapMs = 0;
  private disposed = false;

  /** The broadcast, tag by tag. */
  readonly onTag: Event<StreamTag> = this.tagEmitter.event;
  /** The renditions' frames, beside the programme's: see {@link setRenditions}. */
  readonly onRenditionTag: Event<RenditionTag> = this.renditionEmitter.event;
  readonly onDidJoin: Event<EpochJoin> = this.joinEmitter.event;

  constructor({ now = () => performance.now(), slateAfterMs = 700 }: TimelineOptions = {}) {
    this.renditions = new RenditionTracks((rendition, tag) => this.renditionEmitter.fire({ rendition, tag }));
    this.slate = new Slate(
      {
        video: this.video,
        audio: this.audio,
        positionMs: () => this.positionAt(now()),
        canGoOn: () => this.active?.ended === false,
        onHold: () => {
          if (this.active !== undefined) this.active.audio.offsetMs = undefined;
        },
        sendKeyframe: (ms, payload) => {
          this.send('keyframe', ms, payload, now());
          this.renditions.repeatKeyframes(ms, now());
        },
        sendSilence: (ms, payload) => this.send('audio', ms, payload, now()),
        onBegin: () => {
          this.active = undefined;
          this.slates++;
        },
      },
      slateAfterMs,
      now,
    );
  }

  /** Whether the slate is on air. */
  get onSlate(): boolean {
    return this.slate.active;
  }

  /** Adds an encoder run or publisher. Earlier epochs continue until it has joined. */
  beginEpoch(options: EpochOptions = {}): EpochWriter {
    this.epochs++;
    return new Epoch(
      this.epochs,
      options,
      (epoch, tag) => this.take(epoch, tag),
      (epoch) => epoch === this.active,
    );
  }

  /** What `readAtMs` was when the broadcast's time 0 was; undefined before its first keyframe. */
  get beganAtMs(): number | undefined {
    return this.originMs;
  }

  /** Numbers of the renditions that are on the stream from now on; frames of others are ignored. */
  setRenditions(renditions: Iterable<number>): void {
    this.renditions.set(renditions);
  }

  status(): Omit<TimelineStatus, 'transitP99Ms'> {
    return {
      videoFrames: this.video.frames,
      audioFrames: this.audio.frames,
      lastTimestampMs: this.lastMs,
      splices: this.splices,
      slates: this.slates,
      lastGapMs: this.lastGapMs,
      maxGapMs: this.maxGapMs,
    };
  }

  private get lastMs(): number {
    return Math.max(this.video.lastMs ?? 0, this.audio.lastMs ?? 0);
  }

  private positionAt(clockMs: number): number {
    return this.originMs === undefined ? 0 : clockMs - this.originMs;
  }

  private take(epoch: Epoch, tag: EpochTag): void {
    if (this.disposed) return;
    if (!epoch.mayReturn && epoch.number < (this.lastJoined?.number ?? 0)) {
      epoch.end();
      return;
    }
    if (tag.rendition !== undefined) {
      this.takeRendition(epoch, tag, tag.rendition);
      return;
    }
    if (isExtraKind(tag.kind)) {
      this.takeExtra(epoch, tag);
      return;
    }
    switch (tag.kind) {
      case 'metadata':
      case 'video-header':
      case 'audio-header':
        epoch.headers.set(tag.kind, tag.payload);
        if (epoch.joined) this.sendHeader(tag.kind, tag.payload, tag.readAtMs);
        break;
      case 'audio':
        if (epoch.joined) this.takeAudio(epoch, tag);
        break;
      default:
        this.takeFrame(epoch, tag);
    }
  }

  private takeFrame(epoch: Epoch, tag: EpochTag): void {
    const stepMs = epoch.video.step(tag.rawMs);
    if (!epoch.joined) {
      if (tag.kind !== 'keyframe') return;
      this.join(epoch, tag);
    } else if (stepMs === undefined) {
      epoch.video.offsetMs = this.videoOffsetAfterJump(epoch, tag);
    } else {
      this.video.learn(stepMs);
    }
    const { kind, rawMs, compositionMs, payload, readAtMs } = tag;
    const ms = this.video.place(rawMs + (epoch.video.offsetMs ?? 0), compositionMs);
    if (kind === 'keyframe') this.slate.show(payload, compositionMs);
    this.deliver(epoch, kind, ms, payload, readAtMs);
  }

  /** Prepares the timeline for an epoch's first keyframe, and sends what must precede it. */
  private join(epoch: Epoch, { rawMs, compositionMs, readAtMs }: EpochTag): void {
    const gapMs = this.originMs === undefined ? 0 : readAtMs - this.lastDeliveryMs;
    this.originMs ??= readAtMs;
    epoch.startMs = this.audio.slotFrom(
      Math.max(Math.round(this.positionAt(readAtMs)), this.video.nextGopMs(compositionMs)),
    );
    epoch.lead = new LeadLimit(readAtMs, epoch.startMs - this.positionAt(readAtMs));
    epoch.video.offsetMs = epoch.startMs - rawMs;
    epoch.audio.offsetMs = undefined;
    this.extraTracks.restart();
    this.renditions.restart();
    this.lastGapMs = gapMs;
    this.maxGapMs = Math.max(this.maxGapMs, gapMs);
    if (this.lastJoined !== undefined && this.lastJoined !== epoch) this.splices++;
    this.lastJoined = epoch;
    this.active = epoch;

    this.fillWithSilence(epoch.startMs, readAtMs);
    for (const [kind, payload] of epoch.headers.entries())
      this.sendHeader(kind, payload, readAtMs, epoch.startMs);
    this.announceExtra(epoch, readAtMs);
    this.joinEmitter.fire({ epoch: epoch.number, gapMs });
  }

  /** Keeps the tracks in sync if the audio has jumped first; otherwise continues at the wall clock's position. */
  private videoOffsetAfterJump(epoch: Epoch, { rawMs, readAtMs }: EpochTag): number {
    const { nextMs } = this.video;
    const audioOffsetMs = epoch.audio.offsetMs;
    if (audioOffsetMs !== undefined) {
      const ms = rawMs + audioOffsetMs;
      if (ms > (this.video.lastMs ?? 0) && ms - nextMs <= MAX_STEP_MS) return audioOffsetMs;
    }
    return Math.max(Math.round(this.positionAt(readAtMs)), nextMs) - rawMs;
  }

  private takeAudio(epoch: Epoch, { rawMs, payload, readAtMs }: EpochTag): void {
    if (epoch.audio.step(rawMs) === undefined) epoch.audio.offsetMs = undefined;
    epoch.audio.offsetMs ??= this.joinAudio(epoch, rawMs, readAtMs);
    if (epoch.audio.offsetMs === undefined) return;
    this.deliver(epoch, 'audio', this.audio.place(rawMs + epoch.audio.offsetMs), payload, readAtMs);
  }

  /**
   * The audio's offset: the video's, moved to the grid of frames. Undefined for a frame that is too early: before the
   * epoch's first frame, or where sound has already been sent.
   *
   * An encoder's first frame holds its priming, which is silence, and follows the silence sent here, so that the sound
   * begins without a click. If the first frames were dropped, the next one would be decoded without the half that it
   * overlaps.
   */
  private joinAudio(epoch: Epoch, rawMs: number, readAtMs: number): number | undefined {
    const videoMs = this.video.lastMs ?? 0;
    const syncedMs = rawMs + (epoch.video.offsetMs ?? 0);
    const ms = Math.abs(syncedMs - videoMs) <= MAX_STEP_MS ? syncedMs : videoMs;
    if (ms < epoch.startMs - this.audio.format.frameMs / 2) return undefined;
    // The broadcast's first audio frame is not before its header, which is sent with the epoch's first keyframe.
    const slotMs = this.audio.lastMs === undefined ? Math.max(ms, epoch.startMs) : this.audio.slotNear(ms);
    if (slotMs === undefined) return undefined;
    this.fillWithSilence(slotMs, readAtMs);
    return slotMs - rawMs;
  }

  /** A further track keeps no epoch on the stream, and holds off no slate: those are the main track's. */
  private takeExtra(epoch: Epoch, tag: EpochTag): void {
    if (isExtraHeader(tag)) {
      epoch.extraHeaders.set(trackKey(tag), tag.payload);
      if (epoch.joined) this.announceExtra(epoch, tag.readAtMs);
      return;
    }
    if (!epoch.joined) return;
    for (const placed of this.extraTracks.place(tag, epoch.extraHeaders, this.extraMs(epoch, tag))) {
      this.tagEmitter.fire({ ...placed, readAtMs: tag.readAtMs });
    }
  }

  /** A publisher's tracks have their headers with their first frames, as it sends them. */
  private announceExtra(epoch: Epoch, readAtMs: number): void {
    if (!epoch.announcesExtra) return;
    const ms = Math.max(epoch.startMs, this.lastMs);
    for (const placed of this.extraTracks.announce(epoch.extraHeaders, ms))
      this.tagEmitter.fire({ ...placed, readAtMs });
  }

  /**
   * By the offset of the main track of its kind. Undefined before the epoch's first frame, and far from the main track: the publisher's clock has
   * jumped, which the main track's next tag shows. An encoder's does not jump: the encoder of a bus is late.
   */
  private extraMs(
    { video, audio, startMs, announcesExtra }: Epoch,
    { kind, rawMs }: EpochTag,
  ): number | undefined {
    const offsetMs = carrierOf(kind) === 'video' ? video.offsetMs : (audio.offsetMs ?? video.offsetMs);
    const ms = rawMs + (offsetMs ?? 0);
    const mostMs = announcesExtra ? MAX_DISTANCE_MS : MAX_STEP_MS;
    return ms < startMs || Math.abs(ms - this.lastMs) > mostMs ? undefined : ms;
  }

  private takeRendition(epoch: Epoch, tag: EpochTag, rendition: number): void {
    if (!this.renditions.has(rendition)) return;
    if (isHeaderKind(tag.kind)) {
      const headers = epoch.renditionHeaders.get(rendition) ?? new StreamHeaders();
      epoch.renditionHeaders.set(rendition, headers);
      headers.set(tag.kind, tag.payload);
      return;
    }
    const { offsetMs } = epoch.video;
    const { lastMs } = this.video;
    if (!epoch.joined || offsetMs === undefined || lastMs === undefined) return;
    const place = { offsetMs, startMs: epoch.startMs, lastMs };
    this.renditions.take(rendition, tag, epoch.renditionHeaders.get(rendition), place);
  }

  private fillWithSilence(untilMs: number, readAtMs: number): void {
    for (const [ms, payload] of this.audio.takeSilentSlots(untilMs))
      this.send('audio', ms, payload, readAtMs);
  }

  /**
   * Sends a header if it has changed, with a timestamp no earlier than the last tag of its track and no later than the
   * next.
   *
   * @param startMs position of the next keyframe
   */
  private sendHeader(kind: HeaderKind, payload: Buffer, readAtMs: number, startMs?: number): void {
    if (!this.headers.set(kind, payload)) return;
    const ms =
      kind === 'audio-header'
        ? (this.audio.lastMs ?? startMs ?? this.active?.startMs ?? 0)
        : (startMs ?? this.video.lastMs ?? 0);
    if (kind === 'audio-header') this.audio.format = parseAacHeader(payload);
    this.send(kind, ms, payload, readAtMs);
  }

  /** Sends a tag from an encoder. */
  private deliver(epoch: Epoch, kind: StreamTagKind, ms: number, payload: Buffer, readAtMs: number): void {
    epoch.lead?.check(ms - this.positionAt(readAtMs), readAtMs);
    this.lastDeliveryMs = readAtMs;
    this.slate.touch();
    this.send(kind, ms, payload, readAtMs);
  }

  private send(kind: StreamTagKind, timestampMs: number, payload: Buffer, readAtMs: number): void {
    this.tagEmitter.fire({ kind, timestampMs, payload, readAtMs });
  }

  dispose(): void {
    this.disposed = true;
    this.slate.dispose();
    this.emitters.dispose();
  }
}
