import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';
import { PluginSources } from '../../../src/plugins/plugin-sources.js';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { installedPlugin } from './installed-plugin.js';

describe('the sources of plugins', () => {
  let folder: TempDir;
  let sources: PluginSources;

  beforeEach(() => {
    folder = tempDir('sources');
    sources = new PluginSources();
  });
  afterEach(() => folder.dispose());

  const write = (name: string, manifest: object = {}) =>
    writePlugin(folder.path, name, { source: 'export function activate() {}', manifest });
  const names = (plugins: readonly InstalledPlugin[]) => plugins.map(({ id, version }) => `${id}@${version}`);

  it('are lists that change independently', () => {
    const inFolder = installedPlugin('a');
    const installed = installedPlugin('b', { source: 'library' });
    assert.deepEqual(sources.all, []);
    sources.set('folder', [inFolder]);
    sources.set('library', [installed]);
    const developed = sources.develop(write('c'));
    assert.deepEqual(sources.all, [developed, inFolder, installed]);
    assert.deepEqual(sources.of('folder'), [inFolder]);
    assert.deepEqual(sources.of('library'), [installed]);
    assert.deepEqual(sources.of('development'), [developed]);
    const other = installedPlugin('d');
    assert.deepEqual(sources.withFolders([other]), [developed, other, installed]);
    assert.deepEqual(sources.of('folder'), [inFolder], 'nothing has changed');
  });

  it("find the plugins in the configuration's folders, which may refer to installed ones", () => {
    sources.set('library', [installedPlugin('base', { source: 'library' })]);
    write('a', { extensionDependencies: ['base'] });
    write('b');
    assert.deepEqual(names(sources.find([folder.path])), ['a@1.0.0', 'b@1.0.0']);
    assert.deepEqual(sources.of('folder'), []);
  });

  it('report every error in a folder', () => {
    write('a', { version: 'one' });
    write('b', { extensionDependencies: ['missing'] });
    for (const use of [() => sources.find([folder.path]), () => sources.develop(folder.path)]) {
      assert.throws(use, (error: Error & { code: string }) => {
        assert.equal(error.code, 'plugin.invalid');
        assert.match(error.message, /version.*\n.*"missing"/s);
        return true;
      });
    }
    assert.deepEqual(sources.all, []);
  });

  it('take a plugin into development once, from its own folder alone', () => {
    const path = write('a');
    const plugin = sources.develop(path);
    assert.deepEqual([plugin.id, plugin.source, plugin.path], ['a', 'development', path]);
    assert.throws(() => sources.develop(path), {
      code: 'plugin.invalid',
      where: path,
      message: `the plugin "a" is in development already, in ${path}`,
      remedy: 'End the other "bulkhead plugin dev" first.',
    });
    const copy = write('copy', { name: 'a' });
    assert.throws(() => sources.develop(copy), { code: 'plugin.invalid' });
    assert.deepEqual(sources.all, [plugin]);
  });

  it('refuse a folder that holds several plugins', () => {
    write('a');
    write('b');
    assert.throws(() => sources.develop(folder.path), {
      code: 'plugin.invalid',
      where: folder.path,
      message: `${folder.path}: expected the folder of one plugin, got "a", "b"`,
    });
    const empty = join(folder.path, 'empty');
    mkdirSync(empty);
    assert.throws(() => sources.develop(empty), { code: 'plugin.invalid' });
    assert.deepEqual(sources.all, []);
  });

  it('read a plugin in development again, and no other', () => {
    const first = sources.develop(write('a'));
    const second = sources.develop(write('b'));
    write('a', { version: '1.1.0' });
    sources.reread('a');
    assert.deepEqual(names(sources.of('development')), ['a@1.1.0', 'b@1.0.0']);
    assert.equal(sources.of('development')[0]?.source, 'development');
    assert.equal(sources.of('development')[1], second);

    write('a', { name: 'renamed' });
    assert.throws(() => sources.reread('a'), {
      code: 'plugin.invalid',
      message: `${first.path}: expected the folder of the plugin "a", got "renamed"`,
    });
    write('a', { version: 'none' });
    assert.throws(() => sources.reread('a'), { code: 'plugin.invalid' });
    assert.deepEqual(names(sources.of('development')), ['a@1.1.0', 'b@1.0.0']);
    assert.throws(() => sources.reread('missing'), { code: 'plugin.failed', where: 'missing' });
  });

  it('have an inspector only for a plugin that is developed with one, and keep it', () => {
    const inspector = { port: 9229, wait: false };
    assert.equal(sources.develop(write('a'), inspector).inspector, inspector);
    sources.develop(write('b'));
    write('a', { version: '1.1.0' });
    sources.reread('a');
    assert.deepEqual(
      sources.find([write('c')]).map((plugin) => plugin.inspector),
      [undefined],
    );
    assert.deepEqual(
      sources.of('development').map((plugin) => plugin.inspector),
      [inspector, undefined],
    );
  });

  it('end the development of one', () => {
    sources.develop(write('a'));
    const path = write('b');
    sources.develop(path);
    sources.endDevelopment('b');
    assert.deepEqual(names(sources.of('development')), ['a@1.0.0']);
    sources.endDevelopment('missing');
    sources.develop(path);
    assert.deepEqual(names(sources.of('development')), ['a@1.0.0', 'b@1.0.0']);
  });
});
