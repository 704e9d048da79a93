import type { EncodeSettings } from './encode-settings.js';
import { IngestSchema } from './ingest-schema.js';
import { stageOf } from './scenes.js';
import type { BroadcastConfig, IngestConfig } from './schema.js';
import { onAirSource } from './sources.js';

/** The ingests of a configuration, including those that its input or a source names if the list does not have them. */
export function ingestsOf(config: BroadcastConfig): readonly IngestConfig[] {
  const { input } = config;
  const ingests = [...config.ingests];
  for (const source of config.sources) {
    if (source.type !== 'ingest' || ingests.some(({ id }) => id === source.ingest)) continue;
    ingests.push(IngestSchema.parse({ id: source.ingest }));
  }
  if (input.type !== 'ingest') return ingests;
  const { ingest: id, key } = input;
  if (!ingests.some((ingest) => ingest.id === id)) return [...ingests, IngestSchema.parse({ id, key })];
  return key === undefined
    ? ingests
    : ingests.map((ingest) => (ingest.id === id ? { ...ingest, key } : ingest));
}

/** Ids of the ingests that are decoded: those of scenes, or the source's and its fallback's. */
export function decodedIngestsOf(config: BroadcastConfig): readonly string[] {
  const { input, fallback } = onAirSource(config);
  const inputs = stageOf(config, undefined, config.liveServer)?.sources.map((source) => source.input) ?? [
    input,
    fallback?.input,
  ];
  return inputs.flatMap((source) => (source?.type === 'ingest' ? [source.ingest] : []));
}

/**
 * What is to be encoded, and how.
 *
 * @throws BulkheadError `config.invalid` if a source is not there that is named
 */
export function encodeSettingsOf(
  config: Pick<BroadcastConfig, 'input' | 'sources' | 'liveServer' | 'video' | 'audio'>,
): EncodeSettings {
  const { video, audio } = config;
  return { ...onAirSource(config), video, audio };
}
