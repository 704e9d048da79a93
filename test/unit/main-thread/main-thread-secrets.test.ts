import assert from 'node:assert/strict';
import { PluginStore } from '../../../src/core/extension-hosts/store/plugin-store.js';
import { MainThreadSecrets } from '../../../src/core/main-thread/main-thread-secrets.js';
import {
  GetSecretRequest,
  ListSecretsRequest,
  SecretChangedNotification,
  StoreSecretRequest,
} from '../../../src/protocol/plugin-secrets.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

describe("a host's secrets", () => {
  let folder: TempDir;
  let store: PluginStore;
  let host: FakeHost;
  let told: unknown[];

  beforeEach(() => {
    folder = tempDir('secrets');
    store = new PluginStore(folder.path, { warn: () => {} });
    told = [];
    host = new FakeHost(
      new MainThreadSecrets(store),
      [installedPlugin('p'), installedPlugin('q')],
      (connection) =>
        connection.onNotification(SecretChangedNotification.type, (change) => told.push(change)),
    );
  });

  afterEach(async () => {
    await store.flush();
    for (const item of [host, store, folder]) item.dispose();
  });

  const get = (plugin: string, key: unknown) => host.request(GetSecretRequest.method, { plugin, key });
  const set = (key: string, value: unknown) =>
    host.request(StoreSecretRequest.method, { plugin: 'p', key, value });
  const list = (plugin: string) => host.request(ListSecretsRequest.method, { plugin });

  it('are kept for each plugin, until it deletes them', async () => {
    assert.equal(await get('p', 'token'), null);
    await set('token', 'hunter2');
    assert.deepEqual([await get('p', 'token'), await get('q', 'token')], ['hunter2', null]);
    assert.deepEqual([await list('p'), await list('q')], [['token'], []]);
    await set('token', null);
    assert.deepEqual([await get('p', 'token'), await list('p')], [null, []]);
  });

  it('are reported by their names, whoever changes them, before the change is answered', async () => {
    await set('token', 'hunter2');
    assert.deepEqual(told, [{ plugin: 'p', key: 'token' }]);
    // As the streamer does.
    await store.secrets('q').set('key', 'x');
    await store.secrets('q').set('key', 'x');
    await store.secrets('q').set('missing', null);
    await store.secrets('elsewhere').set('key', 'x');
    await set('token', null);
    assert.deepEqual(told.slice(1), [
      { plugin: 'q', key: 'key' },
      { plugin: 'p', key: 'token' },
    ]);
    assert.doesNotMatch(JSON.stringify(told), /hunter2/);
  });

  it('are refused for plugins that are not in the host, and for invalid keys or values', async () => {
    await assert.rejects(get('other', 'token'), { code: 'permission.denied' });
    await assert.rejects(list('other'), { code: 'permission.denied' });
    for (const key of ['', 5, 'x'.repeat(1001)])
      await assert.rejects(get('p', key), { code: 'plugin.failed' });
    for (const value of [5, undefined, 'x'.repeat(200_000)]) {
      await assert.rejects(set('token', value), { code: 'plugin.failed' });
    }
    assert.deepEqual(await list('p'), []);
  });

  it('are no longer returned once the host has ended', async () => {
    await set('token', 'hunter2');
    host.served.dispose();
    await assert.rejects(get('p', 'token'));
  });
});
