import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PluginStore } from '../../../../src/core/extension-hosts/store/plugin-store.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe("upgrades of a plugin's state", () => {
  let folder: TempDir;
  let store: PluginStore;

  beforeEach(() => {
    folder = tempDir('generations');
    open();
  });
  afterEach(async () => {
    await store.flush();
    store.dispose();
    folder.dispose();
  });

  function open(): void {
    store = new PluginStore(folder.path, { warn: () => {} });
  }
  /** As after the end of the core. */
  async function reopen(): Promise<void> {
    await store.flush();
    store.dispose();
    open();
  }
  async function upgrade(applied: number, word: string): Promise<void> {
    await store.upgrades.begin('p');
    await store.upgrades.upgraded('p').set('word', word);
    await store.upgrades.commit('p', applied);
  }
  const state = () => store.state('p').all();

  it('count what a new plugin has as up to date', async () => {
    assert.deepEqual({ ...(await store.upgrades.applied('p', 2)) }, { generation: 0, applied: 2, first: 2 });
    await reopen();
    const { applied, first } = await store.upgrades.applied('p', 5);
    assert.deepEqual([applied, first], [2, 2]);
  });

  it('take effect in one step, and stay', async () => {
    await store.upgrades.applied('p', 0);
    await store.state('p').set('word', 'old');
    store.useProfile('gaming');
    await store.profileState('p').set('word', 'old for gaming');
    assert.deepEqual(await store.upgrades.begin('p'), ['gaming']);
    await store.upgrades.upgraded('p').set('word', 'new');
    await store.upgrades.upgraded('p', 'gaming').set('word', 'new for gaming');
    assert.deepEqual(await state(), { word: 'old' });
    await store.upgrades.commit('p', 2);
    for (const reread of [async () => {}, reopen]) {
      await reread();
      store.useProfile('gaming');
      assert.deepEqual(
        [await state(), await store.profileState('p').all()],
        [{ word: 'new' }, { word: 'new for gaming' }],
      );
      assert.equal((await store.upgrades.applied('p', 2)).applied, 2);
    }
  });

  it('that were not completed have changed nothing, and begin anew', async () => {
    await store.upgrades.applied('p', 0);
    await store.state('p').set('word', 'old');
    await store.upgrades.begin('p');
    await store.upgrades.upgraded('p').set('left', 'over');
    await reopen();
    assert.deepEqual(await state(), { word: 'old' });
    await upgrade(1, 'new');
    assert.deepEqual(await state(), { word: 'new' });
  });

  it('are taken back by a version with fewer scripts, and can be made again', async () => {
    await store.upgrades.applied('p', 0);
    await store.state('p').set('word', 'old');
    await upgrade(2, 'new');
    await reopen();
    assert.equal(await store.upgrades.goBack('p', 1), 0);
    assert.deepEqual(await state(), { word: 'old' });
    await store.state('p').set('word', 'older');
    await upgrade(2, 'newer');
    assert.deepEqual(await state(), { word: 'newer' });
    assert.equal(await store.upgrades.goBack('p', 0), 0);
    assert.deepEqual(await state(), { word: 'older' });
  });

  it('can be taken back once: only the state before the last one is kept', async () => {
    await store.upgrades.applied('p', 0);
    for (const applied of [1, 2, 3]) await upgrade(applied, String(applied));
    assert.deepEqual(readdirSync(join(folder.path, 'upgrades', 'p')).sort(), ['2', '3', 'applied.json']);
    assert.equal(await store.upgrades.goBack('p', 1), 3, 'there is nothing for one script');
    assert.equal(await store.upgrades.goBack('p', 2), 2);
    assert.equal(await store.upgrades.goBack('p', 1), 2);
    assert.deepEqual(await state(), { word: '2' });
  });

  it('know only profiles that there are', async () => {
    await store.upgrades.applied('p', 0);
    assert.throws(() => store.upgrades.upgraded('p'), { code: 'storage.failed' });
    await store.upgrades.begin('p');
    assert.throws(() => store.upgrades.upgraded('p', '../../secrets/other'), { code: 'storage.failed' });
  });

  it('are forgotten with all else, and then the plugin is new', async () => {
    await store.upgrades.applied('p', 0);
    await upgrade(2, 'new');
    await store.purge('p');
    assert.deepEqual([await state(), existsSync(join(folder.path, 'upgrades', 'p'))], [{}, false]);
    assert.equal((await store.upgrades.applied('p', 3)).applied, 3);
  });

  it('are refused where the record of them is damaged, and say what to do', async () => {
    await store.upgrades.applied('p', 0);
    const file = join(folder.path, 'upgrades', 'p', 'applied.json');
    writeFileSync(file, JSON.stringify({ state: '{"applied":-1}' }));
    await reopen();
    await assert.rejects(store.upgrades.applied('p', 1), {
      code: 'storage.failed',
      where: file,
      message: 'what says which upgrades were applied to the state of "p" is damaged',
    });
  });
});
