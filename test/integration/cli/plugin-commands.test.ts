import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ChangedPlugin, PluginInfo, PluginList } from '../../../src/protocol/plugin-management.js';
import { pluginEntries, writeArchive } from '../../support/archive.js';
import { Bulkhead, runBulkhead, runCommand } from '../../support/bulkhead.js';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('the commands that manage plugins', function () {
  this.timeout(90_000);
  let folder: TempDir;
  let core: Bulkhead | undefined;

  beforeEach(() => {
    folder = tempDir('manage');
    core = undefined;
  });

  afterEach(async () => {
    await core?.end();
    folder.dispose();
  });

  const plugin = async (...args: string[]) => {
    const { code, stdout, stderr } = await runBulkhead(['plugin', ...args], {
      env: { XDG_DATA_HOME: folder.path },
      ...(core === undefined ? {} : { address: core.address }),
    });
    return { code, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() };
  };
  const startCore = async () => {
    core = new Bulkhead(['core'], { env: { XDG_DATA_HOME: folder.path } });
    await core.until('the core answers', ({ state }) => state === 'idle');
    return core;
  };
  const hello = (version: string, manifest: object = {}) =>
    writePlugin(folder.path, 'hello', {
      source: `
        import { commands } from '@bulkhead/extension-api';
        export function activate() { commands.registerCommand('hello.version', () => '${version}'); }`,
      manifest: { version, ...manifest },
    });

  const infoOf = async (id: string) => {
    const [info] = JSON.parse((await plugin('info', id, '--json')).stdout) as PluginInfo[];
    assert(info !== undefined);
    return info;
  };

  it('install without a core, and in a running one', async () => {
    const path = hello('1.0.0', { permissions: ['network'] });
    const refused = await plugin('install', path);
    assert.deepEqual(refused, {
      code: 64,
      stdout: '',
      stderr:
        'bulkhead: "hello" 1.0.0 requests permission to connect to other computers (network). Give --yes to grant it.',
    });
    const installed = await plugin('install', path, '--yes');
    assert.deepEqual(installed, {
      code: 0,
      stdout: 'installed hello 1.0.0: not running: no core is running',
      stderr: '',
    });
    assert.equal((await plugin('revoke', 'hello', 'network')).code, 0);

    const running = await startCore();
    const { address } = running;
    await running.until('the plugin runs', ({ extensionHosts }) => extensionHosts[0]?.state === 'running');
    assert.equal(await runCommand(address, 'hello.version'), '1.0.0');
    const listed = await plugin('list');
    assert.match(
      listed.stdout,
      /^hello 1\.0\.0 {2}active {2}installed, \w+\n {2}may not connect to other computers \(network\), though it requests it\n\nOn this machine plugins are isolated /,
    );

    hello('1.1.0', { permissions: ['network'] });
    const updated = await plugin('update', 'hello', '--json');
    const change = JSON.parse(updated.stdout) as ChangedPlugin;
    assert.deepEqual(
      [change.before, change.plugin.version, change.plugin.state, change.plugin.granted],
      ['1.0.0', '1.1.0', 'running', []],
    );
    assert.equal(await runCommand(address, 'hello.version'), '1.1.0');

    const { pid } = await infoOf('hello');
    assert.equal((await plugin('update', 'hello')).stdout, 'hello 1.1.0 is up to date: nothing has changed');
    assert.equal((await infoOf('hello')).pid, pid, 'it has not been restarted');

    hello('1.0.5', { permissions: ['network'] });
    assert.deepEqual(await plugin('update', 'hello'), {
      code: 64,
      stdout: '',
      stderr: 'bulkhead: "hello" 1.0.5 is older than 1.1.0, which is installed. Give --yes to go back to it.',
    });
    assert.deepEqual(await plugin('update', 'hello', '--yes'), {
      code: 0,
      stdout: 'downgraded from 1.1.0: hello 1.0.5: active',
      stderr: '"hello" 1.0.5 is older than 1.1.0, which is installed.',
    });
    assert.equal(await runCommand(address, 'hello.version'), '1.0.5');

    assert.equal((await plugin('remove', 'hello', '--purge')).stdout, 'removed hello 1.0.5');
    await assert.rejects(runCommand(address, 'hello.version'), { code: 'command.notFound' });
  });

  it('fail when a plugin does not become active, and say that it is installed', async () => {
    await startCore();
    const source = "export function activate() { throw new Error('no luck'); }";
    const path = writePlugin(folder.path, 'broken', { source, manifest: { contributes: { themes: [] } } });
    const { code, stdout, stderr } = await plugin('install', path);
    assert.equal(code, 69);
    assert.match(
      stdout,
      /^installed broken 1\.0\.0: failed\n {2}the plugin "broken" failed: activate: no luck$/,
    );
    assert.equal(
      stderr,
      'warning: contributes: unknown key "themes"; it is ignored\n' +
        '"broken" is installed, but does not run. Once what it lacks is there: bulkhead plugin restart broken',
    );
    assert.match((await plugin('list')).stdout, /^broken 1\.0\.0 {2}failed/);
  });

  it("say what a plugin's manifest declares, and which commands there are", async () => {
    const { address } = await startCore();
    const properties = {
      volume: { type: 'number', minimum: 0, maximum: 1, default: 0.5, description: 'How loud.' },
      mood: { type: 'string', enum: ['good', 'bad'], enumDescriptions: ['Cheerful.', 'Grim.'], order: 1 },
    };
    const commands = [{ command: 'hello.version', title: 'Tell its version' }];
    await plugin('install', hello('1.0.0', { contributes: { commands, configuration: { properties } } }));
    const { stdout } = await plugin('info', 'hello');
    assert.deepEqual(stdout.split('\n').slice(1, 8), [
      '  requests no permissions',
      '  command    hello.version  Tell its version',
      '  setting    mood           (one of "good", "bad")',
      '                            "good": Cheerful.',
      '                            "bad": Grim.',
      '  setting    volume         How loud. (a number from 0 to 1; 0.5 at first)',
      '  activation onStartupFinished',
    ]);
    const { stdout: listed } = await runBulkhead(['run'], { address });
    assert.match(
      listed,
      /^hello\n {2}hello\.version {12}Tell its version\nBulkhead\n {2}bulkhead\.addMarker /,
    );
  });

  it('ask before another package replaces a plugin', async () => {
    const archive = (name: string, version: string) =>
      writeArchive(join(folder.path, name), pluginEntries({ publisher: 'me', version }));
    assert.equal((await plugin('install', archive('mine.tgz', '1.0.0'), '--yes')).code, 0);
    const other = archive('other.tgz', '1.1.0');
    const refused = await plugin('install', other, '--yes');
    assert.equal(refused.code, 64);
    assert.match(
      refused.stderr,
      /^bulkhead: "me\.packed" was installed from .*mine\.tgz before; this one is from .*other\.tgz, .*--data keep/,
    );
    assert.match((await plugin('list')).stdout, /^me\.packed 1\.0\.0/);
    assert.match((await plugin('update', other, '--data', 'fresh')).stdout, /^updated me\.packed 1\.1\.0/);
  });

  it('report an error on one line', async () => {
    const climbing = writeArchive(join(folder.path, 'bad.tgz'), [
      ...pluginEntries(),
      { path: 'package/../../bad.txt', text: 'x' },
    ]);
    for (const [args, code, line] of [
      [['install', climbing], 64, /^bulkhead: bad\.tgz: the path ".*" points outside the package$/],
      [['install', './nothing'], 64, /^bulkhead: \.\/nothing: there is no such file or folder$/],
      [
        ['enable', 'none'],
        64,
        /^bulkhead: the plugin "none" is not installed\. See "bulkhead plugin list"\.$/,
      ],
      [['info', 'none'], 64, /^bulkhead: the plugin "none" is not installed\./],
      [['restart', 'none'], 69, /^bulkhead: the plugin "none" is not running: no core does\./],
      [['allow', 'none', 'network'], 64, /^bulkhead: the plugin "none" is not installed\./],
    ] as const) {
      const result = await plugin(...args);
      assert.equal(result.code, code, args.join(' '));
      assert.match(result.stderr, line);
    }
    const { plugins, library } = JSON.parse((await plugin('list', '--json')).stdout) as PluginList;
    assert.deepEqual(plugins, []);
    assert.equal(library, join(folder.path, 'bulkhead', 'library'));
    assert.equal(existsSync(join(folder.path, 'bad.txt')), false);
  });

  it('do not change the plugins of a core at another address', async () => {
    const { pid, address } = await startCore();
    const other = new Bulkhead(['plugin', 'install', hello('1.0.0')], {
      env: { XDG_DATA_HOME: folder.path },
    });
    try {
      assert.equal(await other.exit(), 64);
      assert.ok(
        other.stderr.includes(`the installed plugins are managed by the core at ${address} (pid ${pid})`),
        other.stderr,
      );
    } finally {
      await other.end();
    }
  });
});
