import assert from 'node:assert/strict';
import {
  GetSecretRequest,
  SecretChangedNotification,
  StoreSecretRequest,
} from '../../../src/protocol/plugin-secrets.js';
import { StorageUsageRequest } from '../../../src/protocol/plugin-storage.js';
import { HostPair } from './host-pair.js';

describe("a plugin's secrets", () => {
  let pair: HostPair;

  beforeEach(() => {
    pair = new HostPair();
  });
  afterEach(() => pair.dispose());

  it('report changes of its own, until it ends, and what a listener throws', async () => {
    pair.listen();
    const [mine, other] = [pair.plugin('mine'), pair.plugin('other')];
    const heard: string[] = [];
    const secrets = pair.services.secrets.createStorage(mine.scope);
    secrets.onDidChange(({ key }) => heard.push(`mine ${key}`));
    pair.services.secrets.createStorage(other.scope).onDidChange(({ key }) => {
      heard.push(`other ${key}`);
      throw new Error('not this one');
    });
    const change = async (plugin: string, key: string) => {
      pair.core.sendNotification(SecretChangedNotification.type, { plugin, key });
      await pair.settled();
    };
    await change('mine', 'apiKey');
    await change('other', 'token');
    mine.scope.dispose();
    await change('mine', 'apiKey');
    assert.deepEqual(heard, ['mine apiKey', 'other token']);
    assert.deepEqual(pair.reported, [
      'the plugin "other" failed: a listener of secrets.onDidChange: not this one',
    ]);
  });

  it('are undefined where there is none, and have been reported by the time that a store is answered', async () => {
    pair.core.onRequest(GetSecretRequest.type, () => null);
    pair.core.onRequest(StoreSecretRequest.type, ({ plugin, key }) => {
      pair.core.sendNotification(SecretChangedNotification.type, { plugin, key });
      return null;
    });
    pair.listen();
    const secrets = pair.services.secrets.createStorage(pair.plugin('mine').scope);
    assert.equal(await secrets.get('apiKey'), undefined);
    const heard: string[] = [];
    secrets.onDidChange(({ key }) => heard.push(key));
    await secrets.store('token', 'x');
    assert.deepEqual(heard, ['token']);
  });
});

describe("the usage of a plugin's storage", () => {
  it('is what the core says, named as the plugin knows it', async () => {
    const pair = new HostPair();
    const used = { bytes: 1, quotaBytes: 2 };
    const files = { ...used, entries: 3, maxEntries: 4 };
    const asked: unknown[] = [];
    pair.core.onRequest(StorageUsageRequest.type, (params) => {
      asked.push(params);
      return { state: used, profileState: used, secrets: used, files };
    });
    pair.listen();
    const { scope } = pair.plugin('mine');
    const usage = await pair.services.storage.usage(scope);
    assert.deepEqual(usage, { globalState: used, profileState: used, secrets: used, files });
    assert.throws(() => Object.assign(usage.files, { bytes: 0 }), TypeError);
    assert.deepEqual(asked, [{ plugin: 'mine' }]);
    scope.dispose();
    await assert.rejects(pair.services.storage.usage(scope), /no longer active/);
    pair.dispose();
  });
});
