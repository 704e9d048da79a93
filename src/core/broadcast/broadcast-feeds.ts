import type { Disposable } from 'vscode-jsonrpc';
import type { EncodedOutput } from '../../config/output-video.js';
import { renditionKey } from '../../config/output-video.js';
import { findFeedProblem } from '../../config/recorded-feeds.js';
import { feedName, type RecordedFeed } from '../../config/recording-schema.js';
import type { BroadcastConfig, NamedSource } from '../../config/schema.js';
import { isHeaderKind } from '../../media/stream-headers.js';
import { isExtraHeader, type StreamTag } from '../../media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { Ingests, PublishedTag } from '../ingest/ingests.js';
import type { RecordedFeeds } from '../recording/recordings.js';
import { entryNamed } from './collection/entry-named.js';
import type { Renditions } from './outputs/renditions.js';

export interface BroadcastFeedsOptions {
  readonly renditions: Pick<Renditions, 'want' | 'snapshot' | 'onTag'>;
  readonly ingests: Pick<Ingests, 'onDidPublish' | 'headersOf'>;
  readonly config: Pick<BroadcastConfig, 'input' | 'scenes' | 'canvases'>;
  /** As they are on air. */
  readonly sources: () => readonly NamedSource[];
  /** What `performance.now()` was at the broadcast's time 0; undefined before its first keyframe. */
  readonly beganAtMs: () => number | undefined;
}

type Take = (name: string, tag: StreamTag) => void;

/** What of a broadcast can be recorded besides the programme: encodes of their own, and what is published, as it comes. */
export class BroadcastFeeds implements RecordedFeeds, Disposable {
  private take: Take = () => {};
  /** Names of the feeds, by the key of their encode and by their ingest. */
  private encoded: ReadonlyMap<string, string> = new Map();
  private published: ReadonlyMap<string, string> = new Map();
  private readonly watching: Disposable;

  constructor(private readonly options: BroadcastFeedsOptions) {
    const { renditions, ingests } = options;
    renditions.onTag(({ key, tag }) => {
      const name = this.encoded.get(key);
      if (name !== undefined) this.take(name, tag);
    });
    this.watching = ingests.onDidPublish((published) => this.takePublished(published));
  }

  check(feed: RecordedFeed): void {
    const { config, sources } = this.options;
    const all = sources();
    const problem = findFeedProblem(feed, { ...config, sources: [...all] });
    if (problem !== undefined)
      throw new BulkheadError(ErrorCodes.configInvalid, problem, { where: 'recording.also' });
    if (feed.canvas !== undefined) {
      entryNamed(feed.canvas, config.canvases, {
        ...{ what: 'canvas', where: 'recording.also', code: ErrorCodes.sceneNotFound },
      });
    }
    if (feed.source === undefined || all.some(({ id }) => id === feed.source)) return;
    throw new BulkheadError(ErrorCodes.sourceNotFound, `there is no source "${feed.source}"`, {
      where: 'recording.also',
      remedy: `The sources: ${all.map(({ id }) => id).join(', ') || 'none'}.`,
    });
  }

  want(feeds: readonly RecordedFeed[], take: Take): void {
    this.take = take;
    const ofIngests = feeds.flatMap((feed) => {
      const ingest = this.ingestOf(feed);
      return ingest === undefined ? [] : [[ingest, feedName(feed)] as const];
    });
    const encodes = feeds.filter((feed) => this.ingestOf(feed) === undefined);
    this.published = new Map(ofIngests);
    this.encoded = new Map(encodes.map((feed) => [renditionKey(encodeOf(feed)) ?? '', feedName(feed)]));
    this.options.renditions.want(encodes.map(encodeOf), 'recordings');
  }

  snapshot(feed: RecordedFeed): readonly StreamTag[] {
    const { renditions, ingests } = this.options;
    const ingest = this.ingestOf(feed);
    return ingest === undefined ? renditions.snapshot(encodeOf(feed)) : ingests.headersOf(ingest);
  }

  private ingestOf({ source }: RecordedFeed): string | undefined {
    const found = this.options.sources().find(({ id }) => id === source);
    return found?.type === 'ingest' ? found.ingest : undefined;
  }

  /** On the broadcast's timeline, what is published is where it has arrived. */
  private takePublished({ ingest, tag, beganAtMs }: PublishedTag): void {
    const name = this.published.get(ingest);
    if (name === undefined) return;
    const zeroMs = this.options.beganAtMs() ?? Number.POSITIVE_INFINITY;
    const timestampMs = tag.timestampMs + Math.round(beganAtMs - zeroMs);
    if (timestampMs >= 0) this.take(name, { ...tag, timestampMs });
    // What comes before the broadcast says what comes in it.
    else if (isHeaderKind(tag.kind) || isExtraHeader(tag)) this.take(name, { ...tag, timestampMs: 0 });
  }

  dispose(): void {
    this.take = () => {};
    this.watching.dispose();
  }
}

function encodeOf({ feed, source, canvas, video }: RecordedFeed): EncodedOutput {
  return { video, ...(feed === 'clean' ? { overlays: false } : { source, canvas }) };
}
