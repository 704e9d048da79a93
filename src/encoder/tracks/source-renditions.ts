import { isDeepStrictEqual } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc';
import type { RenditionSettings } from '../../config/encode-settings.js';
import type { RenditionProgress } from '../../protocol/encoder.js';
import { BulkheadError } from '../../protocol/errors.js';
import { encoderDelayFrames } from '../arguments/encoder-delay.js';
import { type Frame, type FrameLayout, FramePool, frameBytes } from '../canvas/frame-pool.js';
import { AudioEncoder } from './audio-encoder.js';
import { AudioTrack } from './audio-track.js';
import { originMs } from './decoding-times.js';
import type { Encoding } from './encoding.js';
import { Rendition, type RenditionsOptions } from './renditions.js';
import { keptFrames } from './video-track.js';

/** What a source has in a slot, before it is composed and mixed. */
export interface SourceFeed {
  readonly id: string;
  /** What it shows, which stays its own; undefined before its first frame. */
  readonly frame: Frame | undefined;
  /** Another one for each frame of the source. */
  readonly version: number;
  readonly layout: FrameLayout;
  /** PCM, 16 bits, interleaved; shorter than the slot where there is not as much. */
  readonly sound: Buffer;
}

/** Settings of an encode of a source. */
export type SourceRenditionSettings = RenditionSettings & { readonly source: string };

/** Frames besides those that its encoder keeps: the one that is shown, and the one that follows it. */
const MORE_FRAMES = 2;
const NOT_BEGUN = { videoPid: 0, heldVideoPid: 0, fps: 0, bitrateKbps: 0, skippedSlots: 0 };

/**
 * Sources that are encoded alone, as they come: on the programme's slots, so that each file of a recording has the same times. Whatever
 * happens here touches neither the programme nor the source.
 */
export class SourceRenditions implements Disposable {
  private all: readonly SourceRendition[] = [];

  constructor(
    private encoding: Encoding,
    private readonly options: RenditionsOptions,
  ) {}

  /** Ids of the sources that are encoded. */
  get sources(): readonly string[] {
    return this.all.map(({ settings }) => settings.source);
  }

  /** Encodes these, and no others. Those that there are go on. Never throws. */
  set(wanted: readonly SourceRenditionSettings[]): void {
    const isWanted = ({ settings }: SourceRendition) =>
      wanted.some((other) => isDeepStrictEqual(settings, other));
    const kept = this.all.filter(isWanted);
    for (const rendition of this.all) if (!kept.includes(rendition)) rendition.dispose();
    const added = wanted.filter(
      (settings) => !kept.some((other) => isDeepStrictEqual(other.settings, settings)),
    );
    const { encoding, options } = this;
    this.all = [...kept, ...added.map((settings) => new SourceRendition(settings, encoding, options))];
  }

  /** The programme is encoded otherwise from now on. Never throws. */
  follow(encoding: Encoding): void {
    this.encoding = encoding;
    for (const rendition of this.all) rendition.follow(encoding);
  }

  /**
   * To be called for each slot. Never throws.
   *
   * @param feeds of sources that are open
   * @param soundBytes of the slot's sound
   */
  put(slot: number, feeds: readonly SourceFeed[], soundBytes: number): void {
    for (const rendition of this.all) {
      const feed = feeds.find(({ id }) => id === rendition.settings.source);
      rendition.put(slot, feed, soundBytes);
    }
  }

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

/** One source. It begins with its first frame, whose size nobody knows before, and begins anew where that changes. */
class SourceRendition implements Disposable {
  private video: Rendition | undefined;
  private audio: AudioTrack | undefined;
  private pool: FramePool | undefined;
  /** Copies are its own: a source that has to wait for an encoder would be late on air. */
  private frame: Frame | undefined;
  private taken: Pick<SourceFeed, 'frame' | 'version'> | undefined;
  private layout: FrameLayout | undefined;
  private error: BulkheadError | undefined;

  constructor(
    readonly settings: SourceRenditionSettings,
    private encoding: Encoding,
    private readonly options: RenditionsOptions,
  ) {}

  put(slot: number, feed: SourceFeed | undefined, soundBytes: number): void {
    try {
      if (feed?.frame !== undefined) this.take(feed, feed.frame);
      if (this.frame === undefined) return;
      this.audio ??= this.beginSound(slot);
      this.video?.put(slot, this.frame);
      this.audio.put(Buffer.concat(feed === undefined ? [] : [feed.sound], soundBytes));
    } catch (error) {
      this.fail(BulkheadError.from(error));
    }
  }

  follow(encoding: Encoding): void {
    this.encoding = encoding;
    this.video?.follow(encoding);
  }

  measure(): RenditionProgress {
    const { settings, error, video } = this;
    const progress = video?.measure() ?? { id: settings.id, ...NOT_BEGUN };
    return error === undefined ? progress : { ...progress, error: error.toData() };
  }

  async end(): Promise<void> {
    await Promise.all([this.video?.end(), this.audio?.end()]);
  }

  dispose(): void {
    this.audio?.dispose();
    this.endVideo();
  }

  private take(feed: SourceFeed, frame: Frame): void {
    const { layout } = feed;
    if (layout.width !== this.layout?.width || layout.height !== this.layout.height) this.beginVideo(layout);
    const { taken } = this;
    if (taken?.frame === frame && taken.version === feed.version) return;
    const copy = this.pool?.acquire();
    // Its encoder hangs: until there is room, the frame before is repeated.
    if (copy === undefined) return;
    // What alpha hides is recorded: it is an edit of the scene.
    frame.bytes.copy(copy.bytes, 0, 0, copy.bytes.length);
    this.frame?.release();
    this.frame = copy;
    this.taken = { frame, version: feed.version };
  }

  private beginVideo(layout: FrameLayout): void {
    this.endVideo();
    this.layout = layout;
    const { video } = this.encoding;
    const frames = keptFrames(video.fps, encoderDelayFrames(video)) + MORE_FRAMES;
    this.pool = new FramePool(frameBytes(layout), frames);
    this.video = new Rendition(this.settings, this.encoding, this.options, layout);
    this.error = undefined;
  }

  private endVideo(): void {
    this.video?.dispose();
    this.frame?.release();
    this.pool?.dispose();
    this.video = undefined;
    this.frame = undefined;
    this.pool = undefined;
    this.taken = undefined;
  }

  private beginSound(slot: number): AudioTrack {
    const { format, sound, explain } = this.options;
    const { video, audio, ffmpeg } = this.encoding;
    const startMs = originMs(video.fps) + (slot * 1000) / video.fps;
    return new AudioTrack({
      format,
      start: () => new AudioEncoder({ ...ffmpeg, format, bitrateKbps: audio.bitrateKbps }),
      onLoss: (exit) => {
        if (exit.spawnError !== undefined) this.fail(explain(exit, ffmpeg.path));
      },
      onTag: ({ timestampMs, payload }) =>
        sound.writeRendition(this.settings.id, Math.round(startMs + timestampMs), payload, 'audio'),
    });
  }

  private fail(error: BulkheadError): void {
    const isNews = this.error === undefined;
    this.error = error;
    if (isNews) this.options.onProblem(error);
  }
}
