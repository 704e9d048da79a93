import { isDeepStrictEqual } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc';
import type { Size } from '../../base/geometry.js';
import type { RenditionSettings } from '../../config/encode-settings.js';
import { codecOf } from '../../config/video-codec.js';
import { onMetadata } from '../../media/on-metadata.js';
import type { RenditionProgress } from '../../protocol/encoder.js';
import { BulkheadError } from '../../protocol/errors.js';
import type { CanvasFrames, Frame } from '../canvas/frame-pool.js';
import type { FfmpegExit } from '../ffmpeg-errors.js';
import type { MediaWriter } from '../media-writer.js';
import type { AudioFormat } from './audio-encoder.js';
import { type Encoding, encodeArguments, markedPayload, NO_REDUCTION, videoTrackOf } from './encoding.js';
import type { SoundDelay } from './sound-delay.js';
import { VideoTrack } from './video-track.js';

/** How long a rendition's encoder may take to its first frame, ms: it may be loaded beside all the others. */
const STARTUP_MS = 3000;
/** How long a rendition's keyframes stay where they are, once they have been moved to the programme's, ms: on a computer that is too slow, they move all the time. */
const ALIGNED_MS = 10_000;
/** The nice value of their encoders: on a computer that is too slow, renditions lose frames before the programme does. */
const NICENESS = 15;

export interface RenditionsOptions {
  readonly format: AudioFormat;
  readonly writer: Pick<MediaWriter, 'write'>;
  readonly sound: Pick<SoundDelay, 'writeRendition'>;
  /** Says why an encoder has exited. */
  readonly explain: (exit: FfmpegExit, ffmpegPath: string) => BulkheadError;
  /** A rendition cannot be encoded: once until it can again. */
  readonly onProblem: (error: BulkheadError) => void;
  /** The first slot from `slot` on that the programme has a keyframe at: renditions have theirs there too. */
  readonly keyframeSlot: (slot: number) => number;
}

/**
 * What is encoded another time from the same slots, for outputs that ask for it. Each has encoders of its own, live and held, by the
 * rules of the programme's; what fails here touches neither the programme nor the others.
 */
export class Renditions implements Disposable {
  private all: readonly Rendition[] = [];

  constructor(
    private encoding: Encoding,
    private readonly options: RenditionsOptions,
  ) {}

  /** Encodes these, and no others. Those that there are go on. Never throws. */
  set(wanted: readonly RenditionSettings[]): void {
    const kept = this.all.filter(({ settings }) =>
      wanted.some((other) => isDeepStrictEqual(settings, other)),
    );
    for (const rendition of this.all) if (!kept.includes(rendition)) rendition.dispose();
    const added = wanted.filter(
      (settings) => !kept.some((other) => isDeepStrictEqual(other.settings, settings)),
    );
    this.all = [...kept, ...added.map((settings) => new Rendition(settings, this.encoding, this.options))];
  }

  /** The programme is encoded otherwise from now on. Never throws. */
  follow(encoding: Encoding): void {
    this.encoding = encoding;
    for (const rendition of this.all) rendition.follow(encoding);
  }

  /** Whether one of them is a clean feed. */
  get haveClean(): boolean {
    return this.all.some(({ settings }) => settings.overlays === false);
  }

  /** Ids of the canvases that they show besides the main one. */
  get canvases(): ReadonlySet<string> {
    return new Set(this.all.flatMap(({ settings: { canvas } }) => (canvas === undefined ? [] : [canvas.id])));
  }

  /** @param clean what a clean feed shows */
  put(slot: number, frame: Frame, clean: Frame, canvases: CanvasFrames): void {
    for (const rendition of this.all) {
      const { canvas, overlays } = rendition.settings;
      const shown = canvas === undefined ? (overlays === false ? clean : frame) : canvases.get(canvas.id);
      if (shown !== undefined) rendition.put(slot, shown);
    }
  }

  /** As they are; to be called once a second. */
  measure(): readonly RenditionProgress[] {
    return this.all.map((rendition) => rendition.measure());
  }

  /** Resolves when all that is owed has been delivered. */
  async end(): Promise<void> {
    await Promise.all(this.all.map((rendition) => rendition.end()));
  }

  dispose(): void {
    for (const rendition of this.all) rendition.dispose();
    this.all = [];
  }
}

/** One encode, with encoders of its own, live and held. */
export class Rendition implements Disposable {
  /** Undefined where these settings cannot be encoded. */
  private readonly video: VideoTrack | undefined;
  private error: BulkheadError | undefined;
  private bytes = 0;
  private last = { atMs: performance.now(), frames: 0, bytes: 0 };
  private changing: Promise<unknown> = Promise.resolve();
  private hasBegun = false;
  /** Not before this time, its keyframes are moved to the programme's, by `performance.now()`. */
  private alignAtMs = 0;

  constructor(
    readonly settings: RenditionSettings,
    private encoding: Encoding,
    private readonly options: RenditionsOptions,
    /** Of the frames that it gets. */
    private readonly size: Size = settings.canvas ?? encoding.video,
  ) {
    try {
      const own = this.own(encoding);
      this.video = new VideoTrack({
        fps: encoding.video.fps,
        ...videoTrackOf(own, NO_REDUCTION),
        startupMs: STARTUP_MS,
        onLoss: (exit) => this.lost(exit),
        onTag: (tag) => {
          const payload = markedPayload(this.encoding, tag);
          this.bytes += payload.length;
          options.sound.writeRendition(settings.id, tag.timestampMs, payload);
        },
      });
      this.describe(own);
    } catch (error) {
      this.fail(BulkheadError.from(error));
    }
  }

  /** It begins with a keyframe of the programme, so that players can switch between the two at each. */
  put(slot: number, frame: Frame): void {
    const { video, options } = this;
    if (video === undefined) return;
    this.hasBegun ||= slot === options.keyframeSlot(slot);
    if (!this.hasBegun) return;
    video.put(slot, frame);
    if (video.deliveredSlot < 0 || performance.now() < this.alignAtMs) return;
    if (video.keyframeSlot(slot) !== options.keyframeSlot(slot)) this.align(video);
  }

  follow(next: Encoding): void {
    const { video } = this;
    this.inTurn(async () => {
      const before = this.own(this.encoding);
      const own = this.own(next);
      this.encoding = next;
      if (video === undefined || isSame(own, before)) return;
      const end = await video.handOver(videoTrackOf(own, NO_REDUCTION));
      if (end.kind === 'done') this.describe(own);
      else if (end.kind === 'exited') this.lost(end.exit);
    });
  }

  private inTurn(change: () => Promise<unknown>): void {
    this.changing = this.changing
      .then(change)
      .catch((error: unknown) => this.fail(BulkheadError.from(error)));
  }

  /**
   * Goes on with another encoder at the programme's next keyframe, since an encoder of the two was lost, or slots were left out. Not with B-frames: a
   * mini-GOP that lies across the cut would be lost.
   */
  private align(video: VideoTrack): void {
    this.alignAtMs = performance.now() + ALIGNED_MS;
    const { encoding, options } = this;
    if (encoding.video.bFrames > 0) return;
    const own = this.own(encoding);
    this.inTurn(() => video.handOver({ ...videoTrackOf(own, NO_REDUCTION), beginAt: options.keyframeSlot }));
  }

  measure(): RenditionProgress {
    const { video, last, bytes } = this;
    const now = { atMs: performance.now(), frames: video?.deliveredFrames ?? 0, bytes };
    this.last = now;
    const perSecond = 1000 / Math.max(1, now.atMs - last.atMs);
    // It works again.
    if (now.frames > last.frames) this.error = undefined;
    return {
      id: this.settings.id,
      videoPid: video?.livePid ?? 0,
      heldVideoPid: video?.heldPid ?? 0,
      fps: Math.round((now.frames - last.frames) * perSecond * 10) / 10,
      bitrateKbps: Math.round(((now.bytes - last.bytes) * 8 * perSecond) / 1000),
      skippedSlots: video?.skippedSlots ?? 0,
      ...(this.error === undefined ? {} : { error: this.error.toData() }),
    };
  }

  async end(): Promise<void> {
    await this.video?.end();
  }

  dispose(): void {
    this.video?.dispose();
  }

  private own(encoding: Encoding): Encoding {
    return ownEncoding(encoding, this.settings, this.size);
  }

  /** One that is lost while it delivers is replaced, which is for nobody to know. */
  private lost(exit: FfmpegExit): void {
    const { video, last } = this;
    if (video !== undefined && video.deliveredFrames > last.frames) return;
    this.fail(this.options.explain(exit, this.encoding.ffmpeg.path));
  }

  private fail({ code, message, remedy }: BulkheadError): void {
    const isNews = this.error === undefined;
    this.error = new BulkheadError(
      code,
      `An encode of its own that is asked for (${describe(this.settings)}) cannot be made: ${message}`,
      { where: 'encoder', remedy: remedy ?? 'Everything else goes on.' },
    );
    if (isNews) this.options.onProblem(this.error);
  }

  /** Has the stream say what it is now. */
  private describe({ video, audio }: Encoding): void {
    const { width, height, fps, bitrateKbps: videoKbps } = video;
    const description = {
      ...{ width, height, fps, codec: codecOf(video.encoder) ?? 'h264', videoKbps },
      ...{ audioKbps: audio.bitrateKbps, ...this.options.format },
    };
    this.options.writer.write('metadata', 0, onMetadata(description), this.settings.id);
  }
}

/** How a rendition is encoded: like the programme, but for what its settings say. */
function ownEncoding(
  encoding: Encoding,
  { bitrateKbps, height, preset, bFrames }: RenditionSettings,
  { width, height: canvasHeight }: Size,
): Encoding {
  const { fps } = encoding.video;
  const own = height === undefined || height >= canvasHeight ? canvasHeight : height;
  return {
    ...encoding,
    ffmpeg: { ...encoding.ffmpeg, niceness: NICENESS },
    canvas: { width, height: canvasHeight },
    video: {
      ...encoding.video,
      ...(bitrateKbps === undefined ? {} : { bitrateKbps }),
      ...(preset === undefined ? {} : { preset }),
      ...(bFrames === undefined ? {} : { bFrames }),
      ...{
        height: own,
        width: own === canvasHeight ? width : 2 * Math.round((width * own) / canvasHeight / 2),
      },
      fps,
    },
  };
}

function isSame(a: Encoding, b: Encoding): boolean {
  return (
    a.ffmpeg.path === b.ffmpeg.path &&
    isDeepStrictEqual(encodeArguments(a, NO_REDUCTION), encodeArguments(b, NO_REDUCTION))
  );
}

function describe({
  bitrateKbps,
  height,
  preset,
  bFrames,
  overlays,
  source,
  canvas,
}: RenditionSettings): string {
  const parts = [
    ...(source === undefined ? [] : [`the source "${source}"`]),
    ...(canvas === undefined ? [] : [`the canvas "${canvas.id}"`]),
    ...(height === undefined ? [] : [`${height}p`]),
    ...(bitrateKbps === undefined ? [] : [`${bitrateKbps} kbit/s`]),
    ...(preset === undefined ? [] : [preset]),
    ...(bFrames === undefined ? [] : ['without B-frames']),
    ...(overlays === false ? ['without overlays'] : []),
  ];
  return parts.join(', ');
}
