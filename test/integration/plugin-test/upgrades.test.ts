import assert from 'node:assert/strict';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { runPluginTest } from './run-plugin-test.js';

/** As in docs/plugin-reference.md. */
const source = `
  export const upgrades = [
    ({ settings: { delaySeconds, ...settings } }) =>
      typeof delaySeconds === 'number' ? { settings: { ...settings, delayMs: delaySeconds * 1000 } } : {},
    ({ globalState: { broadcasts, ...globalState }, profileState }) => ({
      globalState,
      profileState: Object.fromEntries(
        Object.entries(profileState).map(([profile, state]) => [profile, { ...state, broadcasts }]),
      ),
    }),
    ({ globalState }) => {
      if (globalState.poison) throw new Error('no luck');
      return {};
    },
    ({ commands }) => ({
      commands: commands.map(({ command, args }) =>
        command === 'upgraded.mute' ? { command: 'upgraded.toggle', args: [{ source: args[0] }] } : { command, args },
      ),
    }),
  ];
  import { commands, configuration } from '@bulkhead/extension-api';
  export function activate({ log, profileState, subscriptions }) {
    subscriptions.push(commands.registerCommand('upgraded.toggle', ({ source }) => 'toggled ' + source));
    log.info(JSON.stringify([configuration.get('delayMs'), profileState.get('broadcasts')]));
  }`;

const spec = `
import assert from 'node:assert/strict';
import { startPlugin } from '@bulkhead/extension-api/testing';

const before = { settings: { delaySeconds: 3 }, state: { broadcasts: 7 }, profile: 'talk', profileState: { goal: 1 } };

it('upgrades what an earlier version has stored, before activate', async () => {
  const core = await startPlugin({ ...before, upgradeFrom: 0 });
  assert.deepEqual(core.log.map(({ message }) => message), ['[3000,7]']);
  assert.deepEqual(core.readSettings(), { delayMs: 3000 });
  assert.deepEqual(await core.readState(), {});
  assert.deepEqual(await core.readProfileState(), { goal: 1, broadcasts: 7 });
  await core.setSettings({ delayMs: 10 });
  assert.deepEqual(core.readSettings(), { delayMs: 10 });
  await core.faults.killHost();
  await core.activate();
  assert.equal(core.log.at(-1).message, '[10,7]');
});

it('upgrades from a version in between', async () => {
  const core = await startPlugin({ settings: { delayMs: 5 }, state: { broadcasts: 7 }, upgradeFrom: 1 });
  assert.deepEqual(core.readSettings(), { delayMs: 5 });
  assert.deepEqual(await core.readState(), {});
});

it("upgrades the streamer's keybindings", async () => {
  const keybindings = [{ key: 'f1', command: 'upgraded.mute', args: 'mic' }];
  const core = await startPlugin({ keybindings, upgradeFrom: 3 });
  assert.equal(await core.keys.press('f1'), 'toggled mic');
});

it('refuses keybindings that cannot be', async () => {
  const wrong = startPlugin({ keybindings: [{ key: 'f0', command: 'upgraded.mute' }] });
  await assert.rejects(wrong, { code: 'config.invalid', message: /^0\\.key: / });
});

it('does not without upgradeFrom', async () => {
  const core = await startPlugin({ settings: { delayMs: 5 }, state: { broadcasts: 7 } });
  assert.deepEqual(await core.readState(), { broadcasts: 7 });
});

it('fails with the error of a script, and nothing has changed', async () => {
  const core = await startPlugin({ state: { poison: true, broadcasts: 7 }, upgradeFrom: 0, activate: false });
  await assert.rejects(core.activate(), /upgrade script 3 of 4: no luck/);
  assert.deepEqual(await core.readState(), { poison: true, broadcasts: 7 });
});
`;

describe('upgrade scripts under "bulkhead plugin test"', function () {
  this.timeout(90_000);
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('plugin-test-upgrades');
  });
  afterEach(() => folder.dispose());

  it('run on what a test says that an earlier version has left', async () => {
    const path = writePlugin(folder.path, 'upgraded', {
      source,
      manifest: { contributes: { configuration: { properties: { delayMs: { type: 'integer' } } } } },
      files: { 'test/upgrades.test.mjs': spec },
      installed: true,
    });
    const { code, stdout, stderr } = await runPluginTest(path);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /6 passing/);
  });
});
