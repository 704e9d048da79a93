import assert from 'node:assert/strict';
import { LiveSettings, NO_SHOW } from '../../../src/core/main-thread/live-settings.js';
import { type GivenSettings, Settings } from '../../../src/plugins/settings.js';
import type { NoticeParams } from '../../../src/protocol/control.js';
import { DEFAULT_SHOW } from '../../../src/protocol/outputs.js';
import { FakeBroadcast } from '../../support/fake-broadcast.js';
import { noKeybindings } from '../../support/fake-keys.js';
import { MemoryShowState } from '../../support/fake-outputs.js';
import { SILENT_LOG } from '../../support/silent-log.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { MemoryTexts } from './memory-texts.js';

const SHOW = '/show.jsonc';
const PLUGINS = [
  installedPlugin('me.chat', {
    contributes: {
      commands: [],
      configuration: { properties: { size: { type: 'integer', default: 1 }, name: { type: 'string' } } },
      events: [],
      statusItems: [],
    },
  }),
];

describe("plugins' settings on air", () => {
  let settings: Settings;
  let state: MemoryShowState;
  let broadcast: FakeBroadcast;
  let notices: Omit<NoticeParams, 'atMs'>[];
  let live: LiveSettings;
  const stored = {
    secrets: (plugin: string) => new MemoryTexts(plugin === 'me.titles' ? { apiKey: 'hunter2' } : {}),
  };

  beforeEach(() => {
    settings = new Settings();
    state = new MemoryShowState();
    broadcast = new FakeBroadcast();
    notices = [];
    live = open();
  });
  afterEach(() => {
    live.dispose();
    broadcast.dispose();
    settings.dispose();
  });

  function open(): LiveSettings {
    const sink = { notice: (notice: Omit<NoticeParams, 'atMs'>) => notices.push(notice) };
    return new LiveSettings(settings, broadcast, state, stored, noKeybindings(), sink, SILENT_LOG);
  }
  /** As a start does. */
  async function begin(own: GivenSettings[string], show = SHOW, plugins = PLUGINS): Promise<void> {
    const { changes } = await state.read(show);
    live.begin(plugins, { 'me.chat': own }, { show, kept: changes.settings });
    settings.set(plugins, live.given);
  }
  const set = (key: string, value: string | number | null) => live.set({ plugin: 'me.chat', key, value });
  const values = () => settings.of('me.chat');

  it('follow the configuration, and say what has changed', async () => {
    await begin({ size: 2 });
    const seen: unknown[] = [];
    live.onDidChange((changes) => seen.push(changes.map(({ key }) => key)));
    await live.reconfigure({ 'me.chat': { size: 3, name: 'x' } });
    await live.reconfigure({ 'me.chat': { size: 3, name: 'x' } });
    assert.deepEqual([values(), seen], [{ size: 3, name: 'x' }, [['size', 'name']]]);
  });

  it('are changed on air, which is kept for the show, and restored by its next start', async () => {
    await begin({ size: 2 });
    await set('size', 5);
    const { settings: listed } = await set('name', 'x');
    assert.deepEqual(values(), { size: 5, name: 'x' });
    assert.deepEqual(
      listed.map(({ key, value, configured, isChanged }) => [key, value, configured, isChanged]),
      [
        ['size', 5, 2, true],
        ['name', 'x', undefined, true],
      ],
    );
    live.dispose();
    live = open();
    await begin({ size: 2 });
    assert.deepEqual(values(), { size: 5, name: 'x' });
    assert.match(
      notices[0]?.message ?? '',
      /^2 settings changed on air were restored\. "bulkhead config reset"/,
    );
    await live.reset();
    assert.deepEqual([values(), state.shows.size], [{ size: 2, name: null }, 0]);
  });

  it('are as the file says where somebody edits it, on air and at the next start, and else as they were changed', async () => {
    await begin({ size: 2, name: 'file' });
    await set('size', 5);
    await set('name', 'air');
    await live.reconfigure({ 'me.chat': { size: 3, name: 'file' } });
    assert.deepEqual(values(), { size: 3, name: 'air' });
    await live.reconfigure({ 'me.chat': { size: 2, name: 'file' } });
    assert.deepEqual(values(), { size: 2, name: 'air' }, 'what was given up does not come back');
    await begin({ size: 2, name: 'new' });
    assert.deepEqual(values(), { size: 2, name: 'new' });
  });

  it('go back to the default where that is wanted, and what the file says does not count meanwhile', async () => {
    await begin({ size: 2 });
    await set('size', null);
    assert.deepEqual(values(), { size: 1, name: null });
    await begin({ size: 2 });
    assert.deepEqual(values(), { size: 1, name: null });
  });

  it('stay changed after they were saved, whichever text of the file the next start reads', async () => {
    await begin({ size: 2 });
    await set('size', 5);
    await live.noteSaved({ plugin: 'me.chat', key: 'size' });
    await set('size', 6);
    for (const size of [2, 5]) {
      await begin({ size });
      assert.equal(values()['size'], 6, `the file says ${size}`);
    }
  });

  it('are as configured again where the plugin does not take what was kept any more', async () => {
    await begin({ name: 'file' });
    await set('name', 'air');
    const [plugin] = PLUGINS;
    const { properties } = plugin?.contributes.configuration ?? { properties: {} };
    const other = installedPlugin('me.chat', {
      contributes: {
        commands: [],
        configuration: { properties: { ...properties, name: { type: 'string', enum: ['file'] } } },
        events: [],
        statusItems: [],
      },
    });
    await begin({ name: 'file' }, SHOW, [other]);
    assert.equal(values()['name'], 'file');
  });

  it('are refused where they are wrong, and nothing has changed', async () => {
    await begin({ size: 2 });
    await assert.rejects(set('size', 'big'), {
      code: 'config.invalid',
      message: 'pluginSettings["me.chat"].size: expected a whole number, got "big"',
    });
    await assert.rejects(set('sise', 3), { code: 'config.invalid', message: /did you mean "size"/ });
    await assert.rejects(live.set({ plugin: 'you.chat', key: 'size', value: 1 }), { code: 'plugin.failed' });
    assert.throws(() => live.begin(PLUGINS, { 'me.chat': { size: 'x' } }, NO_SHOW), {
      code: 'config.invalid',
    });
    assert.deepEqual([values(), state.shows.size], [{ size: 2, name: null }, 0]);
  });

  it('are forgotten with the broadcast where it has no configuration file', async () => {
    await begin({}, DEFAULT_SHOW);
    broadcast.become('live');
    await set('size', 5);
    assert.equal(state.shows.size, 1, 'a core that crashes restores them');
    await broadcast.stop();
    await set('size', 6);
    assert.deepEqual([state.shows.size, values()['size']], [0, 6], 'plugins run on');
    await begin({}, DEFAULT_SHOW);
    assert.equal(values()['size'], 1);
  });

  it('are listed with the secrets, of which it says whether they are set', async () => {
    const properties = {
      apiKey: { type: 'secret', title: 'Key', markdownDescription: 'From *example.org*.' },
      token: { type: 'secret' },
    } as const;
    const contributes = { commands: [], configuration: { properties }, events: [], statusItems: [] };
    await begin({}, SHOW, [installedPlugin('me.titles', { contributes })]);
    assert.deepEqual((await live.list()).settings, [
      {
        ...{
          plugin: 'me.titles',
          key: 'apiKey',
          type: 'secret',
          title: 'Key',
          description: 'From *example.org*.',
        },
        ...{ value: null, isChanged: false, isSet: true },
      },
      { plugin: 'me.titles', key: 'token', type: 'secret', value: null, isChanged: false, isSet: false },
    ]);
    await assert.rejects(live.set({ plugin: 'me.titles', key: 'token', value: 'x' }), {
      code: 'config.invalid',
    });
  });

  it('say what upgrades have made of the file, without secrets that stand in it by mistake', async () => {
    const properties = { apiKey: { type: 'secret' }, size: { type: 'integer' } } as const;
    const contributes = { commands: [], configuration: { properties }, events: [], statusItems: [] };
    const titles = installedPlugin('me.titles', { contributes, source: 'library' });
    live.begin([titles], { 'me.titles': { apiKey: 'hunter2', size: 1 } }, NO_SHOW);
    settings.set([titles], live.given);
    const own = { apiKey: 'hunter3', size: 2 };
    const before = live.upgradable(titles, 0);
    await live.upgrade(titles, before, { ...before, applied: 1, configured: own, wanted: own });
    const list = await live.list();
    assert.deepEqual(list.upgraded, [{ plugin: 'me.titles', key: 'size', value: 2 }]);
    assert.doesNotMatch(JSON.stringify(list), /hunter/);
  });
});
