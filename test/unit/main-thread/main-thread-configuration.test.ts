import assert from 'node:assert/strict';
import { MainThreadConfiguration } from '../../../src/core/main-thread/main-thread-configuration.js';
import { Settings } from '../../../src/plugins/settings.js';
import { PluginSettingsNotification } from '../../../src/protocol/plugin-configuration.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { turn } from '../rpc/connected-pair.js';
import { FakeHost } from './fake-host.js';

describe("the settings of a host's plugins", () => {
  const plugins = ['mine', 'other'].map((id) =>
    installedPlugin(id, {
      contributes: {
        commands: [],
        configuration: { properties: { volume: { type: 'number', default: 1 } } },
        statusItems: [],
      },
    }),
  );

  it('are sent immediately and when they change, only to its host', async () => {
    const settings = new Settings();
    settings.set(plugins, {});
    const told: unknown[] = [];
    const host = new FakeHost(new MainThreadConfiguration(settings), plugins.slice(0, 1), (connection) =>
      connection.onNotification(PluginSettingsNotification.type, (params) => told.push(params.settings)),
    );
    const set = async (given: Parameters<Settings['set']>[1]) => {
      settings.set(plugins, given);
      for (let count = 0; count < 5; count++) await turn();
    };
    await set({ other: { volume: 3 } });
    assert.deepEqual(told, [{ mine: { volume: 1 } }]);
    await set({ mine: { volume: 2 }, other: { volume: 3 } });
    assert.deepEqual(told.slice(1), [{ mine: { volume: 2 } }]);
    host.served.dispose();
    await set({});
    assert.equal(told.length, 2);
    host.dispose();
    settings.dispose();
  });
});
