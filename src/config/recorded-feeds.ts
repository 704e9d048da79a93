import type { ConfigPath } from './config-path.js';
import { NameCheck } from './name-check.js';
import type { RecordedFeed } from './recording-schema.js';
import type { BroadcastConfig } from './schema.js';

type Recorded = Pick<BroadcastConfig, 'scenes' | 'sources' | 'canvases'> & {
  readonly input: { readonly type: string };
};

/** Why this cannot be recorded, apart from a source or a canvas that is not there; undefined if it can. */
export function findFeedProblem(
  { feed, source, canvas, video }: RecordedFeed,
  { input, scenes, sources, canvases }: Recorded,
): string | undefined {
  if (canvas !== undefined) {
    const { height } = canvases.find(({ id }) => id === canvas) ?? {};
    return height !== undefined && video?.height !== undefined && video.height > height
      ? `expected a height of ${height} or less, got ${video.height}`
      : undefined;
  }
  if (feed !== undefined) {
    return input.type === 'ingest'
      ? 'what is published is passed through as it is, and has no overlays: the recording is the clean feed'
      : undefined;
  }
  if (scenes.length === 0)
    return 'without scenes, the one source that is on air is the recording itself; to have it recorded alone as well, show it in a scene';
  const { type } = sources.find(({ id }) => id === source) ?? {};
  return type === 'ingest' && video !== undefined
    ? 'what is published is recorded as it comes, and not encoded: leave "video" out'
    : undefined;
}

/**
 * Checks what is recorded besides the programme.
 *
 * @throws ConfigError with every mistake found
 */
export function checkRecordedFeeds(config: BroadcastConfig, where: (path: ConfigPath) => string): void {
  const names = new NameCheck(where);
  for (const [index, feed] of config.recording.also.entries()) {
    const at = ['recording', 'also', index];
    const problem = findFeedProblem(feed, config);
    if (problem !== undefined) names.note(at, problem);
    else if (feed.source !== undefined)
      names.expect([...at, 'source'], feed.source, 'source', config.sources);
    else if (feed.canvas !== undefined)
      names.expect([...at, 'canvas'], feed.canvas, 'canvas', config.canvases);
  }
  names.finish();
}
