import assert from 'node:assert/strict';
import { PluginStore } from '../../../src/core/extension-hosts/store/plugin-store.js';
import { DeclaredSecrets } from '../../../src/core/main-thread/declared-secrets.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { installedPlugin } from '../plugins/installed-plugin.js';

const titles = installedPlugin('titles', {
  contributes: {
    commands: [],
    configuration: {
      properties: { apiKey: { type: 'secret' }, token: { type: 'secret' }, size: { type: 'number' } },
    },
    events: [],
    statusItems: [],
  },
});

describe('the secrets that plugins declare', () => {
  let folder: TempDir;
  let store: PluginStore;
  let secrets: DeclaredSecrets;
  let changes: string[][];

  beforeEach(() => {
    folder = tempDir('declared');
    store = new PluginStore(folder.path, { warn: () => {} });
    secrets = new DeclaredSecrets(store);
    changes = [];
    secrets.onDidChange((changed) => changes.push(changed.map(({ plugin, key }) => `${plugin} ${key}`)));
  });
  afterEach(() => {
    for (const item of [secrets, store, folder]) item.dispose();
  });

  const seen = (count: number) =>
    eventually('the change', () => (changes.length >= count ? true : undefined));

  it('are missing until they are set, by whomever', async () => {
    await store.secrets('titles').set('token', 'x');
    assert.deepEqual(secrets.missingOf('titles'), [], 'not known yet');
    secrets.follow([titles, installedPlugin('other')]);
    await seen(1);
    assert.deepEqual(
      [changes, secrets.missingOf('titles'), secrets.missingOf('other')],
      [[['titles token']], ['apiKey'], []],
    );
    await store.secrets('titles').set('apiKey', 'hunter2');
    await seen(2);
    assert.deepEqual(secrets.missingOf('titles'), []);
    await store.secrets('titles').set('size', 'no secret of the manifest');
    await store.secrets('titles').set('apiKey', 'hunter3');
    await seen(3);
    await store.secrets('titles').set('token', null);
    await seen(4);
    assert.deepEqual(changes.slice(1), [['titles apiKey'], ['titles apiKey'], []]);
    assert.deepEqual(secrets.missingOf('titles'), ['token']);
  });

  it('are reported once for a plugin that stays, and forgotten with one that goes', async () => {
    await store.secrets('titles').set('token', 'x');
    secrets.follow([titles]);
    await seen(1);
    secrets.follow([titles]);
    await store.flush();
    secrets.follow([]);
    assert.deepEqual(secrets.missingOf('titles'), []);
    secrets.follow([titles]);
    await seen(2);
    assert.deepEqual(changes, [['titles token'], ['titles token']]);
  });
});
