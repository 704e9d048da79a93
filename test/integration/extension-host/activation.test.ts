import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Container } from 'inversify';
import { ExtensionHosts } from '../../../src/core/extension-hosts/hosts/extension-hosts.js';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';
import type { NoticeParams } from '../../../src/protocol/control.js';
import { FakeBroadcast } from '../../support/fake-broadcast.js';
import { pluginHosting } from '../../support/plugin-hosting.js';
import { hostLaunchers, places, writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

/** A plugin whose command returns the state of the broadcast at its activation. */
const lazy = (name: string, body = '') => `
  import { broadcast, commands } from '@bulkhead/extension-api';
  export async function activate() {
    const { state } = broadcast;
    ${body}
    commands.registerCommand('${name}.state', () => state);
    commands.registerCommand('${name}.quit', () => process.exit(0));
  }`;

const announced = (...names: string[]) => ({
  contributes: { commands: names.map((command) => ({ command, title: command })) },
});

for (const place of places) {
  describe(`activation of plugins in hosts ${place}`, () => {
    let folder: TempDir;
    let commands: CommandRegistry;
    let container: Container;
    let hosts: ExtensionHosts;
    let broadcast: FakeBroadcast;
    let notices: Omit<NoticeParams, 'atMs'>[];

    beforeEach(() => {
      folder = tempDir('activation');
      broadcast = new FakeBroadcast();
      notices = [];
      container = pluginHosting({
        launchers: hostLaunchers(place),
        folder: join(folder.path, '.stored'),
        broadcast,
        notices: { notice: (notice) => notices.push(notice) },
      });
      commands = container.get(CommandRegistry);
      hosts = container.get(ExtensionHosts);
    });

    afterEach(async () => {
      await hosts.shutDown();
      container.unbindAll();
      broadcast.dispose();
      folder.dispose();
    });

    const write = (name: string, manifest: object, source = lazy(name)) =>
      writePlugin(folder.path, name, { source, manifest });

    const statusOf = (id: string) => hosts.status().find(({ plugins }) => plugins.includes(id));
    const until = (id: string, state: string) =>
      eventually(
        `${id} is ${state}`,
        () => (statusOf(id)?.state === state ? statusOf(id) : undefined),
        20_000,
      );

    it('happens on the first run of a command that the plugin contributes', async () => {
      write('p', { activationEvents: ['onCommand:p.quit'], ...announced('p.state', 'p.missing') });
      hosts.setPlugins([folder.path]);
      assert.deepEqual(commands.list(), ['p.missing', 'p.quit', 'p.state']);
      const { waiting } = await until('p', 'running');
      assert.deepEqual(waiting, ['p']);
      broadcast.become('starting');

      assert.equal(await commands.execute('p.state'), 'starting');
      assert.equal(statusOf('p')?.waiting, undefined);
      await assert.rejects(commands.execute('p.missing'), {
        code: 'command.notFound',
        where: 'p',
        message:
          'the plugin "p" declares the command "p.missing" but did not register it when it was activated',
      });
    });

    it('can be requested before the host has started, and is repeated after a crash', async () => {
      write('p', { activationEvents: [], ...announced('p.state', 'p.quit') });
      hosts.setPlugins([folder.path]);
      assert.equal(await commands.execute('p.state'), 'idle');
      broadcast.become('starting');
      await assert.rejects(commands.execute('p.quit'), { code: 'plugin.failed', where: 'p' });

      await eventually(
        'the host ends',
        () => statusOf('p')?.restarts === 1 || statusOf('p')?.state !== 'running' || undefined,
      );
      // The command waits for the host that is being restarted.
      assert.equal(await commands.execute('p.state'), 'starting');
      const { restarts, waiting } = await until('p', 'running');
      assert.deepEqual([restarts, waiting], [1, undefined]);
    });

    it("happens on the broadcast's start and end", async () => {
      write('start', { activationEvents: ['onBroadcastStart'] });
      write('stop', { activationEvents: ['onBroadcastStop'] });
      hosts.setPlugins([folder.path]);
      const active = (name: string) =>
        eventually(`${name} is active`, () => commands.list().includes(`${name}.state`) || undefined);
      broadcast.become('starting');
      broadcast.become('live');
      await active('start');
      assert.equal(await commands.execute('start.state'), 'live');
      assert.deepEqual(statusOf('stop')?.waiting, ['stop']);
      broadcast.become('stopping');
      broadcast.become('idle');
      await active('stop');

      assert.equal(await commands.execute('stop.state'), 'idle');
    });

    it('happens when a setting is set or changed', async () => {
      const properties = { volume: { type: 'number', default: 1 } };
      write('p', {
        activationEvents: ['onConfiguration:volume'],
        contributes: { configuration: { properties } },
      });
      hosts.setPlugins([folder.path]);
      assert.deepEqual((await until('p', 'running')).waiting, ['p']);
      assert.throws(() => hosts.setPlugins([folder.path], { p: { volume: 'loud' } }), {
        code: 'config.invalid',
        message: 'pluginSettings["p"].volume: expected a number, got "loud"',
      });
      assert.deepEqual(statusOf('p')?.waiting, ['p']);
      hosts.setPlugins([folder.path], { p: { volume: 2 } });

      await eventually('p is active', () => commands.list().includes('p.state') || undefined);
    });

    it('happens when a setting changes on air, and a plugin that runs hears of it', async () => {
      const properties = { volume: { type: 'number', default: 1 } };
      const source = `import { commands, configuration } from '@bulkhead/extension-api';
        export function activate() {
          const heard = [configuration.get('volume')];
          configuration.onDidChange(() => heard.push(configuration.get('volume')));
          commands.registerCommand('p.heard', () => heard);
          commands.registerCommand('p.set', (value) => configuration.update('volume', value));
        }`;
      const activationEvents = ['onConfiguration:volume'];
      write('p', { activationEvents, contributes: { configuration: { properties } } }, source);
      const follow = (volume: string | number) => {
        const other = { allowApiProposals: {}, profile: 'default' };
        const config = { plugins: [folder.path], pluginSettings: { p: { volume } }, ...other };
        return hosts.prepareConfiguration(config as never, false);
      };
      hosts.setPlugins([folder.path]);
      await until('p', 'running');
      assert.throws(() => follow('loud'), { code: 'config.invalid' });
      assert.deepEqual(statusOf('p')?.waiting, ['p']);
      await follow(2)();
      await eventually('p is active', () => commands.list().includes('p.heard') || undefined);
      await follow(3)();
      await commands.execute('p.set', [4]);
      assert.deepEqual(await commands.execute('p.heard'), [2, 3, 4]);
      await assert.rejects(commands.execute('p.set', ['loud']), /expected a number, got "loud"/);
    });

    it('activates dependencies first, and once', async () => {
      const order = (name: string) => lazy(name, `await commands.executeCommand('base.note', '${name}');`);
      write(
        'top',
        { extensionDependencies: ['left', 'right'], ...announced('top.state'), activationEvents: [] },
        order('top'),
      );
      write(
        'left',
        { extensionDependencies: ['base'], activationEvents: ['onBroadcastStart'] },
        order('left'),
      );
      write(
        'right',
        { extensionDependencies: ['base'], activationEvents: ['onBroadcastStart'] },
        order('right'),
      );
      write(
        'base',
        { activationEvents: ['onBroadcastStart'] },
        lazy(
          'base',
          `const noted = [];
          commands.registerCommand('base.note', (name) => { noted.push(name); });
          commands.registerCommand('base.noted', () => noted);`,
        ),
      );
      hosts.setPlugins([folder.path]);
      await commands.execute('top.state');

      const noted = (await commands.execute('base.noted')) as string[];
      assert.deepEqual([noted.slice(0, 2).sort(), noted.slice(2)], [['left', 'right'], ['top']]);
    });

    it('fails with a dependency that fails, and names it', async () => {
      write('top', { extensionDependencies: ['base'] });
      write('base', { activationEvents: ['onBroadcastStop'] }, lazy('base', `throw new Error('no key');`));
      hosts.setPlugins([folder.path]);
      const { error } = await until('top', 'failed');

      assert.equal(error?.where, 'top');
      assert.equal(
        error?.message,
        'the plugin "top" was not activated, since it needs "base": the plugin "base" failed: activate: no key',
      );
      assert.deepEqual(notices.map(({ source }) => source).sort(), ['base', 'top']);
    });

    it('reports why a command cannot be run if its plugin stays off', async () => {
      write('p', { activationEvents: [], ...announced('p.state') }, lazy('p', `throw new Error('no key');`));
      hosts.setPlugins([folder.path]);
      const failed = {
        code: 'plugin.failed',
        where: 'p',
        message: 'the plugin "p" failed: activate: no key',
      };
      await assert.rejects(commands.execute('p.state'), failed);
      await until('p', 'failed');
      await assert.rejects(commands.execute('p.state'), failed);

      await hosts.shutDown();
      await assert.rejects(commands.execute('p.state'), { code: 'command.notFound' });
    });
  });
}
