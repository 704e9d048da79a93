import assert from 'node:assert/strict';
import { checkPlugins } from '../../../src/cli/doctor/config-checks.js';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe("the doctor's check of plugins", () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('doctor');
  });

  afterEach(() => folder.dispose());

  it('reports valid plugins, and errors in manifests and settings', () => {
    const properties = { volume: { type: 'number' } };
    const source = 'process.abort();';
    writePlugin(folder.path, 'good', {
      source,
      manifest: { contributes: { configuration: { properties } } },
    });
    writePlugin(folder.path, 'bad', { source, manifest: { permissions: 'everything' } });
    writePlugin(folder.path, 'newer', { source, manifest: { permissions: ['everything'] } });
    const text = JSON.stringify(checkPlugins([folder.path], { good: { volume: 'loud' } }));

    assert.match(text, /good 1\.0\.0 in /);
    assert.match(text, /permissions: expected a list/);
    assert.match(text, /newer: permissions\[0\]: unknown permission/);
    assert.match(text, /pluginSettings\[.*good.*\]\.volume: expected a number/);
    assert.equal(checkPlugins([folder.path], {}).length, 4);
  });
});
