import assert from 'node:assert/strict';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';
import { Keybindings } from '../../../src/core/main-thread/keybindings.js';
import type { Contributions } from '../../../src/plugins/contributions.js';
import { keybindingsOf } from '../../../src/plugins/keybindings.js';
import { EVERYTHING_HOLDS } from '../../support/fake-keys.js';
import { installedPlugin } from '../plugins/installed-plugin.js';

const plugin = (id: string, keybindings: Contributions['keybindings']) =>
  installedPlugin(id, { contributes: { keybindings } });

describe('keybindings', () => {
  let holding: Set<string>;
  let commands: CommandRegistry;
  let keys: Keybindings;

  beforeEach(() => {
    holding = new Set();
    commands = new CommandRegistry(EVERYTHING_HOLDS);
    for (const command of ['a.mute', 'a.unmute', 'b.mark']) {
      commands.register(command, command.charAt(0), (args) => [command, ...args], `Title of ${command}`);
    }
    keys = new Keybindings(commands, { evaluator: () => (when) => holding.has(when), list: () => [] });
    keys.setPlugins([
      plugin('a', [
        { key: 'ctrl+m', command: 'a.mute', when: 'quiet', args: ['x', 1] },
        { key: 'ctrl+m', command: 'a.unmute', when: 'loud' },
      ]),
      plugin('b', [{ key: 'Ctrl+M', command: 'b.mark' }]),
    ]);
  });

  const press = async (key: string) => (await keys.press({ key })).result;

  it('run the command of the first one whose condition holds, with its arguments', async () => {
    assert.deepEqual(await press('ctrl+m'), ['b.mark']);
    holding.add('quiet');
    assert.deepEqual(await press('CTRL+M'), ['a.mute', 'x', 1]);
    holding.add('loud');
    assert.deepEqual(await press('ctrl+m'), ['a.unmute']);
  });

  it('are those of the configuration first, which also removes some', async () => {
    keys.configure([{ key: 'ctrl+m', command: '-b.mark' }]);
    await assert.rejects(press('ctrl+m'), {
      code: 'key.notBound',
      message: 'ctrl+m runs nothing now: "a.unmute" when loud, "a.mute" when quiet',
    });
    keys.configure([{ key: 'ctrl+m', command: 'a.unmute', args: 'now' }]);
    assert.deepEqual(await press('ctrl+m'), ['a.unmute', 'now']);
  });

  it('may be global if they are in the configuration, not if a plugin declares them', () => {
    assert.deepEqual(keys.streamersKeys, []);
    keys.configure([
      { key: 'Alt+Tab', command: 'a.mute' },
      { key: 'ctrl+m', command: '-b.mark' },
    ]);
    assert.deepEqual(keys.streamersKeys, ['alt+tab']);
  });

  it('are refused with what is expected', async () => {
    await assert.rejects(press('f9'), { code: 'key.notBound', message: 'no command is run by f9' });
    await assert.rejects(press('hyper+m'), {
      code: 'config.invalid',
      message: /^"hyper\+m" is no key: expected/,
    });
  });

  it('are listed in the order in which they are tried, with what would be run now', async () => {
    holding.add('quiet');
    keys.configure([{ key: 'f5', command: 'no.such' }]);
    const { keybindings } = await keys.list();
    assert.deepEqual(
      keybindings.map(({ key, command, plugin: by, applies, exists }) => [key, command, by, applies, exists]),
      [
        ['f5', 'no.such', undefined, true, false],
        ['ctrl+m', 'a.unmute', 'a', false, true],
        ['ctrl+m', 'a.mute', 'a', true, true],
        ['ctrl+m', 'b.mark', 'b', false, true],
      ],
    );
    assert.equal(keybindings[2]?.title, 'Title of a.mute');
  });

  it('name the one that is always run in the place of another', async () => {
    keys.configure([{ key: 'ctrl+m', command: 'b.mark' }]);
    const { keybindings } = await keys.list();
    assert.deepEqual(keybindings[1]?.shadowedBy, { command: 'b.mark', plugin: undefined });
  });

  it("are those of the plugin's system", () => {
    const own = plugin('a', [{ key: 'ctrl+m', mac: 'cmd+m', win: 'win+m', command: 'a.mute' }]);
    const keyOn = (platform: NodeJS.Platform) => keybindingsOf(own, platform)[0]?.key;
    assert.equal(keyOn('darwin'), 'meta+m');
    assert.equal(keyOn('win32'), 'meta+m');
    assert.equal(keyOn('linux'), 'ctrl+m');
    assert.equal(keyOn('freebsd'), 'ctrl+m');
  });
});
