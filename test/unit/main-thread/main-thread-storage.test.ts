import assert from 'node:assert/strict';
import { PluginStore } from '../../../src/core/extension-hosts/store/plugin-store.js';
import { MainThreadStorage } from '../../../src/core/main-thread/main-thread-storage.js';
import { STATE_QUOTA_BYTES } from '../../../src/core/main-thread/plugin-storage.js';
import { MAX_PIECE_CHARACTERS } from '../../../src/protocol/channel-limits.js';
import {
  ProfileNotification,
  ReadProfileStateRequest,
  StageStateRequest,
  type StorageUsage,
  StorageUsageRequest,
  UpdateStateRequest,
} from '../../../src/protocol/plugin-storage.js';
import { tempDir } from '../../support/temp.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

describe("a host's messages about its plugins' state", () => {
  const held: { dispose(): void }[] = [];
  let host: FakeHost;
  let store: PluginStore;
  let profiles: string[];

  beforeEach(() => {
    const folder = tempDir('stored');
    store = new PluginStore(folder.path, { warn: () => {} });
    profiles = [];
    host = new FakeHost(new MainThreadStorage(store), [installedPlugin('p')], (connection) =>
      connection.onNotification(ProfileNotification.type, ({ profile }) => profiles.push(profile)),
    );
    held.push(host, store, folder);
  });

  afterEach(async () => {
    await store.flush();
    for (const item of held.splice(0)) item.dispose();
  });

  const update = (params: object) => host.request(UpdateStateRequest.method, params);
  const read = () => host.request(ReadProfileStateRequest.method, { plugin: 'p' });

  it('say what is used of the quotas, not too often', async () => {
    await update({ plugin: 'p', key: 'a', value: '1' });
    const usage = () => host.request(StorageUsageRequest.method, { plugin: 'p' }) as Promise<StorageUsage>;
    const { state, files } = await usage();
    assert.deepEqual([state.bytes, files.quotaBytes], [2, 512 * 1024 * 1024]);
    const answers = await Promise.allSettled(Array.from({ length: 100 }, usage));
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    assert.ok(refused.length > 20, String(refused.length));
    assert.deepEqual(new Set(refused.map(({ code, where }) => `${code} ${where}`)), new Set(['rpc.busy p']));
    await assert.rejects(host.request(StorageUsageRequest.method, { plugin: 'q' }), {
      code: 'permission.denied',
    });
  });

  it('write for the current profile, and for no other', async () => {
    await update({ plugin: 'p', profile: 'default', key: 'a', value: '1' });
    store.useProfile('gaming');
    store.useProfile('gaming');
    await assert.rejects(update({ plugin: 'p', profile: 'default', key: 'a', value: '2' }), {
      code: 'storage.failed',
      message: 'the profile is "gaming" now: nothing was written for "default"',
    });

    assert.deepEqual(await read(), { profile: 'gaming', values: {} });
    store.useProfile('default');
    assert.deepEqual(await read(), { profile: 'default', values: { a: '1' } });
    assert.deepEqual(await store.state('p').all(), {});
    assert.deepEqual(profiles, ['default', 'gaming', 'default']);
  });

  it('assemble a value sent in pieces, and separate those of two values', async () => {
    const stage = (transfer: number, piece: string) =>
      host.request(StageStateRequest.method, { plugin: 'p', transfer, piece });
    await stage(1, '"one ');
    await stage(2, '"two ');
    await stage(1, 'and more');
    await update({ plugin: 'p', profile: 'default', key: 'a', value: '"', transfer: 1 });
    await update({ plugin: 'p', profile: 'default', key: 'b', value: 'too"', transfer: 2 });
    await update({ plugin: 'p', profile: 'default', key: 'c', value: '3' });
    assert.deepEqual(await read(), {
      profile: 'default',
      values: { a: '"one and more"', b: '"two too"', c: '3' },
    });
  });

  it('keep no more pieces than the quota allows', async () => {
    const piece = 'x'.repeat(MAX_PIECE_CHARACTERS);
    const stage = (transfer: number) =>
      host.request(StageStateRequest.method, { plugin: 'p', transfer, piece });
    for (let i = 0; i < (2 * STATE_QUOTA_BYTES) / MAX_PIECE_CHARACTERS; i++) await stage(1);
    await assert.rejects(stage(1), { code: 'storage.quota' });
    for (let transfer = 1; transfer <= 4; transfer++) await stage(transfer);
    await assert.rejects(stage(5), { code: 'storage.quota' });
  });

  for (const profile of ['../../outside', '', 7, null, 'x'.repeat(1000)]) {
    it(`write nothing for the profile ${JSON.stringify(profile).slice(0, 20)}`, async () => {
      await assert.rejects(update({ plugin: 'p', profile, key: 'a', value: '1' }));
      assert.deepEqual(await read(), { profile: 'default', values: {} });
    });
  }
});
