import * as z from '../base/zod.js';
import type { ConfigPath } from './config-path.js';
import { type JsonSchema, keysIn } from './json-schema-keys.js';
import { BroadcastConfigSchema } from './schema.js';

/** The configuration as JSON Schema 2020-12, for editors; stored in `schemas/bulkhead.schema.json`. */
export function configJsonSchema(): JsonSchema {
  return {
    ...z.toJSONSchema(BroadcastConfigSchema, { io: 'input' }),
    title: 'Bulkhead configuration',
  };
}

let knownSchema: JsonSchema | undefined;

/** The keys of the object at `path` according to the schema; of a union, those of the branch chosen by `value`. */
export function knownKeys(path: ConfigPath, value: unknown): string[] {
  knownSchema ??= configJsonSchema();
  return keysIn(knownSchema, path, value);
}
