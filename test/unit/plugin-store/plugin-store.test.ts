import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PluginStore } from '../../../src/core/plugin-store/plugin-store.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('the folders that plugins may write', () => {
  let folder: TempDir;
  let store: PluginStore;
  let warnings: string[];

  beforeEach(() => {
    folder = tempDir('store');
    warnings = [];
    store = new PluginStore(join(folder.path, 'plugins'), { warn: (message) => warnings.push(message) });
  });

  afterEach(() => folder.dispose());

  it('are there, one for each, and keep what is in them', async () => {
    const one = await store.makeFilesFolder('someone.one');
    writeFileSync(join(one, 'file'), 'text');

    assert.equal(one, realpathSync(one));
    assert.deepEqual(readdirSync(await store.makeFilesFolder('someone.one')), ['file']);
    assert.deepEqual(readdirSync(await store.makeFilesFolder('someone.two')), []);
    if (process.platform !== 'win32') assert.equal(statSync(one).mode & 0o777, 0o700);
    assert.deepEqual(warnings, []);
  });

  it('are not what a link in their place leads to', async () => {
    const outside = join(folder.path, 'outside');
    mkdirSync(outside);
    const one = await store.makeFilesFolder('one');
    rmSync(one, { recursive: true });
    symlinkSync(outside, one, 'junction');

    assert.equal(await store.makeFilesFolder('one'), one);
    assert.equal(realpathSync(one), one);
    assert.deepEqual(readdirSync(outside), []);
  });

  it('do not keep a plugin from running where they cannot be made', async () => {
    writeFileSync(join(folder.path, 'plugins'), 'a file in the way');
    const path = await store.makeFilesFolder('one');

    assert.equal(dirname(path), join(folder.path, 'plugins', 'files'));
    assert.match(warnings.join(), /the folder of the plugin "one" cannot be made: /);
  });
});
