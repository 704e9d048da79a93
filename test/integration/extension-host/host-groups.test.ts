import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Container } from 'inversify';
import { ExtensionHosts } from '../../../src/core/extension-hosts/hosts/extension-hosts.js';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';
import { pluginHosting } from '../../support/plugin-hosting.js';
import { hostLaunchers, writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

describe('plugins that share a host', () => {
  let folder: TempDir;
  let commands: CommandRegistry;
  let container: Container;
  let hosts: ExtensionHosts;
  let notices: { source: string; message: string }[];

  beforeEach(() => {
    folder = tempDir('groups');
    notices = [];
    container = pluginHosting({
      launchers: hostLaunchers('in a process of its own'),
      folder: join(folder.path, '.stored'),
      notices: { notice: (notice) => notices.push(notice) },
    });
    commands = container.get(CommandRegistry);
    hosts = container.get(ExtensionHosts);
  });

  afterEach(async () => {
    await hosts.shutDown();
    container.unbindAll();
    folder.dispose();
  });

  const write = (name: string, manifest: object = {}, installed = false) =>
    writePlugin(folder.path, name, {
      type: 'cjs',
      installed,
      source: `
        const { commands, configuration } = require('@bulkhead/extension-api');
        const { appendFileSync } = require('node:fs');
        const { join } = require('node:path');
        let note;
        exports.activate = ({ extension, globalState, storagePath }) => {
          note = (text) => appendFileSync(join(storagePath, 'notes'), text + '\\n');
          note('activated');
          commands.registerCommand('${name}.who', async () => {
            await globalState.update('of', extension.id);
            return [extension.id, configuration.get('mood'), globalState.get('of')];
          });
          commands.registerCommand('${name}.crash', () => { setImmediate(() => { throw new Error('on purpose'); }); });
        };
        exports.deactivate = () => note('deactivated');`,
      manifest: {
        publisher: 'me',
        hostGroup: 'tools',
        contributes: { configuration: { properties: { mood: { type: 'string', default: `of ${name}` } } } },
        ...manifest,
      },
    });

  const running = (...expected: string[][]) =>
    eventually(`${JSON.stringify(expected)} run`, () => {
      const statuses = hosts.status();
      const same = JSON.stringify(statuses.map(({ plugins }) => plugins)) === JSON.stringify(expected);
      return same && statuses.every(({ state }) => state === 'running') ? statuses : undefined;
    });
  const notes = (id: string) =>
    readFileSync(join(folder.path, '.stored', 'files', id, 'notes'), 'utf8')
      .trim()
      .split('\n');

  it('have one process, and an API, settings and storage each', async () => {
    hosts.setPlugins([write('one'), write('two')], { 'me.two': { mood: 'good' } });
    await running(['me.one', 'me.two']);

    assert.deepEqual(await commands.execute('one.who'), ['me.one', 'of one', 'me.one']);
    assert.deepEqual(await commands.execute('two.who'), ['me.two', 'good', 'me.two']);
  });

  it('have separate APIs, even if each has the API package installed', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    hosts.setPlugins(names.map((name) => write(name, {}, true)));
    await running(names.map((name) => `me.${name}`));

    for (const name of names) {
      assert.deepEqual(await commands.execute(`${name}.who`), [`me.${name}`, `of ${name}`, `me.${name}`]);
    }
  });

  it('crash and restart together, and the notice names the one that failed', async () => {
    hosts.setPlugins([write('one'), write('two')]);
    const [before] = await running(['me.one', 'me.two']);
    await commands.execute('two.crash').catch(() => {});
    await eventually('a new process', () => (hosts.status()[0]?.pid ?? 0) !== before?.pid || undefined);
    await running(['me.one', 'me.two']);

    assert.ok(Array.isArray(await commands.execute('one.who')));
    const [notice] = notices;
    assert.equal(notice?.source, 'me.two');
    assert.match(notice?.message ?? '', /the plugin "me.two" failed: .*on purpose/);
    assert.match(notice?.message ?? '', /Restarting it with all that share its process: "me.one"\.$/);
  });

  it('continue without a removed one, which never runs twice', async () => {
    const [one, two] = [write('one'), write('two')];
    hosts.setPlugins([one, two]);
    await running(['me.one', 'me.two']);
    hosts.setPlugins([one]);
    await running(['me.one']);
    assert.ok(Array.isArray(await commands.execute('one.who')));
    await assert.rejects(commands.execute('two.who'), { code: 'command.notFound' });

    hosts.setPlugins([one, two]);
    await running(['me.one', 'me.two']);
    write('two', { hostGroup: undefined });
    hosts.setPlugins([one, two]);
    await running(['me.one'], ['me.two']);
    const times = ['activated', 'deactivated', 'activated', 'deactivated', 'activated'];
    assert.deepEqual(notes('me.one'), [...times, 'deactivated', 'activated']);
    assert.deepEqual(notes('me.two'), times);
  });

  it('have the same permissions', async () => {
    hosts.setPlugins([write('one'), write('two', { permissions: ['broadcast.marker'] })]);
    const [first, second] = await running(['me.one'], ['me.two']);
    assert.notEqual(first?.pid, second?.pid);
  });
});
