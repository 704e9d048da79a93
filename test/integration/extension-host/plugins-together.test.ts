import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Container } from 'inversify';
import { ExtensionHosts } from '../../../src/core/extension-hosts/hosts/extension-hosts.js';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';
import { PluginDirectory } from '../../../src/core/main-thread/plugin-directory.js';
import { pluginHosting } from '../../support/plugin-hosting.js';
import { hostLaunchers, type Place, writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const raids = `
  const { commands, events } = require('@bulkhead/extension-api');
  class DeviceError extends Error { name = 'DeviceError'; code = 'EDEVICE'; }
  exports.activate = async () => {
    const seen = [];
    commands.registerCommand('raids.fire', (payload) => events.fire('raids.raid', payload));
    commands.registerCommand('raids.crash', () => { setImmediate(() => { throw new Error('on purpose'); }); });
    commands.registerCommand('raids.seen', () => seen);
    return {
      version: 1,
      api: {
        greet(raider) { raider.greeted = true; seen.push(raider); return { text: 'Hello, ' + raider.name }; },
        fail() { throw new DeviceError('no device'); },
        bad: () => new Map(),
        busy() { const end = Date.now() + 60; while (Date.now() < end); },
        wait: (token) => new Promise((_, reject) => token.onCancellationRequested(() => reject(new Error('stopped')))),
      },
    };
  };`;

const greeter = `
  const { CancellationTokenSource, commands, events, extensions } = require('@bulkhead/extension-api');
  exports.activate = ({ subscriptions }) => {
    const raids = extensions.getExtension('me.raids');
    // As it is now: it is there before this plugin is.
    const { api, version } = raids.exports;
    const heard = [];
    const raider = { name: 'you' };
    events.on('raids.raid', (payload) => heard.push(payload), undefined, subscriptions);
    const command = (name, run) => commands.registerCommand('greeter.' + name, async (...args) => {
      try { return await run(...args); }
      catch ({ name, code, message }) { return { name, code, message }; }
    });
    command('look', () => [raids.id, raids.packageJSON.version, raids.isActive, version, Object.isFrozen(api)]);
    command('greet', async () => [await api.greet(raider), raider]);
    command('fail', () => api.fail());
    command('bad', () => api.bad());
    command('pass', () => api.greet(new Date(0)));
    command('wait', () => {
      const source = new CancellationTokenSource();
      setImmediate(() => source.cancel());
      return api.wait(source.token);
    });
    command('flood', async () => (await Promise.all(Array.from({ length: 128 }, () => api.busy()))).length);
    command('heard', () => heard);
    command('stranger', () => extensions.getExtension('me.lazy'));
    command('optional', () => extensions.getExtension('me.nowhere') === undefined);
  };`;

/** Activated by the event, and hears it. */
const lazy = `
  const { commands, events } = require('@bulkhead/extension-api');
  const heard = [];
  exports.activate = () => {
    events.on('raids.raid', (payload) => { heard.push(payload); if (payload === 'throw') throw new Error('too loud'); });
    commands.registerCommand('lazy.heard', () => heard);
  };`;

const cases: { readonly what: string; readonly place: Place; readonly hostGroup?: string }[] = [
  { what: 'in processes of their own', place: 'in a process of its own' },
  { what: 'in one process', place: 'in a process of its own', hostGroup: 'tools' },
  { what: 'inside the core', place: 'inside the core' },
];

for (const { what, place, hostGroup } of cases) {
  describe(`plugins that work together, ${what}`, () => {
    let folder: TempDir;
    let container: Container;
    let hosts: ExtensionHosts;
    let commands: CommandRegistry;
    let lines: string[];

    beforeEach(async () => {
      folder = tempDir('together');
      lines = [];
      const write = (message: string) => void lines.push(message);
      container = pluginHosting({
        launchers: hostLaunchers(place),
        folder: join(folder.path, '.stored'),
        log: { trace() {}, debug() {}, info() {}, warn: write, error: write },
      });
      commands = container.get(CommandRegistry);
      hosts = container.get(ExtensionHosts);
      hosts.setPlugins([
        plugin('greeter', greeter, {
          extensionDependencies: ['me.raids'],
          optionalExtensionDependencies: ['me.nowhere'],
          permissions: ['events:raids.raid'],
        }),
        plugin('lazy', lazy, {
          permissions: ['events:raids.raid'],
          activationEvents: ['onEvent:raids.raid'],
        }),
        plugin('raids', raids, {
          // Plugins share a process when they have the same permissions.
          permissions: ['events:raids.raid'],
          contributes: { events: [{ event: 'raids.raid', description: 'A raid.' }] },
        }),
      ]);
      await hosts.activeAgain('me.greeter');
      await eventually('the greeter', () => commands.list().includes('greeter.optional') || undefined);
    });

    afterEach(async () => {
      await hosts.shutDown();
      container.unbindAll();
      folder.dispose();
    });

    const plugin = (name: string, source: string, manifest: object) =>
      writePlugin(folder.path, name, {
        type: 'cjs',
        source,
        manifest: { publisher: 'me', ...(hostGroup && { hostGroup }), ...manifest },
      });

    it('call what one of them exports, and share nothing', async () => {
      assert.deepEqual(await commands.execute('greeter.look'), ['me.raids', '1.0.0', true, 1, true]);
      assert.deepEqual(await commands.execute('greeter.greet'), [{ text: 'Hello, you' }, { name: 'you' }]);
      assert.deepEqual(await commands.execute('raids.seen'), [{ name: 'you', greeted: true }]);
      assert.deepEqual(await commands.execute('greeter.fail'), {
        ...{ name: 'DeviceError', code: 'EDEVICE' },
        message: 'the plugin "me.raids" failed: exports.api.fail: no device',
      });
      const { code, message } = (await commands.execute('greeter.bad')) as Record<string, string>;
      assert.equal(code, 'rpc.unencodable');
      assert.match(message ?? '', /^the plugin "me\.raids" failed: exports\.api\.bad: its result is a Map/);
      assert.deepEqual(await commands.execute('greeter.pass'), {
        ...{ name: 'BulkheadError', code: 'rpc.unencodable' },
        message:
          'exports.api.greet of the plugin "me.raids" was not run: args[0] is a Date; pass its toISOString() or getTime()',
      });
      const cancelled = (await commands.execute('greeter.wait')) as Record<string, string>;
      assert.equal(cancelled['code'], 'rpc.cancelled');
      const refused = (await commands.execute('greeter.stranger')) as Record<string, string>;
      assert.equal(refused['code'], 'permission.denied');
      assert.equal(await commands.execute('greeter.optional'), true);
    });

    it('hear of events, also those that the event activates', async () => {
      assert.ok(!commands.list().includes('lazy.heard'));
      await commands.execute('raids.fire', [{ viewers: 5 }]);
      await eventually('the lazy one', () => commands.list().includes('lazy.heard') || undefined);
      await hosts.activeAgain('me.lazy');
      await commands.execute('raids.fire', ['throw']);
      const both = [{ viewers: 5 }, 'throw'];
      assert.deepEqual(await commands.execute('greeter.heard'), both);
      assert.deepEqual(await commands.execute('lazy.heard'), both);
      await eventually('the report', () => lines.find((line) => line.includes('too loud')));
      assert.ok(
        lines.includes('the plugin "me.lazy" failed: a listener of the event "raids.raid": too loud'),
      );
    });

    if (place === 'in a process of its own' && hostGroup === undefined) {
      it('do not end each other by many calls at once', async function () {
        this.timeout(60_000);
        // Longer than a host may leave a heartbeat without an answer.
        assert.equal(await commands.execute('greeter.flood'), 128);
        assert.deepEqual(lines, []);
      });

      it('call the same object again when the other one has crashed and is back', async () => {
        const directory = container.get(PluginDirectory);
        const called = new Promise<unknown>((resolve) => {
          const watching = directory.onDidChange((id) => {
            if (id !== 'me.raids' || directory.isActive(id)) return;
            watching.dispose();
            resolve(commands.execute('greeter.greet'));
          });
        });
        await commands.execute('raids.crash').catch(() => {});
        assert.deepEqual(await called, {
          ...{ name: 'BulkheadError', code: 'plugin.failed' },
          message: 'exports.api.greet: the plugin "me.raids" is not active',
        });
        await eventually('a call that works', async () => {
          const result = await commands.execute('greeter.greet');
          return Array.isArray(result) || undefined;
        });
        assert.deepEqual(await commands.execute('raids.seen'), [{ name: 'you', greeted: true }]);
      });
    }
  });
}
