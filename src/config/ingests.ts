import { type BroadcastConfig, type EncodeSettings, type IngestConfig, IngestSchema } from './schema.js';
import { onAirSource } from './sources.js';

/** The ingests of a configuration, including the one named by its input if the list does not have it. */
export function ingestsOf({ input, ingests }: BroadcastConfig): readonly IngestConfig[] {
  if (input.type !== 'ingest') return ingests;
  const { ingest: id, key } = input;
  if (!ingests.some((ingest) => ingest.id === id)) return [...ingests, IngestSchema.parse({ id, key })];
  return key === undefined
    ? ingests
    : ingests.map((ingest) => (ingest.id === id ? { ...ingest, key } : ingest));
}

/**
 * What is to be encoded, and how.
 *
 * @throws BulkheadError `config.invalid` if a source is not there that is named
 */
export function encodeSettingsOf(
  config: Pick<BroadcastConfig, 'input' | 'sources' | 'video' | 'audio' | 'pipeline'>,
): EncodeSettings {
  const { input, video, audio, pipeline } = config;
  return {
    ...onAirSource(config),
    video,
    audio,
    pipeline: input.type === 'ingest' ? 'direct' : pipeline,
  };
}
