import assert from 'node:assert/strict';
import { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PluginWatcher } from '../../../src/plugin-tools/plugin-watcher.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

describe("the watcher of a plugin's folder", () => {
  let folder: TempDir;
  let watcher: PluginWatcher | undefined;
  let saved: string[];

  beforeEach(() => {
    folder = tempDir('watcher');
    saved = [];
  });
  afterEach(() => {
    watcher?.dispose();
    folder.dispose();
  });

  const at = (...parts: string[]) => join(folder.path, ...parts);
  const make = (name: string) => {
    mkdirSync(at(name));
    writeFileSync(at(name, 'main.cjs'), '');
  };
  const watchPlugin = async () => {
    watcher = new PluginWatcher(at('plugin'), (file) => saved.push(file));
    await watcher.ready;
  };
  /** Saves until that is noticed: the watcher may not have begun again yet. */
  const notices = (what: string) =>
    eventually(what, async () => {
      writeFileSync(at('plugin', 'main.cjs'), String(Math.random()));
      return saved.includes('main.cjs') ? true : undefined;
    });

  it('hears of saves', async () => {
    make('plugin');
    await watchPlugin();
    await notices('a save');
  });

  it('waits for what the compiler makes of a save', async () => {
    make('plugin');
    await watchPlugin();
    for (const name of ['extension.ts', 'view.tsx', 'types.d.mts']) {
      writeFileSync(at('plugin', name), '');
      await delay(100);
    }
    await notices('the compiled file');
    assert.deepEqual(new Set(saved), new Set(['main.cjs']));
  });

  it('goes on when the folder is moved away and comes back', async () => {
    make('plugin');
    await watchPlugin();
    renameSync(at('plugin'), at('away'));
    await eventually('it is gone', () => (saved.length > 0 ? true : undefined));
    renameSync(at('away'), at('plugin'));
    await eventually('it is back', () => (saved.includes('') ? true : undefined));
    saved = [];
    await notices('a save afterwards');
  });

  it('goes on when another folder takes its place', async () => {
    make('plugin');
    make('other');
    await watchPlugin();
    renameSync(at('plugin'), at('away'));
    renameSync(at('other'), at('plugin'));
    await eventually('the other folder', () => (saved.includes('') ? true : undefined));
    saved = [];
    await notices('a save in it');
  });

  it('goes on when a link leads elsewhere', async function () {
    if (process.platform === 'win32') this.skip();
    make('one');
    make('two');
    symlinkSync(at('one'), at('plugin'));
    await watchPlugin();
    unlinkSync(at('plugin'));
    symlinkSync(at('two'), at('plugin'));
    await eventually('the other folder', () => (saved.includes('') ? true : undefined));
    saved = [];
    await notices('a save in it');
  });
});
