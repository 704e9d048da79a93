import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Container } from 'inversify';
import { ExtensionHosts } from '../../../src/core/extension-hosts/hosts/extension-hosts.js';
import { PluginStore } from '../../../src/core/extension-hosts/store/plugin-store.js';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';
import { PluginLibrary } from '../../../src/plugins/library/plugin-library.js';
import { PluginManager } from '../../../src/plugins/library/plugin-manager.js';
import type { ChangedPlugin, StoredData } from '../../../src/protocol/plugin-management.js';
import { FakeBroadcast } from '../../support/fake-broadcast.js';
import { pluginHosting } from '../../support/plugin-hosting.js';
import { hostLaunchers, type PluginSource, places, writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

/** A plugin whose command returns `answer` with the events since its activation. */
const plugin = (name: string, manifest: object = {}, answer = 'hello'): PluginSource => ({
  source: `
    import { broadcast, commands } from '@bulkhead/extension-api';
    export async function activate({ globalState }) {
      const state = broadcast.state;
      await globalState.update('seen', true);
      commands.registerCommand('${name}.ask', () => '${answer} ' + state);
      commands.registerCommand('${name}.stop', () => broadcast.stop());
    }`,
  manifest,
});

const BROKEN: PluginSource = { source: "throw new Error('boom');", manifest: { version: '2.0.0' } };

for (const place of places) {
  describe(`managing plugins on air, in hosts ${place}`, () => {
    let folder: TempDir;
    let commands: CommandRegistry;
    let broadcast: FakeBroadcast;
    let container: Container;
    let hosts: ExtensionHosts;
    let library: PluginLibrary;
    let manager: PluginManager;

    beforeEach(async () => {
      folder = tempDir('manager');
      broadcast = new FakeBroadcast();
      container = pluginHosting({
        launchers: hostLaunchers(place),
        folder: join(folder.path, 'stored'),
        broadcast,
      });
      commands = container.get(CommandRegistry);
      hosts = container.get(ExtensionHosts);
      const store = container.get(PluginStore);
      library = new PluginLibrary(join(folder.path, 'library'));
      await library.open();
      manager = new PluginManager({
        library,
        running: hosts,
        purge: (id) => store.purge(id),
        isolation: 'as in a test',
        enforcesScopes: true,
      });
      manager.start();
      broadcast.become('starting');
      broadcast.become('live');
    });

    afterEach(async () => {
      await hosts.shutDown();
      container.unbindAll();
      library.dispose();
      broadcast.dispose();
      folder.dispose();
    });

    /** Like a command that has unpacked a package. */
    const install = (
      name: string,
      source: PluginSource,
      granted: string[] = [],
      storageMb = 512,
    ): Promise<ChangedPlugin> => {
      const staging = library.makeStagingFolder();
      cpSync(writePlugin(folder.path, name, source), staging.path, { recursive: true });
      return manager.install({ staged: staging.name, spec: name, granted, storageMb });
    };
    const infoOf = async (id: string) => (await manager.list()).plugins.find((info) => info.id === id);
    const until = (id: string, state: string) =>
      eventually(`${id} is ${state}`, async () => ((await infoOf(id))?.state === state ? true : undefined));
    const pidOf = (id: string) => hosts.status().find(({ plugins }) => plugins.includes(id))?.pid;
    const onBroadcastStart = { activationEvents: ['onBroadcastStart'] };
    const versionsOnDisk = () =>
      readdirSync(join(library.folder, 'plugins')).map((name) => name.replace(/-[0-9a-f]{8}$/, ''));

    it('activates one that waits for the broadcast, and again after each change', async () => {
      const { plugin: installed } = await install('p', plugin('p', onBroadcastStart));
      assert.equal(installed.state, 'running');
      assert.equal(await commands.execute('p.ask'), 'hello live');

      await manager.restart({ id: 'p' });
      assert.equal(await commands.execute('p.ask'), 'hello live');

      const updated = await install('p', plugin('p', { ...onBroadcastStart, version: '1.1.0' }, 'bye'));
      assert.deepEqual(
        [updated.before, updated.plugin.version, updated.plugin.state],
        ['1.0.0', '1.1.0', 'running'],
      );
      assert.equal(await commands.execute('p.ask'), 'bye live');
      assert.deepEqual(versionsOnDisk().sort(), ['p@1.0.0', 'p@1.1.0']);
      const back = await manager.rollback({ id: 'p' });
      assert.deepEqual([back.before, back.plugin.version, back.plugin.state], ['1.1.0', '1.0.0', 'running']);
      assert.equal(await commands.execute('p.ask'), 'hello live');
      await manager.rollback({ id: 'p' });
      assert.equal(await commands.execute('p.ask'), 'bye live');

      assert.equal(
        (await manager.setEnabled({ id: 'p', enabled: false, force: false })).plugin.state,
        'disabled',
      );
      await assert.rejects(commands.execute('p.ask'), { code: 'command.notFound' });
      assert.equal(
        (await manager.setEnabled({ id: 'p', enabled: true, force: false })).plugin.state,
        'running',
      );
      assert.equal(await commands.execute('p.ask'), 'bye live');
    });

    it('lets a plugin store what it asks for and the streamer has agreed to, whichever is less', async () => {
      const allowed = async (asked: number, agreed: number) => {
        await install('p', plugin('p', { storageMb: asked }), [], agreed);
        return (await infoOf('p'))?.storageMb;
      };
      assert.equal(await allowed(2000, 512), 512);
      assert.equal(await allowed(2000, 2000), 2000);
      assert.equal(await allowed(100, 2000), 100);
    });

    it('gives stored data to a plugin from another source only if the streamer agrees', async () => {
      const secretive = (name: string): PluginSource => ({
        source: `
          import { commands } from '@bulkhead/extension-api';
          export function activate({ secrets }) {
            commands.registerCommand('p.set', () => secrets.store('key', 'hunter2'));
            commands.registerCommand('p.get', async () => '${name} ' + await secrets.get('key'));
          }`,
        manifest: { name: 'p' },
      });
      const from = (spec: string, source: PluginSource, data?: StoredData) => {
        const staging = library.makeStagingFolder();
        cpSync(writePlugin(folder.path, 'source', source), staging.path, { recursive: true });
        const how = data === undefined ? {} : { data };
        return manager.install({ staged: staging.name, spec, granted: [], storageMb: 512, ...how });
      };
      const refused = () =>
        assert.rejects(from('thief@1.0.0', secretive('thief')), {
          code: 'plugin.otherSource',
          message: `"p" was installed from chat before; this one is from thief, and may be someone else's`,
        });
      await from('chat@1.0.0', secretive('chat'));
      await commands.execute('p.set');
      await from('chat@^1.1.0', secretive('chat 1.1'));
      assert.equal(await commands.execute('p.get'), 'chat 1.1 hunter2');
      await refused();
      assert.equal(await commands.execute('p.get'), 'chat 1.1 hunter2', 'the one before runs on');

      await manager.remove({ id: 'p', purge: false, force: false });
      assert.deepEqual((await manager.list()).kept, [{ id: 'p', spec: 'chat@^1.1.0' }]);
      await refused();
      await from('friend', secretive('friend'), 'keep');
      assert.equal(await commands.execute('p.get'), 'friend hunter2');
      assert.deepEqual((await manager.list()).kept, []);

      await from('thief', secretive('thief'), 'fresh');
      assert.equal(await commands.execute('p.get'), 'thief undefined');
      await manager.remove({ id: 'p', purge: true, force: false });
      await from('chat', secretive('chat'));
      assert.equal(await commands.execute('p.get'), 'chat undefined');
    });

    it('runs one with a scoped name', async () => {
      const { plugin: installed } = await install('scoped', plugin('scoped', { name: '@me/scoped' }));
      assert.deepEqual([installed.id, installed.state], ['me.scoped', 'running']);
      assert.equal(await commands.execute('scoped.ask'), 'hello live');
    });

    it('does not affect other plugins', async () => {
      await install('stays', plugin('stays'));
      const pid = pidOf('stays');
      await install('p', plugin('p'));
      await manager.restart({ id: 'p' });
      hosts.setPlugins([writePlugin(folder.path, 'given', plugin('given'))]);
      hosts.setPlugins([]);
      await manager.remove({ id: 'p', purge: false, force: false });

      assert.equal(pidOf('stays'), pid);
      assert.deepEqual(
        hosts.status().map(({ plugins, restarts }) => [plugins, restarts]),
        [[['stays'], 0]],
      );
    });

    it('restores the previous version if a new one is not activated', async () => {
      await install('p', plugin('p'));
      await assert.rejects(install('p', BROKEN), {
        code: 'plugin.failed',
        message: /^"p" 2\.0\.0 was not activated, so 1\.0\.0 stays installed and runs again: .*boom/,
      });

      assert.equal(await commands.execute('p.ask'), 'hello live');
      assert.equal((await infoOf('p'))?.version, '1.0.0');
      assert.deepEqual(versionsOnDisk(), ['p@1.0.0']);
    });

    it('keeps a new plugin that fails, with what is wrong with it', async () => {
      const { plugin: installed } = await install('p', BROKEN);
      assert.equal(installed.state, 'failed');
      assert.match(installed.error?.message ?? '', /boom/);

      await assert.rejects(manager.restart({ id: 'p' }), { code: 'plugin.failed', message: /boom/ });
    });

    it('revokes a permission immediately, and grants it again', async () => {
      const asks = { permissions: ['broadcast.control'] };
      await install('p', plugin('p', asks), ['broadcast.control']);
      const pid = pidOf('p');
      const change = (granted: boolean) =>
        manager.setPermission({ id: 'p', permission: 'broadcast.control', granted });

      assert.deepEqual((await change(false)).plugin.granted, []);
      await assert.rejects(commands.execute('p.stop'), /may not start and end the broadcast/);
      assert.equal(broadcast.current.state, 'live');
      assert.deepEqual((await change(true)).plugin.granted, ['broadcast.control']);
      await commands.execute('p.stop');
      assert.equal(broadcast.current.state, 'idle');
      assert.equal(pidOf('p'), pid);
      await assert.rejects(manager.setPermission({ id: 'p', permission: 'network', granted: true }), {
        code: 'permission.denied',
        message: 'the plugin "p" does not request "network"',
      });
    });

    it('restarts only the host whose permission applies to its process', async () => {
      await install('p', plugin('p', { permissions: ['network'] }), ['network']);
      const pid = pidOf('p');
      const { plugin: changed } = await manager.setPermission({
        id: 'p',
        permission: 'network',
        granted: false,
      });

      assert.deepEqual([changed.state, changed.granted, changed.asked], ['running', [], ['network']]);
      if (place === 'in a process of its own') assert.notEqual(pidOf('p'), pid);
      assert.equal(await commands.execute('p.ask'), 'hello live');
    });

    it('names the plugins that need one, and those that are missing', async () => {
      const needs = plugin('upper', { extensionDependencies: ['lower'] });
      await assert.rejects(install('upper', needs), {
        code: 'plugin.invalid',
        message: /extensionDependencies\[0\]: expected one of the plugins that are there, got "lower"/,
      });
      assert.deepEqual(versionsOnDisk(), []);

      await install('lower', plugin('lower'));
      await install('upper', needs);
      for (const change of [
        () => manager.setEnabled({ id: 'lower', enabled: false, force: false }),
        () => manager.remove({ id: 'lower', purge: false, force: false }),
      ]) {
        await assert.rejects(change(), {
          code: 'plugin.needed',
          message: 'the plugin "lower" is needed by "upper"',
        });
      }
      assert.equal(await commands.execute('upper.ask'), 'hello live');

      await manager.setEnabled({ id: 'lower', enabled: false, force: true });
      assert.equal((await infoOf('upper'))?.state, 'refused');
      await manager.setEnabled({ id: 'lower', enabled: true, force: false });
      await until('upper', 'running');
    });

    it('names a dependency that fails', async () => {
      await install('lower', BROKEN);
      const { plugin: upper } = await install('upper', plugin('upper', { extensionDependencies: ['lower'] }));

      assert.equal(upper.state, 'failed');
      assert.match(upper.error?.message ?? '', /"upper" was not activated, since it needs "lower": .*boom/);
    });

    it('rejects circular dependencies, and plugins that would prevent another one from running', async () => {
      await install(
        'one',
        plugin('one', { contributes: { commands: [{ command: 'one.ask', title: 'Ask' }] } }),
      );
      await assert.rejects(
        install('one', plugin('one', { version: '1.1.0', extensionDependencies: ['one'] })),
        /expected no circle, got "one" → "one"/,
      );
      await assert.rejects(
        install(
          'a',
          plugin('a', {
            name: 'one',
            publisher: 'a',
            contributes: { commands: [{ command: 'one.ask', title: 'Ask' }] },
          }),
        ),
        /the plugin "(one|a)" has the command "one\.ask" too/,
      );
      assert.equal(await commands.execute('one.ask'), 'hello live');
      assert.deepEqual(versionsOnDisk(), ['one@1.0.0']);
    });

    it('removes a plugin, and its stored data on request', async () => {
      const state = join(folder.path, 'stored', 'state', 'p.json');
      await install('p', plugin('p'));
      await manager.remove({ id: 'p', purge: false, force: false });
      assert.equal(existsSync(state), true);
      await install('p', plugin('p'));
      await manager.remove({ id: 'p', purge: true, force: false });

      assert.equal(existsSync(state), false);
      assert.deepEqual(versionsOnDisk(), []);
      assert.deepEqual((await manager.list()).plugins, []);
      await assert.rejects(manager.remove({ id: 'p', purge: false, force: false }), {
        code: 'plugin.notInstalled',
      });
    });

    it('prefers one in development to a configured one, and that to an installed one', async () => {
      await install('p', plugin('p', {}, 'installed'));
      const given = writePlugin(folder.path, 'given', plugin('p', { name: 'p' }, 'given'));
      hosts.setPlugins([given]);
      await hosts.activeAgain('p');
      assert.equal(await commands.execute('p.ask'), 'given live');
      assert.equal(
        (await manager.list()).plugins.find(({ source }) => source === 'library')?.state,
        'replaced',
      );

      const path = writePlugin(folder.path, 'mine', plugin('p', { name: 'p' }, 'mine'));
      const development = hosts.develop(path);
      await hosts.activeAgain('p');
      assert.equal(await commands.execute('p.ask'), 'mine live');
      assert.throws(() => hosts.develop(path), /is in development already/);
      writePlugin(folder.path, 'mine', plugin('p', { name: 'p' }, 'changed'));
      hosts.reload('p');
      await hosts.activeAgain('p');
      assert.equal(await commands.execute('p.ask'), 'changed live');

      development.dispose();
      await hosts.activeAgain('p');
      assert.equal(await commands.execute('p.ask'), 'given live');
      hosts.setPlugins([]);
      await hosts.activeAgain('p');
      assert.equal(await commands.execute('p.ask'), 'installed live');
    });

    it('runs what is installed when it starts', async () => {
      await install('p', plugin('p'));
      hosts.setLibrary([]);
      await hosts.activeAgain('p');
      manager.start();
      await until('p', 'running');
    });
  });
}
