import * as z from '../base/zod.js';
import { ID } from './ids.js';
import { INGEST_KEY } from './ingest-schema.js';
import { SourceSchema, sources } from './source-schema.js';

/** What is broadcast, where there are no scenes. */
export const InputSchema = z.discriminatedUnion('type', [
  ...sources,
  z.strictObject({
    type: z.literal('source').describe('One of "sources".'),
    source: ID.describe('Its id.'),
  }),
  z.strictObject({
    type: z
      .literal('ingest')
      .describe('What OBS or another encoder publishes to Bulkhead, passed through as it is.'),
    ingest: ID.default('ingest').describe(
      'Id of one of "ingests". Without an ingest of that id, one is set up with this "key".',
    ),
    key: INGEST_KEY.describe(
      'The key of an ingest that is not in "ingests": "env:NAME", "file:PATH", "keyring:NAME", or none to have one made and kept.',
    ),
    fallback: SourceSchema.default({ type: 'colour' }).describe(
      'What is on air while nothing is published: any input but "ingest" and "source".',
    ),
  }),
]);
