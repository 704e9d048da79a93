import * as z from '../base/zod.js';
import { ID } from './ids.js';

export const INGEST_KEY = z
  .string()
  .regex(
    /^(?:(?:env|file|keyring):.+|[^\s/?&#]+)$/,
    'expected "env:NAME", "file:PATH", "keyring:NAME" or a key without spaces, "/", "?", "&" and "#"',
  )
  .optional();

/** Where others publish to Bulkhead. */
export const IngestSchema = z.strictObject({
  id: ID,
  key: INGEST_KEY.describe(
    'The stream key that a publisher gives: "env:NAME" reads an environment variable, "file:PATH" the first line of a file. Without it, one is made and kept.',
  ),
  secondPublisher: z
    .enum(['replace', 'refuse'])
    .default('replace')
    .describe(
      'Whether a second publisher with the same key replaces the first or is refused. A first one that has sent nothing for 2 s is always replaced.',
    ),
  maxBitrateKbps: z
    .int()
    .min(100)
    .max(200_000)
    .default(60_000)
    .describe('A publisher that sends more, as a mean over 4 s, is disconnected; kbit/s.'),
});

export type IngestConfig = z.output<typeof IngestSchema>;
