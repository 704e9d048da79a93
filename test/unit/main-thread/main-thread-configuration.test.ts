import assert from 'node:assert/strict';
import { LiveSettings, NO_SHOW } from '../../../src/core/main-thread/live-settings.js';
import { MainThreadConfiguration } from '../../../src/core/main-thread/main-thread-configuration.js';
import { type GivenSettings, Settings } from '../../../src/plugins/settings.js';
import {
  PluginSettingsNotification,
  type PluginSettingsParams,
  UpdateSettingRequest,
} from '../../../src/protocol/plugin-configuration.js';
import { FakeBroadcast } from '../../support/fake-broadcast.js';
import { noKeybindings } from '../../support/fake-keys.js';
import { MemoryShowState } from '../../support/fake-outputs.js';
import { SILENT_LOG } from '../../support/silent-log.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { turn } from '../rpc/connected-pair.js';
import { FakeHost } from './fake-host.js';

describe("the settings of a host's plugins", () => {
  const plugins = ['mine', 'other'].map((id) =>
    installedPlugin(id, {
      contributes: {
        commands: [],
        configuration: { properties: { volume: { type: 'number', default: 1 }, key: { type: 'secret' } } },
        events: [],
        statusItems: [],
      },
    }),
  );
  let settings: Settings;
  let live: LiveSettings;
  let broadcast: FakeBroadcast;
  let host: FakeHost;
  let told: PluginSettingsParams[];

  beforeEach(() => {
    settings = new Settings();
    broadcast = new FakeBroadcast();
    const stored = { secrets: () => assert.fail('nothing is a secret') };
    live = new LiveSettings(
      settings,
      broadcast,
      new MemoryShowState(),
      stored,
      noKeybindings(),
      { notice() {} },
      SILENT_LOG,
    );
    live.begin(plugins, {}, NO_SHOW);
    settings.set(plugins, {});
    told = [];
    host = new FakeHost(new MainThreadConfiguration(settings, live), plugins.slice(0, 1), (connection) =>
      connection.onNotification(PluginSettingsNotification.type, (params) => told.push(params)),
    );
  });
  afterEach(() => {
    host.dispose();
    live.dispose();
    broadcast.dispose();
    settings.dispose();
  });

  const configure = async (given: GivenSettings) => {
    await live.reconfigure(given);
    for (let count = 0; count < 5; count++) await turn();
  };
  const update = (params: object) => host.request(UpdateSettingRequest.method, params);
  const values = () => told.map((params) => params.settings['mine']);

  it('are sent immediately and when they change, only to its host, with where they come from', async () => {
    await configure({ mine: { volume: 2 }, other: { volume: 3 } });
    const secrets = { mine: ['key'] };
    assert.deepEqual(told, [
      { settings: { mine: { volume: 1 } }, origins: { mine: { volume: { default: 1 } } }, secrets },
      {
        settings: { mine: { volume: 2 } },
        origins: { mine: { volume: { default: 1, configured: 2 } } },
        secrets,
      },
    ]);
    host.served.dispose();
    await configure({});
    assert.equal(told.length, 2);
  });

  it('are changed by the plugin, which has the value before the answer', async () => {
    await update({ plugin: 'mine', key: 'volume', value: 5 });
    assert.deepEqual(values(), [{ volume: 1 }, { volume: 5 }]);
    await update({ plugin: 'mine', key: 'volume', value: null });
    assert.deepEqual(values().at(-1), { volume: 1 });
  });

  it('are sent again where only the file says something else', async () => {
    await update({ plugin: 'mine', key: 'volume', value: 5 });
    await configure({ mine: { volume: 5 } });
    assert.deepEqual(told.at(-1)?.origins, { mine: { volume: { default: 1, configured: 5 } } });
  });

  it('are those of the plugin alone, and of the declared type', async () => {
    await assert.rejects(update({ plugin: 'other', key: 'volume', value: 5 }), { code: 'permission.denied' });
    await assert.rejects(update({ plugin: 'mine', key: 'volume', value: 'loud' }), {
      code: 'config.invalid',
      message: 'pluginSettings["mine"].volume: expected a number, got "loud"',
    });
    await assert.rejects(update({ plugin: 'mine', key: 5, value: 1 }), { code: 'plugin.failed' });
    const calls = Array.from({ length: 120 }, () => update({ plugin: 'mine', key: 'volume', value: 5 }));
    const results = await Promise.allSettled(calls);
    assert.ok(results.some((result) => result.status === 'rejected' && result.reason.code === 'rpc.busy'));
  });
});
