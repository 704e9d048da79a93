import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemBrowser } from '../../../src/core/processes/system-browser.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

describe('the browser of the desktop', () => {
  let folder: TempDir;
  beforeEach(() => {
    folder = tempDir('browser');
  });
  afterEach(() => folder.dispose());

  /** A program that stands in for a browser. */
  const program = (script: string): string => {
    const path = join(folder.path, 'browser');
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return path;
  };

  it('gets the address as its only argument, and none of the secrets in the environment', async () => {
    const seen = join(folder.path, 'seen');
    const BROWSER = program(`{ echo "$#:$1"; env; } > '${seen}.part'; mv '${seen}.part' '${seen}'`);
    const env = { ...process.env, BROWSER, TWITCH_KEY: 'live_1', BULKHEAD_RUN: 'mark' };
    assert.equal(await new SystemBrowser(env).open('https://example.com/?a=b&c=$(id)'), true);
    const text = await eventually('the browser', () => {
      try {
        return readFileSync(seen, 'utf8');
      } catch {
        return undefined;
      }
    });
    assert.match(text, /^1:https:\/\/example\.com\/\?a=b&c=\$\(id\)\n/);
    assert.doesNotMatch(text, /live_1|BULKHEAD_RUN/);
  });

  it('says so when it cannot be started, or fails', async () => {
    assert.equal(await new SystemBrowser({ BROWSER: join(folder.path, 'none') }).open('https://a/'), false);
    assert.equal(await new SystemBrowser({ BROWSER: program('exit 3') }).open('https://a/'), false);
  });

  for (const [env, platform, expected] of [
    [{}, 'linux', false],
    [{ DISPLAY: ':0' }, 'linux', true],
    [{ WAYLAND_DISPLAY: 'wayland-0' }, 'linux', true],
    [{ DISPLAY: ':0', BROWSER: 'none' }, 'linux', false],
    [{ BROWSER: 'firefox' }, 'linux', true],
    [{}, 'darwin', true],
    [{}, 'win32', true],
  ] as const) {
    it(`${expected ? 'may be there' : 'is not there'} on ${platform} with ${JSON.stringify(env)}`, () => {
      assert.equal(new SystemBrowser(env, platform).isAvailable, expected);
    });
  }

  it('is not opened where there is none', async () => {
    assert.equal(await new SystemBrowser({}, 'linux').open('https://a/'), false);
  });
});
