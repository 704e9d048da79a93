import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Container } from 'inversify';
import { ExtensionHosts } from '../../../src/core/extension-hosts/hosts/extension-hosts.js';
import { StorageLimits, StorageWatch } from '../../../src/core/extension-hosts/hosts/storage-watch.js';
import { PluginStore } from '../../../src/core/extension-hosts/store/plugin-store.js';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';
import type { NoticeParams } from '../../../src/protocol/control.js';
import { pluginHosting } from '../../support/plugin-hosting.js';
import { hostLaunchers, writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

describe("the quota of plugins' stored data", () => {
  let folder: TempDir;
  let commands: CommandRegistry;
  let store: PluginStore;
  let container: Container;
  let hosts: ExtensionHosts;
  let watch: StorageWatch;
  let notices: Omit<NoticeParams, 'atMs'>[];

  beforeEach(() => {
    folder = tempDir('quota');
    notices = [];
    container = pluginHosting({
      launchers: hostLaunchers('in a process of its own'),
      folder: join(folder.path, '.stored'),
      notices: { notice: (notice) => notices.push(notice) },
    });
    commands = container.get(CommandRegistry);
    hosts = container.get(ExtensionHosts);
    store = container.get(PluginStore);
    container.bind(StorageLimits).toConstantValue({ maxEntries: 200, intervalMs: 50 });
    watch = container.get(StorageWatch);
  });

  afterEach(async () => {
    watch.dispose();
    await hosts.shutDown();
    container.unbindAll();
    folder.dispose();
  });

  const storing = (name: string, body: string, manifest: object = {}) =>
    writePlugin(folder.path, name, {
      source: `
        import { commands } from '@bulkhead/extension-api';
        import * as fs from 'node:fs';
        import { join } from 'node:path';
        export function activate({ storagePath, globalState }) {
          commands.registerCommand('${name}.store', async () => { ${body} });
        }`,
      manifest: { storageMb: 1, ...manifest },
    });
  const statusOf = (id: string) => hosts.status().find(({ plugins }) => plugins.includes(id));
  const becomes = (id: string, state: string) =>
    eventually(`${id} is ${state}`, () => {
      const status = statusOf(id);
      return status?.state === state ? status : undefined;
    });
  const fill = (id: string) => commands.execute(`${id}.store`).catch(() => {});

  it('stops a plugin that exceeds its quota, with a notice, until the streamer acts', async () => {
    storing('greedy', "fs.writeFileSync(join(storagePath, 'big'), Buffer.alloc(3 * 1024 * 1024, 1));");
    storing('modest', "fs.writeFileSync(join(storagePath, 'small'), Buffer.alloc(1000, 1)); return 'done';");
    hosts.setPlugins([folder.path]);
    await becomes('greedy', 'running');
    await becomes('modest', 'running');

    void fill('greedy');
    const { error, pid } = await becomes('greedy', 'failed');
    assert.equal(error?.code, 'storage.quota');
    assert.equal(error?.message, 'the plugin "greedy" has stored more than the 1 MB that it may');
    assert.match(
      error?.remedy ?? '',
      /^Delete what it does not need in .*greedy, then run: bulkhead plugin restart greedy$/,
    );
    assert.equal(pid, 0);
    assert.deepEqual(
      notices.filter(({ source }) => source === 'greedy').map(({ severity }) => severity),
      ['error'],
    );
    assert.equal(await commands.execute('modest.store'), 'done');
    await delay(300);
    assert.equal(notices.length, 1, 'it is reported once');
    assert.equal(statusOf('modest')?.restarts, 0);

    await assert.rejects(store.state('greedy').set('key', 'value'), { code: 'storage.quota' });
    hosts.setPlugins([join(folder.path, 'greedy'), join(folder.path, 'modest')]);
    await eventually('it is ended again', () => (notices.length === 2 ? true : undefined));
    await becomes('greedy', 'failed');

    rmSync(join(store.filesFolder('greedy'), 'big'));
    await hosts.restart('greedy');
    await becomes('greedy', 'running');
    await eventually('it may store again', () =>
      store
        .state('greedy')
        .set('key', 'value')
        .then(
          () => true,
          () => undefined,
        ),
    );
  });

  it('counts files as well as bytes', async () => {
    storing('many', "for (let n = 0; n < 1000; n++) fs.writeFileSync(join(storagePath, 'f' + n), '');");
    hosts.setPlugins([folder.path]);
    await becomes('many', 'running');
    void fill('many');
    const { error } = await becomes('many', 'failed');
    assert.match(error?.message ?? '', /has stored more than the 200 files and folders that it may/);
    assert.ok(readdirSync(store.filesFolder('many')).length >= 200);
  });

  it('does not let a plugin hide what it stores', async function () {
    // Root can read everything.
    if (process.getuid?.() === 0) this.skip();
    storing('hiding', "fs.mkdirSync(join(storagePath, 'h')); fs.chmodSync(join(storagePath, 'h'), 0);");
    hosts.setPlugins([folder.path]);
    await becomes('hiding', 'running');
    void fill('hiding');
    const { error } = await becomes('hiding', 'failed');
    assert.match(error?.message ?? '', /has stored what cannot be measured, in .*h$/);
  });
});
