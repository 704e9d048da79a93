import assert from 'node:assert/strict';
import { settingAt, settingValue } from '../../../src/cli/config/setting-path.js';
import type { PluginSetting } from '../../../src/protocol/settings.js';

const setting = (plugin: string, key: string, type: PluginSetting['type'] = 'string'): PluginSetting => ({
  ...{ plugin, key, type, value: null, isChanged: false },
});
const SETTINGS = [
  setting('me.chat', 'size', 'integer'),
  setting('me.chat', 'words.bad', 'array'),
  setting('me.chat.more', 'size'),
  setting('loud', 'on', 'boolean'),
];

describe('the setting that "bulkhead config set" means', () => {
  const found = (path: string) => {
    const { plugin, key } = settingAt(path, SETTINGS);
    return [plugin, key];
  };

  it('is found whatever dots its names have, and as messages write it', () => {
    assert.deepEqual(found('pluginSettings.me.chat.size'), ['me.chat', 'size']);
    assert.deepEqual(found('pluginSettings.me.chat.words.bad'), ['me.chat', 'words.bad']);
    assert.deepEqual(found('pluginSettings.me.chat.more.size'), ['me.chat.more', 'size']);
    assert.deepEqual(found('pluginSettings["me.chat"].size'), ['me.chat', 'size']);
    assert.deepEqual(found('pluginSettings.loud.on'), ['loud', 'on']);
  });

  it('is refused with what would be right', () => {
    const refused = (path: string, message: RegExp, remedy?: RegExp) =>
      assert.throws(
        () => settingAt(path, SETTINGS),
        (error: Error & { code: string; remedy?: string }) =>
          error.code === 'config.invalid' &&
          message.test(error.message) &&
          (remedy?.test(error.remedy ?? '') ?? true),
      );
    refused('pluginSettings.me.chat.sise', /no setting "sise"; did you mean "size"/);
    refused('pluginSettings.me.chatt.size', /no plugin that runs/, /config list/);
    refused('outputs.main.url', /settings of plugins/, /"bulkhead output"/);
    refused('size', /settings of plugins/, /[Ee]dit the configuration file/);
    assert.throws(() => settingAt('pluginSettings.a.b', []), /no plugin that has settings runs/);
  });

  it('has the value of its type', () => {
    const value = (text: string, type: PluginSetting['type']) => settingValue(text, setting('p', 'k', type));
    assert.deepEqual(
      [value('40', 'string'), value('40', 'integer'), value('1.5', 'number'), value('true', 'boolean')],
      ['40', 40, 1.5, true],
    );
    assert.deepEqual([value('["a"]', 'array'), value('null', 'string')], [['a'], null]);
    assert.throws(() => value('big', 'integer'), {
      ...{ code: 'config.invalid', where: 'pluginSettings.p.k' },
      message: 'expected a whole number, got "big"',
    });
    assert.throws(() => value('[]', 'object'), /an object, such as/);
    assert.throws(() => value('hunter2', 'secret'), {
      code: 'config.invalid',
      message: '"k" is a secret, which is no argument, since other users can read those',
      remedy: 'Run: bulkhead plugin secret set p k',
    });
    for (const text of ['a', '{}', '"a"']) assert.throws(() => value(text, 'array'), /a list, such as/);
  });
});
