import type {
  DeclaredSetting,
  ListSetting,
  ObjectSetting,
  SettingDeclaration,
} from '../protocol/setting-declaration.js';
import { declaredSettings } from './declared-settings.js';
import type { InstalledPlugin } from './installed-plugin.js';

/** A JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * A plugin's settings as JSON Schema 2020-12, for tools that draw forms: of `pluginSettings` of the configuration, and of the secrets beside them,
 * which are `"writeOnly": true`. Besides what JSON Schema knows there are the annotations `order`, `markdownDescription`,
 * `enumDescriptions` and `patternErrorMessage`, as in VS Code.
 */
export function settingsJsonSchema(plugin: Pick<InstalledPlugin, 'contributes'>): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: mapped(declaredSettings(plugin), schemaOf),
    additionalProperties: false,
  };
}

function schemaOf(setting: DeclaredSetting): JsonSchema {
  switch (setting.type) {
    case 'secret':
      return { ...setting, type: 'string', format: 'password', writeOnly: true };
    case 'array':
      return listSchema(setting);
    case 'object':
      return objectSchema(setting);
    default:
      return { ...setting };
  }
}

function listSchema({ items, ...setting }: ListSetting): JsonSchema {
  return { ...setting, ...(items === undefined ? {} : { items: schemaOf(items) }) };
}

function objectSchema({ properties, additionalProperties, ...setting }: ObjectSetting): JsonSchema {
  return {
    ...setting,
    ...(properties === undefined ? {} : { properties: mapped(properties, schemaOf) }),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties:
            typeof additionalProperties === 'boolean' ? additionalProperties : schemaOf(additionalProperties),
        }),
  };
}

function mapped<T extends DeclaredSetting | SettingDeclaration>(
  settings: Readonly<Record<string, T>>,
  schema: (setting: T) => JsonSchema,
): JsonSchema {
  return Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, schema(setting)]));
}
