import assert from 'node:assert/strict';
import { DisposableStore } from '../../../src/base/disposable-store.js';
import { PluginStore } from '../../../src/core/extension-hosts/store/plugin-store.js';
import type { Keybindings } from '../../../src/core/main-thread/keybindings.js';
import { type KeptShow, LiveSettings, NO_SHOW } from '../../../src/core/main-thread/live-settings.js';
import { MainThreadStorage } from '../../../src/core/main-thread/main-thread-storage.js';
import { MainThreadUpgrades } from '../../../src/core/main-thread/main-thread-upgrades.js';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';
import { type GivenSettings, Settings } from '../../../src/plugins/settings.js';
import { UpdateStateRequest } from '../../../src/protocol/plugin-storage.js';
import {
  BeginUpgradeRequest,
  CommitUpgradeRequest,
  ReadUpgradedStateRequest,
  UpgradeDueNotification,
  UpgradeScriptNotification,
  type UpgradeTask,
} from '../../../src/protocol/plugin-upgrades.js';
import { FakeBroadcast } from '../../support/fake-broadcast.js';
import { noKeybindings } from '../../support/fake-keys.js';
import { MemoryShowState } from '../../support/fake-outputs.js';
import { SILENT_LOG } from '../../support/silent-log.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

const SHOW = '/show.jsonc';

function version(version: string, properties: object): InstalledPlugin {
  return installedPlugin('p', {
    ...{ version, source: 'library', path: `/plugins/p@${version}` },
    contributes: { ...installedPlugin('p').contributes, configuration: { properties: properties as never } },
  });
}
const V1 = version('1.0.0', { seconds: { type: 'integer' } });
const V2 = version('2.0.0', { delayMs: { type: 'integer', default: 1 } });

describe('upgrades, for the hosts of plugins', () => {
  const held: { dispose(): void }[] = [];
  let store: PluginStore;
  let shows: MemoryShowState;
  let settings: Settings;
  let live: LiveSettings;
  let upgrades: MainThreadUpgrades;
  let keys: Keybindings;
  let notices: string[];
  let host: FakeHost;
  let due: string[];

  beforeEach(() => {
    const folder = tempDir('upgrades');
    const broadcast = new FakeBroadcast();
    notices = [];
    due = [];
    const sink = { notice: ({ message }: { message: string }) => void notices.push(message) };
    store = new PluginStore(folder.path, { warn: () => {} });
    shows = new MemoryShowState();
    settings = new Settings();
    keys = noKeybindings();
    live = new LiveSettings(settings, broadcast, shows, store, keys, sink, SILENT_LOG);
    upgrades = new MainThreadUpgrades(store, live, sink, SILENT_LOG);
    held.push(live, keys, settings, broadcast, store, folder);
  });
  afterEach(async () => {
    host.dispose();
    await store.flush();
    for (const item of held.splice(0)) item.dispose();
  });

  function open(plugin: InstalledPlugin, given: GivenSettings[string] = {}, show: KeptShow = NO_SHOW): void {
    live.begin([plugin], { p: given }, show);
    settings.set([plugin], live.given);
    const storage = new MainThreadStorage(store);
    const both = {
      serve: (served: Parameters<typeof upgrades.serve>[0]) => {
        const parts = [upgrades.serve(served), storage.serve(served)];
        return new DisposableStore(parts);
      },
    };
    host = new FakeHost(both, [plugin], (connection) =>
      connection.onNotification(UpgradeDueNotification.type, (params) => void due.push(params.plugin)),
    );
  }
  const begin = async (scripts: number) =>
    (await host.request(BeginUpgradeRequest.method, { plugin: 'p', scripts })) as UpgradeTask;
  const write = (key: string, value: unknown, profile?: string) => {
    const update = { plugin: 'p', key, value: JSON.stringify(value), upgraded: true };
    return host.request(UpdateStateRequest.method, { ...update, ...(profile && { profile }) });
  };
  const commit = (...settings: object[]) =>
    commitBoth(...settings.map((own) => ({ settings: own, commands: [] })));
  const commitBoth = (...results: object[]) =>
    host.request(CommitUpgradeRequest.method, { plugin: 'p', results });
  const read = (profile?: string) =>
    host.request(ReadUpgradedStateRequest.method, { plugin: 'p', ...(profile && { profile }) });

  /** Runs 1.0.0 with a state of its own, and then has 2.0.0 in its place. */
  async function update(given: GivenSettings[string], show: KeptShow): Promise<void> {
    open(V1, given, show);
    assert.deepEqual(await begin(0), { runs: [] });
    await store.state('p').set('count', '5');
    host.dispose();
    open(V2, given, show);
  }
  const kept = async (show = SHOW): Promise<KeptShow> => {
    const { changes } = await shows.read(show);
    return { show, kept: changes.settings, upgrades: changes.upgrades };
  };

  it('have nothing to do for a new plugin, and none for one whose scripts were all applied', async () => {
    open(V2);
    assert.deepEqual(await begin(2), { runs: [] });
    assert.deepEqual(await begin(2), { runs: [] });
  });

  it('are of state and settings together, and are made once', async () => {
    const show = { show: SHOW, kept: [] };
    await update({ seconds: 3 }, show);
    assert.deepEqual(await begin(2), {
      runs: [{ applied: 0, settings: { seconds: 3 }, commands: [], profiles: [] }],
    });
    assert.deepEqual(await read(), { count: '5' });
    await write('count', { value: 5 });
    assert.deepEqual(await store.state('p').all(), { count: '5' }, 'nothing has changed so far');
    await commit({ delayMs: 3000 });
    assert.deepEqual(
      [settings.of('p'), await store.state('p').all()],
      [{ delayMs: 3000 }, { count: '{"value":5}' }],
    );
    assert.match(notices.join(), /"p" 2\.0\.0 has upgraded its settings.*"bulkhead config migrate"/);
    const { upgraded } = await live.list();
    assert.deepEqual(upgraded, [
      { plugin: 'p', key: 'seconds', value: null },
      { plugin: 'p', key: 'delayMs', value: 3000 },
    ]);
    host.dispose();
    open(V2, { seconds: 3 }, await kept());
    assert.deepEqual([await begin(2), settings.of('p')], [{ runs: [] }, { delayMs: 3000 }]);
  });

  it('are of settings as configured, too, where they were changed on air', async () => {
    open(V1, { seconds: 3 }, { show: SHOW, kept: [] });
    await begin(0);
    await live.set({ plugin: 'p', key: 'seconds', value: 9 });
    host.dispose();
    open(V2, { seconds: 3 }, await kept());
    assert.deepEqual(
      (await begin(1)).runs.map((run) => run.settings),
      [{ seconds: 9 }, { seconds: 3 }],
    );
    await commit({ delayMs: 9000 }, { delayMs: 3000 });
    assert.deepEqual(settings.of('p'), { delayMs: 9000 });
    await live.reset();
    assert.deepEqual(settings.of('p'), { delayMs: 3000 });
  });

  it('leave what is edited in the file since as it is', async () => {
    await update({ seconds: 3 }, { show: SHOW, kept: [] });
    await begin(1);
    await commit({ delayMs: 3000 });
    await live.reconfigure({ p: { delayMs: 50 } });
    assert.deepEqual([settings.of('p'), (await live.list()).upgraded], [{ delayMs: 50 }, []]);
    await live.reconfigure({ p: {} });
    assert.deepEqual(settings.of('p'), { delayMs: 1 });
  });

  it('are of settings alone where another configuration is used later', async () => {
    await update({}, { show: '/other.jsonc', kept: [] });
    await begin(1);
    await commit({});
    live.begin([V2], { p: { seconds: 4 } }, { show: SHOW, kept: [] });
    await eventually('the host is told', () => due.length > 0 || undefined);
    assert.deepEqual(await begin(1), { runs: [{ applied: 0, settings: { seconds: 4 }, commands: [] }] });
    await assert.rejects(read(), { code: 'plugin.failed' });
    await commit({ delayMs: 4000 });
    assert.deepEqual(settings.of('p'), { delayMs: 4000 });
  });

  it('are of the keybindings of its commands, too, and are taken back with them', async () => {
    const file = [
      { key: 'f1', command: 'p.mute', args: 'mic' },
      { key: 'f2', command: 'q.mute' },
      { key: 'f3', command: '-p.mute' },
      { key: 'f4', command: 'p.other', when: 'broadcast.state == live' },
    ];
    const mute = (args: unknown[]) => ({ command: 'p.mute', args });
    const toggle = (args: unknown[]) => ({ command: 'p.toggle', args });
    const other = { command: 'p.other', args: [] };
    const bound = async () =>
      Object.fromEntries(
        (await keys.list()).keybindings.map(({ key, command, args }) => [key, [command, ...args]]),
      );
    keys.configure(file);
    await update({}, { show: SHOW, kept: [] });
    const before = await bound();
    const { runs } = await begin(1);
    assert.deepEqual(runs[0]?.commands, [mute(['mic']), mute([]), other]);
    await commitBoth({ settings: {}, commands: [toggle([{ source: 'mic' }]), toggle([]), other] });
    const after = { f1: ['p.toggle', { source: 'mic' }], f2: ['q.mute'], f4: ['p.other'] };
    assert.deepEqual(await bound(), after);
    assert.match(
      notices.join(),
      /"p" 2\.0\.0 has upgraded its settings and keybindings.*"bulkhead config migrate"/,
    );
    const { upgradedKeybindings } = await live.list();
    assert.deepEqual(upgradedKeybindings, [
      { before: file[0], command: 'p.toggle', args: [{ source: 'mic' }] },
      { before: file[2], command: '-p.toggle' },
    ]);

    // By the next core, too; what is edited in the file means what it says.
    host.dispose();
    const stored = await kept();
    keys.readThrough([]);
    open(V2, {}, stored);
    assert.deepEqual([await begin(1), await bound()], [{ runs: [] }, after]);
    keys.configure([{ key: 'f1', command: 'p.mute', args: 'speakers' }, ...file.slice(1)]);
    assert.deepEqual(await bound(), { ...after, f1: ['p.mute', 'speakers'] });

    // Migrated, and back to the version before.
    keys.configure([
      { key: 'f1', command: 'p.toggle', args: [{ source: 'mic' }] },
      ...file.slice(1, 2),
      { key: 'f3', command: '-p.toggle' },
      ...file.slice(3),
    ]);
    assert.deepEqual([await bound(), (await live.list()).upgradedKeybindings], [after, []]);
    host.dispose();
    open(V1, {}, await kept());
    await begin(0);
    assert.deepEqual(await bound(), before);
  });

  it("may not give a keybinding a command that is not the plugin's, or none", async () => {
    keys.configure([{ key: 'f1', command: 'p.mute' }]);
    await update({}, { show: SHOW, kept: [] });
    for (const [commands, message] of [
      [
        [{ command: 'q.mute', args: [] }],
        /the keybinding f1 the command "q\.mute": expected a name that begins/,
      ],
      [[{ command: 'p.a b', args: [] }], /the keybinding f1 the command "p\.a b"/],
      [
        [{ command: 'p.x', args: Array.from({ length: 1100 }, () => 0) }],
        /the keybinding f1 more than 1010 values/,
      ],
      [[], /have made 0 commands of 1/],
    ] as const) {
      await begin(1);
      await assert.rejects(commitBoth({ settings: {}, commands }), { code: 'plugin.failed', message });
    }
    assert.equal((await keys.list()).keybindings[0]?.command, 'p.mute');
  });

  it('change nothing where what was made does not fit, and leave mistakes of the streamer alone', async () => {
    await update({ seconds: 3, typo: true }, { show: SHOW, kept: [] });
    await begin(1);
    await write('count', 6);
    await assert.rejects(commit({ delayMs: 'soon', typo: true }), {
      code: 'config.invalid',
      message: /pluginSettings\["p"\]\.delayMs: expected a whole number, got "soon"/,
    });
    assert.deepEqual([settings.of('p'), await store.state('p').all()], [{ delayMs: 1 }, { count: '5' }]);
    await assert.rejects(commit({ delayMs: 1 }), { message: /no upgrade has begun/ });
    assert.equal((await begin(1)).runs.length, 1);
    await commit({ delayMs: 3000, typo: true });
    assert.deepEqual(settings.of('p'), { delayMs: 3000 });
  });

  it('may not make a setting larger than a plugin can set, but may leave one of the streamer', async () => {
    const words = Array.from({ length: 2000 }, (_, index) => `${index}`);
    const list = version('2.0.0', { words: { type: 'array' }, others: { type: 'array' } });
    open(list, { words }, { show: SHOW, kept: [] });
    await begin(0);
    host.dispose();
    open(list, { words }, { show: SHOW, kept: [] });
    await begin(1);
    await assert.rejects(commit({ words, others: words }), {
      code: 'plugin.failed',
      message: /more than 1010 values into the setting "others"/,
    });
    await begin(1);
    await commit({ words, others: words.slice(0, 1000) });
    assert.deepEqual(settings.of('p'), { words, others: words.slice(0, 1000) });
  });

  it('are taken back for a version with fewer scripts, the settings and the state', async () => {
    await update({ seconds: 3 }, { show: SHOW, kept: [] });
    await begin(1);
    await write('count', 6);
    await commit({ delayMs: 3000 });
    host.dispose();
    open(V1, { seconds: 3 }, await kept());
    assert.deepEqual(await begin(0), { runs: [] });
    assert.deepEqual([settings.of('p'), await store.state('p').all()], [{ seconds: 3 }, { count: '5' }]);
    assert.match(notices.join(), /"p" 1\.0\.0 has again what was stored before its upgrade/);
    // The file was migrated meanwhile.
    host.dispose();
    open(V2, { seconds: 3 }, await kept());
    await begin(1);
    await commit({ delayMs: 3000 });
    await live.reconfigure({ p: { delayMs: 3000 } });
    host.dispose();
    open(V1, { delayMs: 3000 }, await kept());
    await begin(0);
    assert.deepEqual(settings.of('p'), { seconds: 3 });
  });

  it('tell a script that ended the host, once, in place of running it again', async () => {
    await update({}, NO_SHOW);
    await begin(2);
    host.notify(UpgradeScriptNotification.method, { plugin: 'p', script: 2 });
    await store.state('p').all();
    await begin(2);
    host.hasFailed = true;
    host.dispose();
    open(V2);
    await assert.rejects(begin(2), {
      code: 'plugin.failed',
      message: /the plugin "p" failed: upgrade script 2 of 2: its process ended before the script did/,
    });
    assert.equal((await begin(2)).runs.length, 1);
  });

  it('are for the plugin alone that has begun them', async () => {
    await update({}, NO_SHOW);
    await assert.rejects(write('count', 1), { code: 'storage.failed' });
    await begin(1);
    await assert.rejects(write('count', 1, '../x'), { code: 'storage.failed' });
    await assert.rejects(read('../x'), { code: 'plugin.failed' });
    await assert.rejects(begin(2), { message: /its upgrade scripts have become others/ });
    await assert.rejects(host.request(BeginUpgradeRequest.method, { plugin: 'q', scripts: 1 }), {
      code: 'permission.denied',
    });
    await assert.rejects(commit({ delayMs: null }), { code: 'plugin.failed' });
  });
});
