import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { lowestSource } from '../scenes/scene-layers.js';
import type { ConfigPath } from './config-path.js';
import type { FallbackConfig } from './encode-settings.js';
import { ingestPlayUrl } from './ingest-play-url.js';
import { NameCheck } from './name-check.js';
import type { BroadcastConfig, InputConfig, NamedSource, SourceConfig } from './schema.js';

type Sources = Pick<BroadcastConfig, 'input' | 'sources' | 'liveServer'>;

const LIVE_INPUTS: ReadonlySet<string> = new Set<InputConfig['type'] | SourceConfig['type']>([
  'ingest',
  'url',
  'screen',
  'camera',
  'microphone',
  'desktop-audio',
  'browser',
  'plugin',
]);

/** Of lists of files. */
export const PLAYLIST_EXTENSIONS: ReadonlySet<string> = new Set(['.m3u', '.m3u8']);

/** A source that is encoded, its id if it has one, and what stands in for it. */
export interface OnAirSource {
  readonly input: SourceConfig;
  readonly inputId?: string;
  readonly fallback?: FallbackConfig;
}

/**
 * What is to be encoded: the input, the source that it names, or an ingest's fallback, whose own stream is passed through.
 *
 * @throws BulkheadError `config.invalid` if there is no source of that name
 */
export function onAirSource({ input, sources, liveServer }: Sources): OnAirSource {
  if (input.type === 'ingest') return { input: input.fallback };
  if (input.type !== 'source') return { input };
  const { fallback, ...named } = sourceNamed(input.source, sources);
  const onAir = { inputId: named.id, input: withoutName(named, liveServer) };
  if (fallback === undefined) return onAir;
  const other = sourceNamed(fallback, sources);
  return { ...onAir, fallback: { id: other.id, input: withoutName(other, liveServer), warm: other.warm } };
}

/** Without an input, what is lowest in the first scene counts as it; without scenes, the first of the sources is on air. */
export function withDefaultInput(config: BroadcastConfig): BroadcastConfig {
  const { scenes, startScene, sources } = config;
  const scene = scenes.find(({ id }) => id === startScene) ?? scenes[0];
  if (scene !== undefined) {
    const lowest = sources.find(({ id }) => id === lowestSource(scene, scenes));
    return {
      ...config,
      input: lowest === undefined ? { type: 'colour' } : { type: 'source', source: lowest.id },
    };
  }
  const [first] = config.sources;
  return first === undefined ? config : { ...config, input: { type: 'source', source: first.id } };
}

/**
 * Checks what sources name.
 *
 * @throws ConfigError with every mistake found
 */
export function checkSources(config: BroadcastConfig, where: (path: ConfigPath) => string): void {
  const { input, sources, ingests } = config;
  const names = new NameCheck(where);
  if (input.type === 'source') names.expect(['input', 'source'], input.source, 'source', sources);
  const users = new Map<string, string>();
  for (const [index, source] of sources.entries()) {
    const { id, fallback } = source;
    if (source.type === 'ingest') {
      const ofIngest = ['sources', index, 'ingest'];
      if (ingests.length > 0) names.expect(ofIngest, source.ingest, 'ingest', ingests);
      const other = users.get(source.ingest);
      if (other !== undefined)
        names.note(ofIngest, `expected an ingest that the source "${other}" does not have`);
      users.set(source.ingest, id);
    }
    if (fallback === undefined) continue;
    const at = ['sources', index, 'fallback'];
    if (fallback === id) names.note(at, 'expected another source than itself');
    else names.expect(at, fallback, 'source', sources);
    const port = portOf(source);
    const other = sources.find((one) => one.id === fallback && one !== source);
    if (port !== undefined && other !== undefined && portOf(other) === port)
      names.note(
        at,
        `expected a source that listens on another port than this one, which is ${port} as well`,
      );
  }
  names.finish();
}

/** The UDP port that a source listens on, alone; undefined if it listens on none, or to a group. */
function portOf(source: NamedSource): string | undefined {
  if (source.type !== 'url') return undefined;
  const [, scheme = '', host = '', port] =
    /^(udp|srt):\/\/(?:[^/?@]*@)?([^/?@]*):(\d+)/i.exec(source.url) ?? [];
  const isGroup = /^(2(2[4-9]|3\d)\.|\[ff)/i.test(host);
  const listens = scheme.toLowerCase() === 'udp' || /[?&]mode=listener(&|$)/i.test(source.url);
  return listens && !isGroup ? port : undefined;
}

function sourceNamed(id: string, sources: readonly NamedSource[]): NamedSource {
  const found = sources.find((source) => source.id === id);
  if (found !== undefined) return found;
  throw new BulkheadError(ErrorCodes.configInvalid, `There is no source "${id}".`, {
    where: 'sources',
    remedy: `The sources: ${sources.map((source) => source.id).join(', ') || 'none'}.`,
  });
}

/** A source as the encoder gets it. */
export function withoutName<T extends NamedSource>(
  source: Omit<T, 'fallback'> | T,
  liveServer: Sources['liveServer'],
): SourceConfig {
  const { id: _id, fallback: _fallback, warm: _warm, addedBy: _by, ...input } = source as NamedSource;
  return input.type === 'ingest' ? { ...input, url: ingestPlayUrl(input.ingest, liveServer) } : input;
}

/** Whether it sends at its own pace, and can stop by itself. */
export function isLiveInput({ type }: Pick<InputConfig | SourceConfig, 'type'>): boolean {
  return LIVE_INPUTS.has(type);
}

/** The same input, played once; undefined if it has no end. */
export function playedOnce(input: InputConfig): InputConfig | undefined {
  return input.type === 'file' || input.type === 'playlist' ? { ...input, loop: false } : undefined;
}
