import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkUpgrades } from '../../../src/plugin-tools/checks/check-upgrades.js';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { installedPlugin } from '../plugins/installed-plugin.js';

describe('settings of the version before that is installed', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('check-upgrades');
  });
  afterEach(() => folder.dispose());

  function plugin(
    version: string,
    properties: object,
    code = 'exports.activate = () => {};',
  ): InstalledPlugin {
    const main = join(folder.path, 'main.cjs');
    writeFileSync(main, code);
    const contributes = {
      ...installedPlugin('p').contributes,
      configuration: { properties: properties as never },
    };
    return installedPlugin('p', { version, main, contributes });
  }
  const first = () => plugin('1.0.0', { seconds: { type: 'integer' }, name: { type: 'string' } });
  const messages = (now: InstalledPlugin, installed: InstalledPlugin | undefined) =>
    checkUpgrades({ plugin: now }, () => installed).map(({ severity, message }) => `${severity}: ${message}`);

  it('are missed where they are gone or have another type, and there is no script', () => {
    assert.deepEqual(messages(plugin('2.0.0', { name: { type: 'array' } }), first()), [
      'warning: the setting "seconds" of 1.0.0, which is installed here, is gone, and no upgrade script says what becomes of it',
      'warning: the setting "name" of 1.0.0, which is installed here, has the type array, and had string, and no upgrade script says what becomes of it',
    ]);
  });

  it('are not where there are scripts, the same version is installed, or none', () => {
    const scripts = 'exports.activate = () => {}; exports.upgrades = [() => ({})];';
    const installed = first();
    assert.deepEqual(messages(plugin('2.0.0', {}, scripts), installed), []);
    assert.deepEqual(messages(plugin('1.0.0', {}), installed), []);
    assert.deepEqual(messages(plugin('0.9.0', {}), installed), []);
    assert.deepEqual(messages(plugin('2.0.0', {}), undefined), []);
  });
});
