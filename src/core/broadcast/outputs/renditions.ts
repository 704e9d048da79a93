import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../../base/event.js';
import type { RenditionSettings } from '../../../config/encode-settings.js';
import {
  type EncodedOutput,
  MOST_RENDITIONS,
  type OutputVideo,
  renditionKey,
} from '../../../config/output-video.js';
import { GopCache } from '../../../media/gop-cache.js';
import { isHeaderKind } from '../../../media/stream-headers.js';
import type { StreamTag } from '../../../media/stream-tag.js';
import { MAX_RENDITION } from '../../../protocol/encoder.js';
import type { MoreEncodes } from '../../publish/output-protocols.js';
import type { RenditionTag } from '../../timeline/timeline.js';

/** One of them. */
interface Rendition {
  /** See `renditionKey`. */
  readonly key: string;
  readonly settings: RenditionSettings;
  /** Where outputs begin that take it. */
  readonly gopCache: GopCache;
  /** Whether it has had its first keyframe: sound alone is no stream. */
  hasBegun: boolean;
}

/** A tag of the stream that outputs of this key take. */
export interface KeyedTag {
  readonly key: string;
  readonly tag: StreamTag;
}

/**
 * The encodes that outputs have for themselves, and the stream that each is: its own metadata and frames with the programme's sound, on
 * the same timeline.
 */
export class Renditions implements MoreEncodes, Disposable {
  private all: readonly Rendition[] = [];
  private outputs: readonly EncodedOutput[] = [];
  /** What outputs have asked for on air, in the order in which they have. */
  private requests: readonly (readonly EncodedOutput[])[] = [];
  private lastId = 0;
  private readonly changeEmitter = new Emitter<void>();
  private readonly tagEmitter = new Emitter<KeyedTag>();
  /** Others are wanted. */
  readonly onDidChange: Event<void> = this.changeEmitter.event;
  /** Their streams, tag by tag. */
  readonly onTag: Event<KeyedTag> = this.tagEmitter.event;

  /** @param programme where outputs begin that take the programme as it is */
  constructor(private readonly programme: GopCache) {}

  /** What the encoder is to encode besides the programme. */
  get settings(): readonly RenditionSettings[] {
    return this.all.map(({ settings }) => settings);
  }

  /** These outputs are published to now. What they share goes on; what none of them takes ends. */
  want(outputs: readonly EncodedOutput[]): void {
    this.outputs = outputs;
    this.update();
  }

  get spare(): number {
    return MOST_RENDITIONS - this.all.length;
  }

  request(videos: readonly OutputVideo[], take: (place: number, tag: StreamTag) => void): Disposable {
    const request = videos.map((video) => ({ video }));
    const keys = request.map(renditionKey);
    const listening = this.onTag(({ key, tag }) => {
      const place = keys.indexOf(key);
      if (place !== -1) take(place, tag);
    });
    for (const [place, output] of request.entries()) {
      for (const tag of this.snapshot(output)) if (isHeaderKind(tag.kind)) take(place, tag);
    }
    this.requests = [...this.requests, request];
    this.update();
    return {
      dispose: () => {
        listening.dispose();
        if (!this.requests.includes(request)) return;
        this.requests = this.requests.filter((other) => other !== request);
        this.update();
      },
    };
  }

  private update(): void {
    const wanted = new Map<string, EncodedOutput>();
    for (const output of [...this.outputs, ...this.requests.flat()]) {
      const key = renditionKey(output);
      if (key !== undefined && wanted.size < MOST_RENDITIONS) wanted.set(key, output);
    }
    const kept = this.all.filter(({ key }) => wanted.has(key));
    const added = [...wanted].filter(([key]) => !kept.some((other) => other.key === key));
    if (kept.length === this.all.length && added.length === 0) return;
    this.all = [...kept, ...added.map(([key, output]) => this.create(key, output))];
    this.changeEmitter.fire();
  }

  /** What a session with a server begins with: headers and the GOP so far. Empty before the first keyframe. */
  snapshot(output: EncodedOutput): StreamTag[] {
    const key = renditionKey(output);
    if (key === undefined) return this.programme.snapshot();
    const rendition = this.all.find((other) => other.key === key);
    return rendition?.hasBegun === true ? rendition.gopCache.snapshot() : [];
  }

  /** Takes each tag of the programme: its sound is theirs as well. */
  takeProgramme(tag: StreamTag): void {
    if (this.all.length === 0 || (tag.kind !== 'audio' && tag.kind !== 'audio-header')) return;
    for (const rendition of this.all) this.push(rendition, tag);
  }

  take({ rendition: id, tag }: RenditionTag): void {
    const rendition = this.all.find(({ settings }) => settings.id === id);
    if (rendition === undefined) return;
    if (tag.kind === 'keyframe') this.begin(rendition, tag);
    this.push(rendition, tag);
  }

  private create(key: string, { video, overlays = true }: EncodedOutput): Rendition {
    do {
      // One that has just been used may still be on its way from the encoder.
      this.lastId = (this.lastId % MAX_RENDITION) + 1;
    } while (this.all.some(({ settings }) => settings.id === this.lastId));
    const settings = { id: this.lastId, ...video, ...(overlays ? {} : { overlays }) };
    return { key, settings, gopCache: new GopCache(), hasBegun: false };
  }

  /** The header of the sound came long ago where it begins on air. */
  private begin(rendition: Rendition, { timestampMs }: StreamTag): void {
    if (rendition.hasBegun) return;
    rendition.hasBegun = true;
    const { key, gopCache } = rendition;
    for (const tag of this.programme.snapshot()) if (tag.kind === 'audio-header') gopCache.push(tag);
    for (const tag of gopCache.snapshot()) this.tagEmitter.fire({ key, tag: { ...tag, timestampMs } });
  }

  private push({ key, gopCache, hasBegun }: Rendition, tag: StreamTag): void {
    gopCache.push(tag);
    if (hasBegun) this.tagEmitter.fire({ key, tag });
  }

  dispose(): void {
    this.changeEmitter.dispose();
    this.tagEmitter.dispose();
  }
}
