import assert from 'node:assert/strict';
import { brief, PluginFolder } from './plugin-folder.js';

const CODE = `
const { commands, l10n, window } = require('@bulkhead/extension-api');
exports.activate = () => {
  commands.registerCommand('good.say', () => l10n.t('Hello {0}', 'you'));
  commands.registerCommand('good.go', () => l10n.t({ message: 'Live', comment: ['A', ' state'] }));
  void window.setContext('good.mode', l10n.t(\`Mode\`));
};`;

describe('bulkhead plugin check and pack, of languages and conditions', () => {
  let plugin: PluginFolder;

  beforeEach(() => {
    plugin = new PluginFolder();
    plugin.write({ 'main.cjs': CODE });
  });

  afterEach(() => plugin.dispose());

  const command = (name: string, title: string, change: object = {}) => ({ command: name, title, ...change });
  const findings = async () => (await plugin.check()).findings.map(brief);
  const COMMANDS = [command('good.say', '%say%'), command('good.go', '%go%')];

  it('find nothing where all texts are there and used, and pack them even if "files" does not name them', async () => {
    plugin.manifest({ files: ['main.cjs'], l10n: './l10n', contributes: { commands: COMMANDS } });
    plugin.write({
      'package.nls.json': '{ "say": "Say hello", "go": "Go" }',
      'package.nls.zh-cn.json': '{ "say": "问好", "go": "开始" }',
      'l10n/bundle.l10n.zh-cn.json': '{ "Hello {0}": "{0}，你好", "Live/A state": "直播中", "Mode": "模式" }',
    });
    assert.deepEqual(await findings(), []);
    const { files } = await plugin.pack();
    assert.deepEqual(
      files.map(({ path }) => path),
      [
        ...['README.md', 'l10n/bundle.l10n.zh-cn.json', 'main.cjs', 'package.json'],
        ...['package.nls.json', 'package.nls.zh-cn.json'],
      ],
    );
  });

  it('name what is missing and what nothing uses', async () => {
    plugin.manifest({ l10n: './l10n', contributes: { commands: COMMANDS } });
    plugin.write({
      'package.nls.json': '{ "say": "Say hello", "old": "Old" }',
      'package.nls.zh-cn.json': '{ "older": "旧" }',
      'package.nls.DE.json': '{ "say": "Hallo" }',
      'l10n/bundle.l10n.zh-cn.json': '{ "Hello {0}": "{0}，你好", "Live": "直播中", "Mode": 5 }',
    });
    assert.deepEqual((await findings()).sort(), [
      'warning l10n/bundle.l10n.zh-cn.json "Mode": expected text, or an object with "message"',
      'warning l10n/bundle.l10n.zh-cn.json lacks "Live/A state", "Mode"',
      'warning l10n/bundle.l10n.zh-cn.json nothing uses "Live"',
      'warning package.json %go% has no text in package.nls.json',
      'warning package.nls.DE.json expected the name of a language in lower case, as in package.nls.zh-cn.json',
      'warning package.nls.json nothing uses "old"',
      'warning package.nls.zh-cn.json lacks "say"',
      'warning package.nls.zh-cn.json nothing uses "older"',
    ]);
  });

  it('name texts that the manifest cannot have, and a missing folder', async () => {
    plugin.manifest({ contributes: { commands: COMMANDS } });
    plugin.write({
      'package.nls.json': '{ "say": "Say hello", "go": "Go" }',
      'package.nls.de.json': JSON.stringify({ say: 'x'.repeat(200), go: 'Los' }),
    });
    assert.deepEqual((await findings()).sort(), [
      'warning main.cjs:4 l10n.t is used, and package.json does not say where its texts are',
      'warning package.nls.de.json is not used: contributes.commands[0].title: expected at most 100 characters, got 200',
    ]);
  });

  it('refuse conditions and keys that are wrong, and doubt keys that nobody sets', async () => {
    const wrong = command('good.say', 'Say', { enablement: 'broadcast.state == ' });
    const keybindings = [{ command: 'good.other', key: 'hyper+m' }];
    plugin.manifest({ contributes: { commands: [wrong], keybindings } });
    assert.deepEqual(await findings(), [
      'error package.json contributes.commands[0].enablement: expected a value, such as live or \'my scene\' at the end, got "broadcast.state == "',
      'error package.json contributes.keybindings[0].key: expected "ctrl", "shift", "alt" or "cmd" before a "+"',
      'error package.json contributes.keybindings[0].command: expected one of contributes.commands, got "good.other"',
    ]);
    const say = command('good.say', 'Say', { enablement: 'brodcast.state == live || good.mood' });
    const key = { command: 'good.other', key: 'ctrl+m', when: 'good.mode && other.key && plugin.x.active' };
    plugin.manifest({ contributes: { commands: [say], keybindings: [key] } });
    assert.deepEqual(await findings(), [
      'error package.json contributes.keybindings[0].command: expected one of contributes.commands, got "good.other"',
    ]);
    const go = command('good.go', 'Go');
    plugin.manifest({ contributes: { commands: [say, go], keybindings: [{ ...key, command: 'good.say' }] } });
    assert.deepEqual(
      (await findings()).filter((line) => line.includes('contributes')),
      [
        'warning package.json contributes.commands[0].enablement: there is no context key "brodcast.state"; did you mean "broadcast.state"?',
        'warning package.json contributes.commands[0].enablement: the code does not set "good.mood" by window.setContext',
      ],
    );
  });
});
