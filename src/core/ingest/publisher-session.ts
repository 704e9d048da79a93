import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import { isVideoFrameKind } from '../../media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { EpochTag } from '../timeline/epoch.js';
import { SilenceTimer } from '../timeline/silence-timer.js';
import type { EpochOptions, EpochWriter } from '../timeline/timeline.js';
import { videoProblem } from './publisher-codecs.js';
import { type StreamMeasures, StreamMeter } from './stream-meter.js';

export interface PublisherTimings {
  /** A publisher that has delivered frames is silent when it sends none for this long, ms. */
  readonly silentAfterMs: number;
  /** Maximum time until its first keyframe, ms: allows for a long GOP and a slow start. */
  readonly firstFrameMs: number;
}

const DEFAULT_TIMINGS: PublisherTimings = { silentAfterMs: 1300, firstFrameMs: 15_000 };

/** Source of a publisher's FLV: its media socket. */
export interface PublisherMedia {
  read(onChunk: (chunk: Buffer) => void, onEnd: () => void): void;
  /** Stops reading. */
  retire(): void;
}

/** A publisher's last headers, as FLV tag bodies. */
export interface SeenHeaders {
  readonly video: Buffer | undefined;
  readonly audio: Buffer | undefined;
}

/**
 * One accepted publisher: parses its FLV into an epoch of the timeline, measures it, and reports whether it delivers.
 * Its lifetime is that of its media socket.
 */
export class PublisherSession implements Disposable {
  private readonly epoch: EpochWriter;
  private readonly meter = new StreamMeter();
  private readonly timings: PublisherTimings;
  private silence: SilenceTimer;
  private frames = 0;
  private joined = false;
  private delivers = false;
  private headers: SeenHeaders = { video: undefined, audio: undefined };
  private over = false;
  private readonly joinEmitter = new Emitter<void>();
  private readonly silenceEmitter = new Emitter<void>();
  private readonly endEmitter = new Emitter<BulkheadError | undefined>();
  /**
   * The stream continues with this publisher's keyframe: its first one, or the one after another epoch was on the
   * stream.
   */
  readonly onDidJoin: Event<void> = this.joinEmitter.event;
  /** It has sent no frame for a while, although its connection is open. */
  readonly onDidFallSilent: Event<void> = this.silenceEmitter.event;
  /** Its connection has ended; with the reason if its stream was the cause. Fires once. */
  readonly onDidEnd: Event<BulkheadError | undefined> = this.endEmitter.event;

  /**
   * @param media its FLV
   * @param where the errors' location, e.g. `ingests.obs`
   */
  constructor(
    private readonly media: PublisherMedia,
    beginEpoch: (options: EpochOptions) => EpochWriter,
    private readonly where: string,
    timings: Partial<PublisherTimings> = {},
  ) {
    this.timings = { ...DEFAULT_TIMINGS, ...timings };
    this.epoch = beginEpoch({ mayReturn: true, onTag: (tag) => this.see(tag) });
    this.silence = new SilenceTimer(this.timings.firstFrameMs, () => this.fail(this.withoutFrames()));
    media.read(
      (chunk) => this.take(chunk),
      () => this.end(undefined),
    );
  }

  /** Whether it is on the stream. */
  get isOnAir(): boolean {
    return this.epoch.joined;
  }

  /** Whether it is sending frames. */
  get isDelivering(): boolean {
    return this.delivers;
  }

  get seen(): SeenHeaders {
    return this.headers;
  }

  measures(): StreamMeasures {
    return this.meter.measures(performance.now());
  }

  /** Ends its connection with a reason for `onDidEnd`. */
  fail(reason: BulkheadError): void {
    this.end(reason);
    this.media.retire();
  }

  dispose(): void {
    this.over = true;
    this.silence.dispose();
    this.epoch.end();
    this.media.retire();
    for (const emitter of [this.joinEmitter, this.silenceEmitter, this.endEmitter]) emitter.dispose();
  }

  private take(chunk: Buffer): void {
    if (this.over) return;
    const before = this.frames;
    try {
      this.epoch.write(chunk, performance.now());
    } catch (error) {
      this.fail(this.broken(error));
      return;
    }
    if (this.frames > before && this.epoch.joined) this.delivered();
  }

  private delivered(): void {
    const isFirst = !this.joined;
    this.joined = true;
    if (isFirst) {
      this.silence.dispose();
      this.silence = new SilenceTimer(this.timings.silentAfterMs, () => this.fallSilent());
    }
    this.silence.touch();
    if (this.delivers) return;
    this.delivers = true;
    this.joinEmitter.fire();
  }

  private fallSilent(): void {
    this.delivers = false;
    this.silenceEmitter.fire();
  }

  /** @throws BulkheadError for a codec that cannot be passed on */
  private see(tag: EpochTag): void {
    const problem = videoProblem(tag);
    if (problem !== undefined) throw this.error(problem, 'Choose H.264 as its video encoder.');
    this.meter.take(tag);
    if (isVideoFrameKind(tag.kind)) this.frames++;
    else if (tag.kind === 'video-header') this.headers = { ...this.headers, video: tag.payload };
    else if (tag.kind === 'audio-header') this.headers = { ...this.headers, audio: tag.payload };
  }

  /** Converts errors of the timeline or the demuxer, which refer to an encoder, for a publisher. */
  private broken(error: unknown): BulkheadError {
    if (error instanceof BulkheadError && error.where === this.where) return error;
    const [message, remedy] =
      BulkheadError.from(error).code === ErrorCodes.encoderAhead
        ? [
            'the publisher sends faster than real time',
            'Publish at the speed of playback: "-re" with ffmpeg.',
          ]
        : ['what the publisher sends cannot be read', 'Connect again; if this repeats, use another program.'];
    return new BulkheadError(ErrorCodes.mediaInvalid, message, { where: this.where, remedy, cause: error });
  }

  private withoutFrames(): BulkheadError {
    const { audioCodec } = this.measures();
    const seconds = this.timings.firstFrameMs / 1000;
    if (this.frames > 0) {
      return this.error(
        `the publisher has sent no keyframe in ${seconds} s`,
        'Set its keyframe interval to 2 s.',
      );
    }
    return this.error(
      audioCodec === undefined
        ? `the publisher has sent nothing in ${seconds} s`
        : 'the publisher sends sound without video',
      'Check that it has a video source and a video encoder.',
    );
  }

  private error(message: string, remedy: string): BulkheadError {
    return new BulkheadError(ErrorCodes.mediaInvalid, message, { where: this.where, remedy });
  }

  private end(reason: BulkheadError | undefined): void {
    if (this.over) return;
    this.over = true;
    this.delivers = false;
    this.silence.dispose();
    this.epoch.end();
    this.endEmitter.fire(reason);
  }
}
