import assert from 'node:assert/strict';
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { combinePlugins } from '../../../../src/plugins/combine-plugins.js';
import type { InstalledPlugin } from '../../../../src/plugins/installed-plugin.js';
import { PluginLibrary } from '../../../../src/plugins/library/plugin-library.js';
import { PluginManager } from '../../../../src/plugins/library/plugin-manager.js';
import { NoRunningPlugins, type RunningPlugins } from '../../../../src/plugins/library/running-plugins.js';
import { BulkheadError, ErrorCodes } from '../../../../src/protocol/errors.js';
import type { InstallParams } from '../../../../src/protocol/plugin-management.js';
import { writePlugin } from '../../../support/plugins.js';
import { type TempDir, tempDir } from '../../../support/temp.js';
import { installedPlugin } from '../installed-plugin.js';

/** Runs nothing: one host for each plugin, active at once. */
class FakeRunning implements RunningPlugins {
  given: readonly InstalledPlugin[] = [];
  library: readonly InstalledPlugin[] = [];
  readonly restarted: string[] = [];
  readonly waiting: string[] = [];
  state: 'running' | 'quarantined' = 'running';
  onActiveAgain: () => void = () => {};
  /** Versions that are not activated. */
  readonly broken = new Set<string>();

  get plugins(): readonly InstalledPlugin[] {
    return [...this.given, ...this.library];
  }

  get refused() {
    return combinePlugins(this.plugins).refused;
  }

  find(id: string): InstalledPlugin | undefined {
    return combinePlugins(this.plugins).plugins.find((plugin) => plugin.id === id);
  }

  status() {
    return this.plugins.map(({ id }, index) => ({
      pid: index + 100,
      plugins: [id],
      waiting: this.waiting,
      restarts: 2,
      state: this.state,
      isolated: true,
      tier: 'none' as const,
    }));
  }

  setLibrary(plugins: readonly InstalledPlugin[]): void {
    this.library = plugins;
  }

  async activeAgain(id: string): Promise<void> {
    this.onActiveAgain();
    if (this.broken.has(this.find(id)?.version ?? '')) {
      throw new BulkheadError(ErrorCodes.pluginFailed, 'no luck', { where: id });
    }
  }

  async restart(id: string): Promise<void> {
    this.restarted.push(id);
  }
}

describe('the manager of plugins', () => {
  let folder: TempDir;
  let library: PluginLibrary;
  let running: FakeRunning;
  let manager: PluginManager;
  let purged: string[];

  beforeEach(async () => {
    folder = tempDir('manager');
    library = new PluginLibrary(join(folder.path, 'library'));
    await library.open();
    running = new FakeRunning();
    purged = [];
    manager = managerOf(running);
  });

  afterEach(() => {
    library.dispose();
    folder.dispose();
  });

  function managerOf(plugins: RunningPlugins): PluginManager {
    return new PluginManager({
      library,
      running: plugins,
      purge: async (id) => void purged.push(id),
      isolation: 'as in a test',
      enforcesScopes: true,
    });
  }

  const install = (name: string, manifest: object = {}, params: Partial<InstallParams> = {}) => {
    const staging = library.makeStagingFolder();
    const source = writePlugin(folder.path, name, { source: 'export function activate() {}', manifest });
    cpSync(source, staging.path, { recursive: true });
    return manager.install({ staged: staging.name, spec: name, granted: [], storageMb: 512, ...params });
  };
  const states = async () => (await manager.list()).plugins.map(({ id, state }) => [id, state]);
  const versions = () =>
    readdirSync(join(library.folder, 'plugins'))
      .map((name) => name.replace(/-[0-9a-f]{8}$/, ''))
      .sort();
  const disable = (id: string, force = false) => manager.setEnabled({ id, enabled: false, force });
  const enable = (id: string, force = false) => manager.setEnabled({ id, enabled: true, force });
  const remove = (id: string, change: { purge?: boolean; force?: boolean } = {}) =>
    manager.remove({ id, purge: false, force: false, ...change });

  it('installs, updates, disables, enables and removes a plugin', async () => {
    const { plugin, before } = await install('p');
    assert.deepEqual([plugin.state, plugin.pid, plugin.restarts, before], ['running', 100, 2, undefined]);
    const updated = await install('p', { version: '1.1.0' });
    assert.deepEqual([updated.plugin.version, updated.before], ['1.1.0', '1.0.0']);
    assert.deepEqual(versions(), ['p@1.0.0', 'p@1.1.0']);

    assert.equal((await disable('p')).plugin.state, 'disabled');
    assert.deepEqual(running.library, []);
    const enabled = await enable('p');
    assert.deepEqual([enabled.plugin.state, enabled.before], ['running', '1.1.0']);
    assert.equal(running.library.length, 1);

    const removed = await remove('p');
    assert.deepEqual([removed.plugin.state, removed.before], ['off', '1.1.0']);
    assert.deepEqual([running.library, versions(), await states(), purged], [[], [], [], []]);
    await assert.rejects(remove('p'), { code: 'plugin.notInstalled' });
  });

  it('deletes the folder of a removed plugin only when its host has ended, or cannot', async () => {
    await install('p');
    const seen: string[][] = [];
    running.onActiveAgain = () => {
      seen.push(versions());
      throw new Error('it is not there');
    };
    await remove('p');
    assert.deepEqual([seen, versions()], [[['p@1.0.0']], []]);
    running.onActiveAgain = () => seen.push(versions());
    await install('q');
    seen.length = 0;
    await install('q', { version: '2.0.0' }, { spec: '/elsewhere', data: 'fresh' });
    assert.deepEqual(seen[0], ['q@1.0.0', 'q@2.0.0']);
    assert.deepEqual(versions(), ['q@2.0.0']);
  });

  it('lists the library with what isolates it and whose data is kept', async () => {
    await install('p');
    await install('q');
    await remove('p');
    const { isolation, kept, library: path, plugins } = await manager.list();
    assert.deepEqual(
      [isolation, kept, path, plugins.map(({ spec }) => spec)],
      ['as in a test', [{ id: 'p', spec: 'p' }], library.folder, ['q']],
    );
  });

  it('runs the installed and enabled ones when it starts', async () => {
    await install('p');
    await install('q');
    await disable('q');
    running.library = [];
    manager.start();
    assert.deepEqual(
      running.library.map(({ id }) => id),
      ['p'],
    );
  });

  it('keeps the version before if the next is not activated, but a first one in any case', async () => {
    running.broken.add('1.0.0').add('3.0.0');
    const first = await install('p');
    assert.equal(first.plugin.error?.message, 'no luck', 'it is installed, and does not run');
    assert.deepEqual(versions(), ['p@1.0.0']);
    await install('p', { version: '2.0.0' });
    await assert.rejects(install('p', { version: '3.0.0' }), {
      code: 'plugin.failed',
      message: '"p" 3.0.0 was not activated, so 2.0.0 stays installed and runs again: no luck',
    });
    assert.deepEqual(versions(), ['p@1.0.0', 'p@2.0.0']);
    assert.equal(running.find('p')?.version, '2.0.0');
    running.broken.add('2.0.0');
    await assert.rejects(install('p', { version: '2.0.0' }), /so the one before stays installed/);
  });

  it('runs the one that was installed first where two have the same command, also after a restart', async () => {
    const command = { contributes: { commands: [{ command: 'chat.say', title: 'Say' }] }, name: 'chat' };
    await install('z', { publisher: 'z', ...command });
    await install('other');
    await assert.rejects(install('a', { publisher: 'a', ...command }), {
      code: 'plugin.invalid',
      message: /the plugin "z\.chat" has the command "chat\.say" too$/,
    });
    await install('a', { publisher: 'a', name: 'chat' });
    await disable('a.chat');
    await install('a', { publisher: 'a', version: '2.0.0', ...command });
    await enable('a.chat', true);
    await install('z', { publisher: 'z', version: '2.0.0', ...command });
    const expected = [
      ['a.chat', 'refused'],
      ['other', 'running'],
      ['z.chat', 'running'],
    ];
    assert.deepEqual(await states(), expected);
    library.read();
    running.library = [];
    manager.start();
    assert.deepEqual(await states(), expected);
  });

  it('does not run a new version of a disabled plugin', async () => {
    await install('p');
    await disable('p');
    running.broken.add('2.0.0');
    const { plugin } = await install('p', { version: '2.0.0', extensionDependencies: ['missing'] });
    assert.equal(plugin.state, 'disabled');
    assert.deepEqual(running.library, []);
  });

  it('deletes what the plugin has stored if the streamer decides so', async () => {
    await install('p');
    const fresh = await install('p', { version: '2.0.0' }, { spec: '/elsewhere', data: 'fresh' });
    assert.deepEqual([purged, fresh.before, versions()], [['p'], undefined, ['p@2.0.0']]);
    await install('p', { version: '3.0.0' }, { spec: '/elsewhere' });
    await remove('p', { purge: true });
    assert.deepEqual(purged, ['p', 'p']);
    assert.deepEqual((await manager.list()).kept, []);
  });

  it('deletes what a removed plugin had stored for one that comes from elsewhere', async () => {
    await install('p');
    await remove('p');
    const fresh = await install('p', { version: '2.0.0' }, { spec: '/elsewhere', data: 'fresh' });
    assert.deepEqual([purged, fresh.before, versions()], [['p'], undefined, ['p@2.0.0']]);
    assert.deepEqual((await manager.list()).kept, []);
  });

  it('runs the version before again, and waits for it, when a change fails', async () => {
    await install('p');
    running.broken.add('2.0.0');
    const seen: unknown[] = [];
    running.onActiveAgain = () => seen.push([running.library.map(({ version }) => version), versions()]);
    await assert.rejects(install('p', { version: '2.0.0' }), { code: 'plugin.failed' });
    assert.deepEqual(seen, [
      [['2.0.0'], ['p@1.0.0', 'p@2.0.0']],
      [['1.0.0'], ['p@1.0.0', 'p@2.0.0']],
    ]);
    assert.deepEqual(versions(), ['p@1.0.0']);
  });

  it('rolls back to the version before, and forward again, and keeps no others', async () => {
    await install('p');
    await assert.rejects(manager.rollback({ id: 'p' }), {
      code: 'plugin.noVersionBefore',
      message: 'there is no version before 1.0.0 of "p"',
    });
    await install('p', { version: '1.1.0' });
    await install('p', { version: '1.2.0' });
    assert.deepEqual(versions(), ['p@1.1.0', 'p@1.2.0']);
    const about = async () => {
      const [p] = (await manager.list()).plugins;
      return [p?.version, p?.previous, p?.leftVersion, running.find('p')?.version];
    };
    assert.deepEqual(await about(), ['1.2.0', '1.1.0', undefined, '1.2.0']);

    const back = await manager.rollback({ id: 'p' });
    assert.deepEqual([back.before, back.plugin.version], ['1.2.0', '1.1.0']);
    assert.deepEqual(await about(), ['1.1.0', '1.2.0', '1.2.0', '1.1.0']);
    library.read();
    assert.deepEqual(await about(), ['1.1.0', '1.2.0', '1.2.0', '1.1.0']);
    await manager.rollback({ id: 'p' });
    assert.deepEqual(await about(), ['1.2.0', '1.1.0', undefined, '1.2.0']);
    assert.deepEqual(versions(), ['p@1.1.0', 'p@1.2.0']);

    library.dispose();
    await library.open();
    assert.deepEqual(versions(), ['p@1.1.0', 'p@1.2.0'], 'neither is a leftover');
    await manager.rollback({ id: 'p' });
    await install('p', { version: '1.3.0' });
    assert.deepEqual(await about(), ['1.3.0', '1.1.0', undefined, '1.3.0']);
    await remove('p');
    assert.deepEqual(versions(), []);
  });

  it('stays with its version if the one before can no longer be activated', async () => {
    await install('p');
    await install('p', { version: '2.0.0' });
    running.broken.add('1.0.0');
    await assert.rejects(manager.rollback({ id: 'p' }), {
      code: 'plugin.failed',
      message: '"p" 1.0.0 was not activated, so 2.0.0 stays installed and runs again: no luck',
    });
    assert.deepEqual([running.find('p')?.version, versions()], ['2.0.0', ['p@1.0.0', 'p@2.0.0']]);
  });

  it('rolls back with the permissions of the version before, but for those that were revoked since', async () => {
    const granted = async () => (await manager.list()).plugins.map((plugin) => plugin.granted);
    const both = { permissions: ['network', 'broadcast.control'] };
    await install('p', both, { granted: both.permissions });
    await install('p', { version: '2.0.0', permissions: ['network'] }, { granted: ['network'] });
    await manager.setPermission({ id: 'p', permission: 'network', granted: false });
    await manager.rollback({ id: 'p' });
    assert.deepEqual(await granted(), [['broadcast.control']]);
    assert.deepEqual(running.library[0]?.granted, ['broadcast.control']);
    await manager.rollback({ id: 'p' });
    assert.deepEqual(await granted(), [[]]);
  });

  for (const [what, before, after, revoked, kept] of [
    [
      'a part of what it was granted',
      { permissions: ['network', 'audio'] },
      { permissions: ['network:api.example.com'] },
      'network:api.example.com',
      ['audio'],
    ],
    [
      'more than it was granted',
      { permissions: ['network:api.example.com', 'audio'] },
      { permissions: ['network'] },
      'network',
      ['audio'],
    ],
    [
      'what is optional since',
      { permissions: ['scenes', 'audio'] },
      { permissions: ['audio'], optionalPermissions: ['scenes'] },
      'scenes',
      ['audio'],
    ],
    [
      'one of two optional ones',
      { optionalPermissions: ['scenes', 'audio'] },
      { optionalPermissions: ['scenes', 'audio'] },
      'scenes',
      ['audio'],
    ],
  ] as const) {
    it(`rolls back without ${what} where that was revoked since, and with the rest`, async () => {
      const asked = (manifest: {
        permissions?: readonly string[];
        optionalPermissions?: readonly string[];
      }) => [...(manifest.permissions ?? []), ...(manifest.optionalPermissions ?? [])];
      await install('p', before, { granted: asked(before) });
      await install('p', { ...after, version: '2.0.0' }, { granted: asked(after) });
      await manager.setPermission({ id: 'p', permission: revoked, granted: false });
      await manager.rollback({ id: 'p' });
      assert.deepEqual(running.library[0]?.granted, kept);
    });
  }

  it('rolls back with an optional permission that was granted to a version that asked for it alone', async () => {
    await install('p', { optionalPermissions: ['scenes'] }, { granted: ['scenes'] });
    await install('p', { version: '2.0.0' });
    await manager.rollback({ id: 'p' });
    assert.deepEqual(running.library[0]?.granted, ['scenes']);
  });

  it('rolls back with no more than it has now where the version that is left is damaged', async () => {
    await install('p', { permissions: ['network', 'audio'] }, { granted: ['network', 'audio'] });
    await install('p', { version: '2.0.0', permissions: ['network', 'audio'] }, { granted: ['audio'] });
    writeFileSync(join(library.folder, 'plugins', library.get('p').entry.folder, 'package.json'), '{}');
    await manager.rollback({ id: 'p' });
    assert.deepEqual(running.library[0]?.granted, ['audio']);
  });

  it('rolls back one that is disabled, and does not run it', async () => {
    await install('p');
    await install('p', { version: '2.0.0' });
    await disable('p');
    const { plugin } = await manager.rollback({ id: 'p' });
    assert.deepEqual([plugin.version, plugin.state, running.library], ['1.0.0', 'disabled', []]);
  });

  it('refuses a version that somebody else may have published, unless that is accepted', async () => {
    const origin = {
      package: 'p',
      registry: 'https://registry.example',
      integrity: 'sha512-a',
      publisher: 'ann',
      maintainers: ['ann'],
    };
    await install('p', {}, { origin });
    const other = { origin: { ...origin, integrity: 'sha512-b', publisher: 'eve' } };
    const refused = {
      code: 'plugin.changedSource',
      message: '"p" 2.0.0 was published by "eve", not by "ann"',
    };
    await assert.rejects(install('p', { version: '2.0.0' }, other), refused);
    assert.deepEqual(versions(), ['p@1.0.0']);
    await remove('p');
    await assert.rejects(install('p', { version: '2.0.0' }, other), refused, 'also for what it had stored');
    await install('p', { version: '2.0.0' }, { ...other, acceptChangedSource: true });
    const [p] = (await manager.list()).plugins;
    assert.deepEqual(p?.origin, other.origin);
    await remove('p');
    await install('p', {}, { origin, data: 'fresh' });
  });

  it('refuses what could not run with the others, and changes nothing', async () => {
    await assert.rejects(install('p', { extensionDependencies: ['base'] }), {
      code: 'plugin.invalid',
      message: /expected one of the plugins that are there, got "base"/,
    });
    assert.deepEqual([versions(), await states(), running.library], [[], [], []]);
    await install('base');
    await install('p', { extensionDependencies: ['base'] });
    await assert.rejects(install('base', { version: '2.0.0', extensionDependencies: ['p'] }), /circle/);
    assert.deepEqual(versions(), ['base@1.0.0', 'p@1.0.0']);
  });

  it('is not kept from a change by a plugin that was refused before', async () => {
    await install('base');
    await install('p', { extensionDependencies: ['base'] });
    await disable('base', true);
    assert.deepEqual(await states(), [
      ['base', 'disabled'],
      ['p', 'refused'],
    ]);
    assert.equal((await install('other')).plugin.state, 'running');
  });

  it('refuses to disable or remove what others need, unless it is forced', async () => {
    await install('base');
    await install('one', { extensionDependencies: ['base'] });
    await assert.rejects(disable('base'), {
      code: 'plugin.needed',
      where: 'base',
      message: 'the plugin "base" is needed by "one"',
      remedy: 'Disable that first, or give --force.',
    });
    await install('two', { extensionDependencies: ['base'] });
    await assert.rejects(remove('base'), {
      code: 'plugin.needed',
      message: 'the plugin "base" is needed by "one", "two"',
      remedy: 'Remove those first, or give --force.',
    });
    await remove('two');
    await remove('one');
    await disable('base');
    await install('one', { extensionDependencies: [] });
    await enable('base');
    await install('one', { extensionDependencies: ['base'], version: '2.0.0' });
    await remove('base', { force: true });
    assert.deepEqual(await states(), [['one', 'refused']]);
    await disable('one');
    await assert.rejects(enable('one'), { code: 'plugin.invalid' });
    assert.equal((await enable('one', true)).plugin.state, 'refused');
  });

  it('grants a part of what a plugin requests, and what it may ask for, and takes back what is included', async () => {
    const asks = { permissions: ['network'], optionalPermissions: ['file:read:~/Music'] };
    await install('p', asks, { granted: ['network'] });
    const grant = async (permission: string, granted: boolean) =>
      (await manager.setPermission({ id: 'p', permission, granted })).plugin.granted;
    await assert.rejects(grant('network:a.example', false), {
      code: 'permission.denied',
      message: 'the plugin "p" may connect to other computers, which includes "network:a.example"',
      remedy: /^Revoke "network", and allow less/,
    });
    assert.deepEqual(await grant('network', false), []);
    assert.deepEqual(await grant('network:a.example', true), ['network:a.example']);
    assert.deepEqual(await grant('network:*.b.example', true), ['network:a.example', 'network:*.b.example']);
    assert.deepEqual(await grant('file:read:~/Music', true), [
      'file:read:~/Music',
      'network:a.example',
      'network:*.b.example',
    ]);
    await assert.rejects(grant('file:read:~', true), { code: 'permission.denied' });
    await assert.rejects(grant('network:A.example', true), {
      code: 'permission.denied',
      message: '"network:A.example": expected "network:a.example", as the streamer sees it',
    });
    assert.deepEqual(await grant('network', false), ['file:read:~/Music']);
  });

  it('keeps what was granted for a version that asks for less, and for more only that', async () => {
    await install('p', { permissions: ['network'] }, { granted: ['network'] });
    const narrower = await install(
      'p',
      { version: '1.1.0', permissions: ['network:a.example'] },
      { granted: ['network'] },
    );
    assert.deepEqual(narrower.plugin.granted, ['network:a.example']);
    const wider = await install(
      'p',
      { version: '1.2.0', permissions: ['network'] },
      { granted: ['network:a.example'] },
    );
    assert.deepEqual(wider.plugin.granted, ['network:a.example']);
  });

  it('grants and withdraws the permissions that a plugin requests', async () => {
    await install('p', { permissions: ['network', 'broadcast.control'] }, { granted: ['network'] });
    const grant = (permission: string, granted: boolean) =>
      manager.setPermission({ id: 'p', permission, granted });
    assert.deepEqual((await grant('broadcast.control', true)).plugin.granted, [
      'network',
      'broadcast.control',
    ]);
    assert.deepEqual((await grant('network', true)).plugin.granted, ['network', 'broadcast.control']);
    assert.deepEqual((await grant('network', false)).plugin.granted, ['broadcast.control']);
    assert.deepEqual(running.library[0]?.granted, ['broadcast.control']);
    await assert.rejects(grant('secrets', true), {
      code: 'permission.denied',
      remedy: 'It requests "network", "broadcast.control".',
    });
    await install('q');
    await assert.rejects(manager.setPermission({ id: 'q', permission: 'network', granted: true }), {
      remedy: 'It requests none.',
    });
  });

  it('reports what is wrong with a plugin whose folder has been changed', async () => {
    await install('p');
    const [entry] = library.list();
    writeFileSync(join(library.folder, 'plugins', entry?.entry.folder ?? '', 'package.json'), '{}');
    const [p] = (await manager.list()).plugins;
    assert.deepEqual([p?.state, p?.error?.code, p?.path, p?.asked], ['refused', 'plugin.invalid', '', []]);
    for (const change of [
      () => enable('p'),
      () => manager.setPermission({ id: 'p', permission: 'network', granted: true }),
    ]) {
      await assert.rejects(change, { code: 'plugin.invalid', message: /name: missing/ });
    }
  });

  it('shows which of two with one id runs, and which waits', async () => {
    await install('p');
    running.given = [installedPlugin('p'), installedPlugin('a')];
    running.waiting.push('a');
    assert.deepEqual(await states(), [
      ['a', 'waiting'],
      ['p', 'running'],
      ['p', 'replaced'],
    ]);
    running.state = 'quarantined';
    assert.deepEqual((await states())[0], ['a', 'quarantined']);
    assert.equal((await manager.restart({ id: 'p' })).plugin.source, 'library');
    assert.deepEqual(running.restarted, ['p']);
  });

  it('manages plugins while none runs', async () => {
    const none = new NoRunningPlugins();
    manager = managerOf(none);
    assert.equal((await install('p')).plugin.state, 'off');
    assert.deepEqual(
      none.plugins.map(({ id }) => id),
      ['p'],
    );
    await assert.rejects(manager.restart({ id: 'p' }), { code: 'core.notRunning', where: 'p' });
  });

  it('makes one change at a time, and goes on after one that failed', async () => {
    await install('p');
    const results = await Promise.allSettled([disable('p'), disable('q'), enable('p'), remove('p')]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    );
  });
});
