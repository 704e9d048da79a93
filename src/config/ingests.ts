import { type BroadcastConfig, type EncodeSettings, type IngestConfig, IngestSchema } from './schema.js';

/** The ingests of a configuration, including the one named by its input if the list does not have it. */
export function ingestsOf({ input, ingests }: BroadcastConfig): readonly IngestConfig[] {
  if (input.type !== 'ingest') return ingests;
  const { ingest: id, key } = input;
  if (!ingests.some((ingest) => ingest.id === id)) return [...ingests, IngestSchema.parse({ id, key })];
  return key === undefined
    ? ingests
    : ingests.map((ingest) => (ingest.id === id ? { ...ingest, key } : ingest));
}

/** What is to be encoded: the input, or the fallback of an ingest, whose own stream is passed through. */
export function encodeSettingsOf({
  input,
  video,
  audio,
  pipeline,
}: Pick<BroadcastConfig, 'input' | 'video' | 'audio' | 'pipeline'>): EncodeSettings {
  return {
    input: input.type === 'ingest' ? input.fallback : input,
    video,
    audio,
    pipeline: input.type === 'ingest' ? 'direct' : pipeline,
  };
}
