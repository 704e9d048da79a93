import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { XHotkeys } from '../../../src/hotkeys/x-hotkeys.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { writePlugin } from '../../support/plugins.js';
import { SMALL_VIDEO } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { TestKeyboard } from '../../support/x-keyboard.js';
import { startXServer, type XServer } from '../../support/x-server.js';

const SOURCE = `
import { commands, window } from '@bulkhead/extension-api';
let pressed = 0;
export function activate() {
  commands.registerCommand('keyed.press', () => window.setContext('keyed.pressed', (pressed += 1)));
}`;

describe('global hotkeys', function () {
  this.timeout(90_000);
  let server: XServer;
  let keyboard: TestKeyboard;
  let folder: TempDir;

  before(async function () {
    if (process.platform !== 'linux') this.skip();
    server = await startXServer('320x240');
    // The server forgets its state when its last client leaves.
    keyboard = await TestKeyboard.open(server.display);
  });

  after(async () => {
    keyboard?.dispose();
    await server?.stop();
  });

  beforeEach(() => {
    folder = tempDir('hotkeys');
  });

  afterEach(() => folder.dispose());

  it('are heard of by the X server, each once, and only those that are asked for', async () => {
    const heard: string[] = [];
    const hotkeys = await XHotkeys.open({
      display: server.display,
      onPress: (key) => heard.push(key),
      onLost: () => {},
    });
    // The last one is not on this keyboard.
    assert.deepEqual(await hotkeys.set(['ctrl+shift+m', 'f9', 'alt+/', 'meta+left', 'f24']), ['f24']);
    for (const key of ['ctrl+shift+m', 'ctrl+m', 'm', 'f9', 'shift+f9', 'alt+/', 'meta+left', 'f8']) {
      await keyboard.press(key);
    }
    await eventually('the keys', () => (heard.length >= 4 ? true : undefined));
    assert.deepEqual(heard, ['ctrl+shift+m', 'f9', 'alt+/', 'meta+left']);

    const second = await XHotkeys.open({ display: server.display, onPress: () => {}, onLost: () => {} });
    assert.deepEqual(await second.set(['f9', 'f10']), ['f9']);
    assert.deepEqual(await hotkeys.set(['f8']), []);
    assert.deepEqual(await second.set(['f9', 'f10']), []);
    second.dispose();
    hotkeys.dispose();
  });

  it("run the commands of the streamer's keys in a running core, and follow its configuration", async () => {
    const plugin = writePlugin(folder.path, 'keyed', {
      source: SOURCE,
      manifest: {
        contributes: {
          commands: [{ command: 'keyed.press', title: 'Press' }],
          keybindings: [{ command: 'keyed.press', key: 'ctrl+shift+k' }],
        },
      },
    });
    const config = join(folder.path, 'show.jsonc');
    const settings = {
      ...{ plugins: [plugin], video: SMALL_VIDEO },
      ...{ liveServer: { enabled: true }, globalHotkeys: true },
    };
    const withKey = (key: string) =>
      writeFileSync(config, JSON.stringify({ ...settings, keybindings: [{ key, command: 'keyed.press' }] }));
    withKey('f6');
    const core = new Bulkhead(['live', config], { env: { DISPLAY: server.display } });
    try {
      await core.until('it is live with its plugin', ({ state, extensionHosts }) => {
        return state === 'live' && extensionHosts[0]?.state === 'running';
      });
      const context = async () => {
        const { stdout } = await runBulkhead(['keys', 'context', '--json'], { address: core.address });
        const keys = JSON.parse(stdout) as { readonly key: string; readonly value: unknown }[];
        return keys.find(({ key }) => key === 'keyed.pressed')?.value;
      };
      const pressedUntil = (key: string, done: (count: number) => boolean) =>
        eventually(`${key} is heard of`, async () => {
          await keyboard.press(key);
          return done(Number((await context()) ?? 0)) ? true : undefined;
        });
      await pressedUntil('f6', (count) => count > 0);
      const other = await XHotkeys.open({ display: server.display, onPress: () => {}, onLost: () => {} });
      assert.deepEqual(await other.set(['f6', 'ctrl+shift+k']), ['f6'], "the plugin's key is not taken");
      other.dispose();
      const before = Number(await context());
      withKey('f7');
      await pressedUntil('f7', (count) => count > before);
    } finally {
      await core.end();
    }
  });
});
