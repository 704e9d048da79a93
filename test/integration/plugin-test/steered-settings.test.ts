import assert from 'node:assert/strict';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { runPluginTest } from './run-plugin-test.js';

const source = `
  import { broadcast, commands } from '@bulkhead/extension-api';
  export function activate({ log, secrets, storageUsage, subscriptions }) {
    const keep = (registration) => subscriptions.push(registration);
    const size = ({ video } = {}) => (video === undefined ? 'nothing' : video.width + ' ' + video.encoder);
    keep(secrets.onDidChange(async ({ key }) => log.info(key + ' ' + (await secrets.get(key)))));
    keep(broadcast.onDidChangeTarget((target) => log.info(size(target))));
    keep(commands.registerCommand('steered.key', () => secrets.get('apiKey')));
    keep(commands.registerCommand('steered.target', () => size(broadcast.target)));
    keep(commands.registerCommand('steered.usage', async () => (await storageUsage()).secrets.bytes));
  }`;

const manifest = { contributes: { configuration: { properties: { apiKey: { type: 'secret' } } } } };

const spec = `
import assert from 'node:assert/strict';
import { startPlugin } from '@bulkhead/extension-api/testing';

it('enters secrets as the streamer does', async () => {
  const core = await startPlugin({ secrets: { apiKey: 'first' } });
  assert.equal(await core.commands.execute('steered.key'), 'first');
  await core.setSecret('apiKey', 'second');
  await core.setSecret('apiKey', null);
  assert.equal(await core.commands.execute('steered.key'), null);
  assert.deepEqual(core.log.map(({ message }) => message), ['apiKey second', 'apiKey undefined']);
  assert.equal(await core.commands.execute('steered.usage'), 0);
  await assert.rejects(core.setSecret('other', 'x'), /declares no secret "other"/);
  await assert.rejects(core.setSettings({ apiKey: 'x' }), /a secret is not kept in the configuration/);
});

it('sets what is encoded', async () => {
  const core = await startPlugin({ show: { video: { width: 640, height: 360 } } });
  assert.equal(await core.commands.execute('steered.target'), 'nothing');
  await core.broadcast.goLive();
  assert.equal(await core.commands.execute('steered.target'), '640 libx264');
  await core.broadcast.setTarget({ video: { encoder: 'h264_nvenc' } });
  await core.broadcast.end();
  const messages: readonly string[] = core.log.map(({ message }) => message);
  assert.deepEqual(messages, ['640 libx264', '640 h264_nvenc', 'nothing']);
});
`;

describe('a test with secrets and a target', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('plugin-test');
  });
  afterEach(() => folder.dispose());

  it('gives them to the plugin, and changes them as the streamer does', async () => {
    const plugin = writePlugin(folder.path, 'steered', {
      source,
      manifest,
      installed: true,
      type: 'esm',
      files: { 'test/steered.test.ts': spec },
    });
    const { code, stdout, stderr } = await runPluginTest(plugin);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /2 passing/);
  });
});
