import type { ConfigPath } from '../config/config-path.js';
import { keysIn } from '../config/json-schema-keys.js';
import { manifestJsonSchema } from './manifest.js';

let schema: ReturnType<typeof manifestJsonSchema> | undefined;

/** The keys that a manifest may have at a path. */
export function manifestKeysAt(path: ConfigPath, packageJson: unknown): readonly string[] {
  schema ??= manifestJsonSchema();
  return keysIn(schema, path, packageJson);
}
