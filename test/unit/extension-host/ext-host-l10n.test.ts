import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createL10nApi } from '../../../src/extension-host/api/l10n-api.js';
import { ExtHostL10n } from '../../../src/extension-host/ext-host-l10n.js';
import type { ApiTarget } from '../../../src/extension-host/plugin-services.js';
import { describePlugin } from '../../../src/plugins/installed-plugin.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { installedPlugin } from '../plugins/installed-plugin.js';

describe('the texts of code in other languages', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('l10n');
  });

  afterEach(() => folder.dispose());

  const write = (name: string, content: unknown) =>
    writeFileSync(join(folder.path, name), JSON.stringify(content));
  const apiIn = (language: string, l10n: string | undefined = folder.path) => {
    const installed = installedPlugin('p', { language, ...(l10n === undefined ? {} : { l10n }) });
    const scope = { plugin: describePlugin(installed, '/stored', 'none') };
    return createL10nApi(() => ({ scope, services: { l10n: new ExtHostL10n() } }) as unknown as ApiTarget);
  };

  it('are those of the code without a translation, with their arguments', () => {
    const { t, bundle } = apiIn('en');
    assert.equal(bundle, undefined);
    assert.equal(t('Hello {0}, {1} {0} {2} {name} {}', 'you', 3), 'Hello you, 3 you {2} {name} {}');
    assert.equal(t('{count} of {all}', { count: 1, all: 2 }), '1 of 2');
    assert.equal(t('{constructor} {__proto__}', {}), '{constructor} {__proto__}');
    assert.equal(t({ message: 'Live', args: [], comment: 'A state' }), 'Live');
    assert.throws(() => t(5 as never), TypeError);
  });

  it('are those of the code without an active plugin', () => {
    const { t, bundle } = createL10nApi(() => {
      throw new Error('the plugin is no longer active');
    });
    assert.deepEqual([t('Hello {0}', 1), bundle], ['Hello 1', undefined]);
  });

  it('are found by the text and its comments', () => {
    write('bundle.l10n.zh-cn.json', {
      'Hello {0}': '{0}，你好',
      Live: '直播中',
      'Live/A button': { message: '开播', comment: ['x'] },
      'Live/A button, short': '播',
      constructor: 5,
    });
    const { t, bundle } = apiIn('zh-cn');
    assert.equal(t('Hello {0}', '小王'), '小王，你好');
    assert.equal(t('Live'), '直播中');
    assert.equal(t({ message: 'Live', comment: 'A button' }), '开播');
    assert.equal(t({ message: 'Live', comment: ['A button', ', short'] }), '播');
    assert.equal(t('toString'), 'toString');
    assert.equal(bundle?.['Live'], '直播中');
    assert.equal(apiIn('zh-sg').t('Live'), '直播中');
    assert.equal(apiIn('de').t('Live'), 'Live');
  });

  it('are those of the code where a file is not one of texts', () => {
    write('bundle.l10n.de.json', 'text');
    writeFileSync(join(folder.path, 'bundle.l10n.fr.json'), '{');
    mkdirSync(join(folder.path, 'bundle.l10n.es.json'));
    writeFileSync(join(folder.path, 'bundle.l10n.it.json'), `{"Live":"${'x'.repeat(1024 * 1024)}"}`);
    for (const language of ['de', 'fr', 'es', 'it', 'nl'])
      assert.equal(apiIn(language).t('Live'), 'Live', language);
    assert.equal(apiIn('de', undefined).bundle, undefined);
  });
});
