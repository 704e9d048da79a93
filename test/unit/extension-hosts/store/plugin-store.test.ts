import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PluginStore } from '../../../../src/core/extension-hosts/store/plugin-store.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

const LIMITS = { bytes: 1024 * 1024, entries: 100 };

describe('PluginStore', () => {
  let folder: TempDir;
  /** The store's folder. */
  let root: string;
  let store: PluginStore;
  let warnings: string[];
  const open = () => new PluginStore(root, { warn: (message) => warnings.push(message) });

  beforeEach(() => {
    folder = tempDir('store');
    root = join(folder.path, 'plugins');
    warnings = [];
    store = open();
  });

  afterEach(() => folder.dispose());

  const write = async (plugin: string, bytes: number) => {
    const file = join(await store.makeFilesFolder(plugin), 'file');
    writeFileSync(file, Buffer.alloc(bytes, 1));
    return file;
  };

  describe('the folders that plugins may write', () => {
    it('exist, one per plugin, and keep their content', async () => {
      const one = await store.makeFilesFolder('someone.one');
      writeFileSync(join(one, 'file'), 'text');

      assert.equal(one, realpathSync(one));
      assert.deepEqual(readdirSync(await store.makeFilesFolder('someone.one')), ['file']);
      assert.deepEqual(readdirSync(await store.makeFilesFolder('someone.two')), []);
      if (process.platform !== 'win32') assert.equal(statSync(one).mode & 0o777, 0o700);
      assert.deepEqual(warnings, []);
    });

    it('are not the target of a link in their place', async () => {
      const outside = join(folder.path, 'outside');
      mkdirSync(outside);
      const one = await store.makeFilesFolder('one');
      rmSync(one, { recursive: true });
      symlinkSync(outside, one, 'junction');

      assert.equal(await store.makeFilesFolder('one'), one);
      assert.equal(realpathSync(one), one);
      assert.deepEqual(readdirSync(outside), []);
    });

    it('do not prevent a plugin from running if they cannot be created', async () => {
      writeFileSync(root, 'a file in the way');
      const path = await store.makeFilesFolder('one');

      assert.equal(dirname(path), join(root, 'files'));
      assert.match(warnings.join(), /the folder of the plugin "one" cannot be made: /);
    });
  });

  describe('what plugins use of their quotas', () => {
    const MB = 1024 * 1024;

    it('is said of each kind, with what may be used', async () => {
      await store.state('one').set('key', 'value');
      await store.profileState('one').set('k', '12');
      await store.secrets('one').set('token', 'hünter2');
      await write('one', 10_000);
      const { files, ...others } = await store.usage('one', 5 * MB);
      assert.deepEqual(others, {
        state: { bytes: 8, quotaBytes: MB },
        profileState: { bytes: 3, quotaBytes: MB },
        secrets: { bytes: 13, quotaBytes: 64 * 1024 },
      });
      // The file, and that of the profile's state.
      assert.ok(files.bytes >= 10_000 && files.bytes < 40_000, String(files.bytes));
      assert.deepEqual([files.quotaBytes, files.entries, files.maxEntries], [5 * MB, 2, 20_000]);
      const nothing = await store.usage('two', MB);
      assert.deepEqual([nothing.state.bytes, nothing.files.bytes, nothing.files.entries], [0, 0, 0]);
    });

    it('is measured once for many who ask, and as it was measured last', async () => {
      await write('one', 10_000);
      const [first, second] = await Promise.all([store.usage('one', MB), store.usage('one', MB)]);
      assert.deepEqual(first, second);
      await write('one', 100_000);
      assert.deepEqual(await store.usage('one', MB), first);
      await store.checkQuota('one', LIMITS);
      assert.ok((await store.usage('one', MB)).files.bytes >= 100_000);
    });
  });

  describe('stored data of plugins', () => {
    it('is separate for each plugin, for state and for secrets', async () => {
      await store.state('one').set('key', 'state of one');
      await store.secrets('one').set('key', 'secret of one');
      await store.state('two').set('key', 'state of two');
      assert.equal(await store.state('one').get('key'), 'state of one');
      assert.equal(await store.secrets('one').get('key'), 'secret of one');
      assert.equal(await store.state('two').get('key'), 'state of two');
      assert.equal(await store.secrets('two').get('key'), undefined);
    });

    it('is separate for each profile, whose change is reported once', async () => {
      const changes: string[] = [];
      const subscription = store.onDidChangeProfile((profile) => changes.push(profile));
      await store.profileState('one').set('key', 'default');
      store.useProfile('gaming');
      store.useProfile('gaming');
      assert.equal(await store.profileState('one').get('key'), undefined);
      await store.profileState('one').set('key', 'gaming');
      store.useProfile('default');
      assert.equal(await store.profileState('one').get('key'), 'default');
      assert.deepEqual(changes, ['gaming', 'default']);
      subscription.dispose();
    });

    it('stays in its folder, whatever the plugin is called', async () => {
      for (const id of ['@scope/name', '../../outside', 'a/b', '..']) {
        await store.state(id).set('key', id);
        await store.makeFilesFolder(id);
      }
      assert.deepEqual(readdirSync(folder.path), ['plugins']);
      assert.deepEqual(readdirSync(root).sort(), ['files', 'state']);
    });

    it('is deleted completely, without affecting other plugins', async () => {
      for (const id of ['one', 'two']) {
        await store.state(id).set('key', 'value');
        await store.secrets(id).set('key', 'value');
        await store.profileState(id).set('key', 'value');
        await write(id, 10);
      }
      await store.purge('one');
      const left = readdirSync(folder.path, { recursive: true, encoding: 'utf8' });
      assert.deepEqual(
        left.filter((path) => path.includes('one')),
        [],
      );
      assert.equal(left.filter((path) => path.includes('two')).length, 6);
      assert.equal(await store.state('one').get('key'), undefined);
      assert.equal(await store.state('two').get('key'), 'value');
    });

    it('can only shrink while it is over the quota, and grow again afterwards', async () => {
      await store.state('one').set('key', 'value');
      await write('one', 100_000);
      assert.equal(await store.checkQuota('one', LIMITS), undefined);
      const file = await write('one', 2 * 1024 * 1024);
      const failure = await store.checkQuota('one', LIMITS);
      assert.equal(failure?.code, 'storage.quota');
      assert.equal(failure.message, 'the plugin "one" has stored more than the 1 MB that it may');

      await assert.rejects(store.state('one').set('other', 'value'), { code: 'storage.quota' });
      await assert.rejects(store.secrets('one').set('other', 'value'), { code: 'storage.quota' });
      await store.state('one').set('key', null);
      await store.state('two').set('key', 'value');

      rmSync(file);
      assert.equal(await store.checkQuota('one', LIMITS), undefined);
      await store.state('one').set('other', 'value');
    });

    it('counts profile state together with files', async () => {
      await write('one', 600_000);
      await store.profileState('one').set('key', 'x'.repeat(600_000));
      const failure = await store.checkQuota('one', LIMITS);
      assert.match(failure?.message ?? '', /more than the 1 MB/);
    });

    it('is kept as a copy if it is damaged, three times at most', async () => {
      const state = join(root, 'state');
      mkdirSync(state, { recursive: true });
      for (let time = 0; time < 5; time++) {
        writeFileSync(join(state, 'one.json'), 'damaged');
        assert.equal(await open().state('one').get('key'), undefined);
        // Their names contain the time in ms.
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      assert.equal(readdirSync(state).filter((name) => name.includes('damaged')).length, 3);
      assert.equal(warnings.length, 5);
      assert.match(warnings[0] ?? '', /^the state of the plugin "one" was damaged; it is kept as /);
    });
  });
});
