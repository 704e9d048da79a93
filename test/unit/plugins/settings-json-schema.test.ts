import assert from 'node:assert/strict';
import { settingsJsonSchema } from '../../../src/plugins/settings-json-schema.js';
import type { DeclaredSetting } from '../../../src/protocol/setting-declaration.js';
import { installedPlugin } from './installed-plugin.js';

describe("a plugin's settings as JSON Schema", () => {
  it('have everything that the manifest says, and secrets that are only written', () => {
    const place: DeclaredSetting = {
      type: 'object',
      properties: { x: { type: 'number', default: 0 }, tags: { type: 'array', items: { type: 'string' } } },
      additionalProperties: { type: 'integer' },
      required: ['x'],
    };
    const mood: DeclaredSetting = {
      type: 'string',
      ...{ title: 'Mood', description: 'Of it.', markdownDescription: 'Of **it**.', order: 2 },
      ...{ enum: ['good', 'bad'], enumDescriptions: ['All is well.', 'It is not.'], default: 'good' },
    };
    const properties = {
      mood,
      place,
      open: { type: 'object', additionalProperties: false },
      any: { type: 'array', minItems: 1, uniqueItems: true },
      apiKey: { type: 'secret', description: 'From example.org.' },
    } satisfies Record<string, DeclaredSetting>;
    const contributes = { commands: [], configuration: { properties }, events: [], statusItems: [] };
    assert.deepEqual(settingsJsonSchema(installedPlugin('p', { contributes })), {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        ...{ mood, place, open: properties.open, any: properties.any },
        apiKey: { type: 'string', format: 'password', writeOnly: true, description: 'From example.org.' },
      },
      additionalProperties: false,
    });
  });
});
