import assert from 'node:assert/strict';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { runPluginTest } from './run-plugin-test.js';

const MANIFEST = {
  l10n: './l10n',
  contributes: {
    commands: [
      { command: 'keyed.hello', title: '%hello%', enablement: 'broadcast.state == live' },
      { command: 'keyed.mode', title: 'Mode' },
    ],
    keybindings: [
      { command: 'keyed.hello', key: 'ctrl+h', when: "scene == 'intro' || keyed.mode == on" },
      { command: 'keyed.mode', key: 'ctrl+m', args: ['on'] },
    ],
    configuration: { properties: { word: { type: 'string', default: '%word%' } } },
  },
};

const SOURCE = `
import { commands, configuration, l10n, window } from '@bulkhead/extension-api';
export function activate({ subscriptions }) {
  subscriptions.push(
    commands.registerCommand('keyed.hello', () => l10n.t('Hello {name}', { name: configuration.get('word') })),
    commands.registerCommand('keyed.mode', (mode) => window.setContext('keyed.mode', mode)),
    commands.registerCommand('keyed.other', () => window.setContext('other.mode', 1)),
  );
}`;

const SPEC = `
import assert from 'node:assert/strict';
import { startPlugin } from '@bulkhead/extension-api/testing';

it('presses keys', async () => {
  const core = await startPlugin();
  await assert.rejects(core.keys.press('ctrl+h'), { code: 'key.notBound' });
  await core.keys.press('Ctrl+M');
  assert.equal(core.contextKeys['keyed.mode'], 'on');
  await assert.rejects(core.keys.press('ctrl+h'), { code: 'command.notEnabled' });
  await core.broadcast.goLive();
  assert.equal(await core.keys.press('ctrl+h'), 'Hello world');
  await core.faults.killHost();
  assert.equal(core.contextKeys['keyed.mode'], undefined);
});

it('follows the scene', async () => {
  const show = { sources: [{ id: 'a', type: 'colour' }], scenes: [{ id: 'intro', layers: [] }] };
  const core = await startPlugin({ show });
  await core.broadcast.goLive();
  assert.equal(core.contextKeys['scene'], 'intro');
  assert.equal(await core.keys.press('ctrl+h'), 'Hello world');
});

it('speaks the language of the streamer', async () => {
  const core = await startPlugin({ language: 'zh_CN' });
  await core.broadcast.goLive();
  assert.equal(await core.commands.execute('keyed.hello'), '世界，你好');
});

it('keeps the names of others', async () => {
  const core = await startPlugin();
  await assert.rejects(core.commands.execute('keyed.other'), /begins with the plugin's own/);
});
`;

describe('the harness with keys and languages', function () {
  this.timeout(60_000);
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('keyed');
  });

  afterEach(() => folder.dispose());

  it('presses keys, evaluates conditions and translates', async () => {
    const path = writePlugin(folder.path, 'keyed', {
      source: SOURCE,
      manifest: MANIFEST,
      installed: true,
      files: {
        'package.nls.json': '{ "hello": "Say hello", "word": "world" }',
        'package.nls.zh-cn.json': '{ "hello": "问好", "word": "世界" }',
        'l10n/bundle.l10n.zh-cn.json': '{ "Hello {name}": "{name}，你好" }',
        'test/keyed.test.ts': SPEC,
      },
    });
    const { code, stdout, stderr } = await runPluginTest(path);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /4 passing/);
  });
});
