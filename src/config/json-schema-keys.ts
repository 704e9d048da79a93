import type * as z from '../base/zod.js';
import type { ConfigPath } from './config-path.js';

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The keys of the object at `path` according to any schema; of a union, those of the branch chosen by `value`. */
export function keysIn(root: JsonSchema, path: ConfigPath, value: unknown): string[] {
  let schema: JsonSchema | undefined = branch(root, value);
  let current = value;
  for (const part of path) {
    current = (current as Record<string | number, unknown> | undefined)?.[part];
    const next: unknown =
      typeof part === 'number' ? schema?.items : (schema?.properties?.[part] ?? schema?.additionalProperties);
    schema = isSchema(next) ? branch(resolved(root, next), current) : undefined;
  }
  return Object.keys(schema?.properties ?? {});
}

/** What a `$ref` within the schema refers to. */
function resolved(root: JsonSchema, schema: JsonSchema): JsonSchema {
  const [, name = ''] = /^#\/\$defs\/(.+)$/.exec(schema.$ref ?? '') ?? [];
  const definition: unknown = root.$defs?.[name];
  return isSchema(definition) ? definition : schema;
}

function branch(schema: JsonSchema, value: unknown): JsonSchema {
  const type = (value as { type?: unknown } | null | undefined)?.type;
  const chosen = schema.oneOf?.find((option) => {
    const typeSchema = isSchema(option) ? option.properties?.['type'] : undefined;
    return isSchema(typeSchema) && typeSchema.const === (type ?? typeSchema.default);
  });
  return isSchema(chosen) ? chosen : schema;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
