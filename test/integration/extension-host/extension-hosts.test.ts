import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Container } from 'inversify';
import { ExtensionHosts } from '../../../src/core/extension-hosts/hosts/extension-hosts.js';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';
import { pluginHosting } from '../../support/plugin-hosting.js';
import type { PluginSource } from '../../support/plugins.js';
import { hostLaunchers, writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const plugin = (name: string, result: string): PluginSource => ({
  type: 'cjs',
  source: `
    const { commands } = require('@bulkhead/extension-api');
    exports.activate = () => { commands.registerCommand('${name}.ask', () => '${result}'); };`,
});

describe('all extension hosts', () => {
  let folder: TempDir;
  let commands: CommandRegistry;
  let container: Container;
  let hosts: ExtensionHosts;

  beforeEach(() => {
    folder = tempDir('hosts');
    container = pluginHosting({
      launchers: hostLaunchers('in a process of its own'),
      folder: join(folder.path, '.stored'),
    });
    commands = container.get(CommandRegistry);
    hosts = container.get(ExtensionHosts);
  });

  afterEach(async () => {
    await hosts.shutDown();
    container.unbindAll();
    folder.dispose();
  });

  const allRun = (count: number) =>
    eventually('all run', () => {
      const statuses = hosts.status();
      return statuses.length === count && statuses.every(({ state }) => state === 'running')
        ? statuses
        : undefined;
    });

  it('runs each plugin in its own process, and keeps unchanged ones running', async () => {
    const one = writePlugin(folder.path, 'one', plugin('one', 'from one'));
    const two = writePlugin(folder.path, 'two', plugin('two', 'from two'));
    hosts.setPlugins([folder.path]);
    const before = await allRun(2);
    assert.deepEqual(
      before.map(({ plugins, isolated }) => [plugins, isolated]),
      [
        [['one'], true],
        [['two'], true],
      ],
    );
    assert.notEqual(before[0]?.pid, before[1]?.pid);

    hosts.setPlugins([two]);
    const [stays] = await allRun(1);
    assert.equal(stays?.pid, before[1]?.pid);
    await eventually('one is gone', () => !commands.list().includes('one.ask') || undefined);

    writePlugin(folder.path, 'two', { ...plugin('two', 'from two, new'), manifest: { version: '1.1.0' } });
    hosts.setPlugins([one, two]);
    await allRun(2);
    assert.equal(await commands.execute('one.ask'), 'from one');
    assert.equal(await commands.execute('two.ask'), 'from two, new');
  });

  /** Records its activations in its storage, and takes time to end. */
  const noting = (version: string): PluginSource => ({
    manifest: { version },
    source: `
      import { commands } from '@bulkhead/extension-api';
      import { appendFileSync } from 'node:fs';
      import { join } from 'node:path';
      let note;
      export function activate({ storagePath }) {
        note = (text) => appendFileSync(join(storagePath, 'notes'), text + ' ${version}\\n');
        note('activated');
        commands.registerCommand('noting.pid', () => process.pid);
      }
      export async function deactivate() {
        await new Promise((resolve) => setTimeout(resolve, 100));
        note('deactivated');
      }`,
  });
  const notes = () =>
    readFileSync(join(folder.path, '.stored', 'files', 'noting', 'notes'), 'utf8').split('\n');

  it('activates a new version only when the previous one has ended', async () => {
    const path = writePlugin(folder.path, 'noting', noting('1.0.0'));
    hosts.setPlugins([path]);
    await allRun(1);
    writePlugin(folder.path, 'noting', noting('1.1.0'));
    hosts.setPlugins([path]);
    assert.equal(hosts.status()[0]?.state, 'restarting');
    await hosts.activeAgain('noting');

    assert.deepEqual(notes(), ['activated 1.0.0', 'deactivated 1.0.0', 'activated 1.1.0', '']);
    assert.equal((await allRun(1))[0]?.restarts, 0);
  });

  it('restarts one in a process started in advance, without affecting the others', async () => {
    writePlugin(folder.path, 'noting', noting('1.0.0'));
    writePlugin(folder.path, 'other', plugin('other', 'ok'));
    hosts.setPlugins([folder.path]);
    const before = await allRun(2);
    await Promise.all([hosts.restart('noting'), hosts.restart('noting')]);
    const after = await allRun(2);

    assert.deepEqual(notes(), ['activated 1.0.0', 'deactivated 1.0.0', 'activated 1.0.0', '']);
    assert.deepEqual(
      after.map(({ plugins, restarts }) => [plugins, restarts]),
      [
        [['noting'], 1],
        [['other'], 0],
      ],
    );
    assert.notEqual(after[0]?.pid, before[0]?.pid);
    assert.equal(after[1]?.pid, before[1]?.pid);
    await hosts.restart('noting');
    hosts.setPlugins([]);
    await eventually('none is left', () => hosts.status().length === 0 || undefined);
  });

  it('clears the crashes of one that is restarted', async () => {
    const path = writePlugin(folder.path, 'one', {
      type: 'cjs',
      source: `
        const { commands } = require('@bulkhead/extension-api');
        exports.activate = () => { commands.registerCommand('one.crash', () => process.abort()); };`,
    });
    hosts.setPlugins([path]);
    const crashes = async () => {
      const [before] = await allRun(1);
      await assert.rejects(commands.execute('one.crash'), { code: 'plugin.failed' });
      await eventually('again', () => (hosts.status()[0]?.pid ?? 0) !== before?.pid || undefined);
      await allRun(1);
    };
    await crashes();
    await crashes();
    await hosts.restart('one');
    await crashes();
  });

  it('starts many a few at a time', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) writePlugin(folder.path, name, plugin(name, `from ${name}`));
    hosts.setPlugins([folder.path]);
    const begun = () => hosts.status().map(({ state, pid }) => [state, pid > 0]);
    await eventually('some have begun', () => begun().some(([, hasBegun]) => hasBegun) || undefined);
    assert.deepEqual(
      begun().slice(2),
      names.slice(2).map(() => ['starting', false]),
    );
    hosts.setPlugins(names.slice(0, 4).map((name) => join(folder.path, name)));
    await hosts.activeAgain('d');

    assert.equal(await commands.execute('d.ask'), 'from d');
    await allRun(4);
  });

  it('changes nothing if a folder is invalid, and reports every error', async () => {
    const one = writePlugin(folder.path, 'one', plugin('one', 'from one'));
    hosts.setPlugins([one]);
    const [before] = await allRun(1);
    const bad = writePlugin(folder.path, 'bad', { source: '', manifest: { version: 'x', main: 'y.js' } });

    assert.throws(
      () => hosts.setPlugins([bad, '/nowhere']),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'plugin.invalid');
        assert.deepEqual(
          error.message.split('\n').map((line) => line.slice(0, line.indexOf(': '))),
          [`${bad}/package.json`, '/nowhere'],
        );
        return true;
      },
    );
    assert.deepEqual(hosts.status(), [before]);
  });

  it('gives one that has failed another chance', async () => {
    const path = writePlugin(folder.path, 'one', { source: 'export const nothing = 1;' });
    hosts.setPlugins([path]);
    await eventually('failed', () => hosts.status()[0]?.state === 'failed' || undefined);
    writePlugin(folder.path, 'one', { source: 'export function activate() {}' });
    hosts.setPlugins([path]);

    await allRun(1);
  });
});
