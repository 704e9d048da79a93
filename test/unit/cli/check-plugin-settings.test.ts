import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPluginSettings } from '../../../src/cli/check-plugin-settings.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe("a configuration's settings for plugins", () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('settings');
    writePlugin(folder.path, 'chat', {
      source: '',
      manifest: {
        contributes: {
          configuration: { properties: { channel: { type: 'string' }, loud: { type: 'boolean' } } },
        },
      },
    });
  });

  afterEach(() => folder.dispose());

  const check = (...lines: string[]) => {
    writeFileSync(join(folder.path, 'show.jsonc'), lines.join('\n'));
    checkPluginSettings(loadConfig('show.jsonc', {}, folder.path));
  };

  it('are reported with file and line, all errors together', () => {
    assert.throws(
      () =>
        check(
          '{',
          '  "plugins": ["chat"],',
          '  "pluginSettings": { "chat": {',
          '    "channel": 5,',
          '    "laud": true',
          '  } }',
          '}',
        ),
      {
        code: 'config.invalid',
        message: [
          'show.jsonc:4:16: pluginSettings["chat"].channel: expected text in double quotes, got 5',
          'show.jsonc:5:13: pluginSettings["chat"].laud: the plugin "chat" has no such setting; did you mean "loud"?',
        ].join('\n'),
      },
    );
  });

  it('may be for plugins that are not installed', () => {
    check('{ "plugins": ["chat"], "pluginSettings": { "chat": { "loud": true }, "other": { "x": 1 } } }');
  });
});
