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
  /** What is asked for, by who does: of outputs on air, each request by itself. */
  private readonly asked = {
    outputs: [] as readonly EncodedOutput[],
    recordings: [] as readonly EncodedOutput[],
    requests: [] as readonly (readonly EncodedOutput[])[],
  };
  private lastId = 0;
  private readonly changeEmitter = new Emitter<void>();
  private readonly tagEmitter = new Emitter<KeyedTag>();
  /** Others are wanted. */
  readonly onDidChange: Event<void> = this.changeEmitter.event;
  /** Their streams, tag by tag. */
  readonly onTag: Event<KeyedTag> = this.tagEmitter.event;

  /** @param programme where outputs begin that take the programme as it is; `canvases` besides the main one */
  constructor(
    private readonly programme: GopCache,
    private readonly canvases: readonly NonNullable<RenditionSettings['canvas']>[] = [],
  ) {}

  /** What the encoder is to encode besides the programme. */
  get settings(): readonly RenditionSettings[] {
    return this.all.map(({ settings }) => settings);
  }

  /**
   * These outputs are published to now, or these encodes are recorded. What they share goes on; what none of them takes ends.
   *
   * @param by who asks: each may have as many as there can be
   */
  want(outputs: readonly EncodedOutput[], by: 'outputs' | 'recordings' = 'outputs'): void {
    this.asked[by] = outputs;
    this.update();
  }

  get spare(): number {
    return MOST_RENDITIONS - encodesOf([...this.asked.outputs, ...this.asked.requests.flat()]).size;
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
    const { asked } = this;
    asked.requests = [...asked.requests, request];
    this.update();
    return {
      dispose: () => {
        listening.dispose();
        if (!asked.requests.includes(request)) return;
        asked.requests = asked.requests.filter((other) => other !== request);
        this.update();
      },
    };
  }

  private update(): void {
    const { outputs, requests, recordings } = this.asked;
    const wanted = new Map([...encodesOf([...outputs, ...requests.flat()]), ...encodesOf(recordings)]);
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

  /** Takes each tag of the programme: its sound is theirs as well, but for those of sources. */
  takeProgramme(tag: StreamTag): void {
    if (this.all.length === 0 || (tag.kind !== 'audio' && tag.kind !== 'audio-header')) return;
    for (const rendition of this.all) if (rendition.settings.source === undefined) this.push(rendition, tag);
  }

  take({ rendition: id, tag }: RenditionTag): void {
    const rendition = this.all.find(({ settings }) => settings.id === id);
    if (rendition === undefined) return;
    const begins = tag.kind === 'keyframe' && !rendition.hasBegun;
    if (begins) this.begin(rendition, tag);
    this.push(rendition, tag);
    if (begins && rendition.settings.source === undefined) this.addSound(rendition, tag);
  }

  private create(key: string, { video, overlays = true, source, canvas }: EncodedOutput): Rendition {
    do {
      // One that has just been used may still be on its way from the encoder.
      this.lastId = (this.lastId % MAX_RENDITION) + 1;
    } while (this.all.some(({ settings }) => settings.id === this.lastId));
    const settings = {
      ...{ id: this.lastId, ...video, ...this.canvasOf(canvas) },
      ...(overlays || canvas !== undefined ? {} : { overlays }),
      ...(source === undefined ? {} : { source }),
    };
    return { key, settings, gopCache: new GopCache(), hasBegun: false };
  }

  private canvasOf(id: string | undefined): Pick<RenditionSettings, 'canvas'> {
    const canvas = this.canvases.find((other) => other.id === id);
    if (canvas === undefined) return {};
    const { width, height } = canvas;
    return { canvas: { id: canvas.id, width, height } };
  }

  /** The header of the sound came long ago where it begins on air. That of a source's own sound is the same: its encoder has the same settings. */
  private begin(rendition: Rendition, { timestampMs }: StreamTag): void {
    rendition.hasBegun = true;
    const { key, gopCache } = rendition;
    for (const tag of this.programme.snapshot()) if (tag.kind === 'audio-header') gopCache.push(tag);
    for (const tag of gopCache.snapshot()) this.tagEmitter.fire({ key, tag: { ...tag, timestampMs } });
  }

  /** The programme's sound from its first keyframe on has come before that. */
  private addSound(rendition: Rendition, { timestampMs }: StreamTag): void {
    for (const tag of this.programme.snapshot())
      if (tag.kind === 'audio' && tag.timestampMs >= timestampMs) this.push(rendition, tag);
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

/** The encodes that these need, by their keys, as many as there can be. */
function encodesOf(outputs: readonly EncodedOutput[]): Map<string, EncodedOutput> {
  const encodes = new Map<string, EncodedOutput>();
  for (const output of outputs) {
    const key = renditionKey(output);
    if (key !== undefined && encodes.size < MOST_RENDITIONS) encodes.set(key, output);
  }
  return encodes;
}
