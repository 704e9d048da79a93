import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bulkhead, type BulkheadOptions, runBulkhead, runCommand } from '../../support/bulkhead.js';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const source = `
  import { commands, env, window } from '@bulkhead/extension-api';
  export function activate({ log, secrets }) {
    commands.registerCommand('asks.token', async () => {
      const token = await window.showInputBox({
        title: 'The token of the chat', password: true, pattern: '^oauth:', patternErrorMessage: 'It begins with oauth:',
      });
      await secrets.store('token', token);
      return token.length;
    });
    commands.registerCommand('asks.list', async () => {
      const file = await window.showOpenFile({ title: 'The names' });
      return file.name + ': ' + await file.readText();
    });
    commands.registerCommand('asks.login', async () => {
      const callback = await env.createCallback();
      await env.openExternal('https://example.com/?redirect_uri=' + encodeURIComponent(callback.url));
      return (await callback.query).code;
    });
  }`;

describe('a plugin that asks, in a core of its own', function () {
  this.timeout(120_000);
  let folder: TempDir;
  let core: Bulkhead;

  beforeEach(async () => {
    folder = tempDir('asks');
    // Stands in for a browser whose user agrees: it follows the redirect.
    const browser = join(folder.path, 'browser');
    writeFileSync(
      browser,
      `#!${process.execPath}\nfetch(new URL(process.argv[2]).searchParams.get('redirect_uri') + '?code=granted');\n`,
      { mode: 0o755 },
    );
    core = new Bulkhead(['core', '--log-file', join(folder.path, 'log'), '--log-level', 'trace'], {
      env: { XDG_DATA_HOME: folder.path, BROWSER: browser },
    });
    await core.until('the core answers', ({ state }) => state === 'idle');
    const plugin = writePlugin(folder.path, 'asks', {
      source,
      manifest: {
        contributes: {
          commands: ['token', 'list', 'login'].map((name) => ({ command: `asks.${name}`, title: name })),
        },
      },
    });
    const { code, stderr } = await bulkhead(['plugin', 'install', plugin, '--yes']);
    assert.equal(code, 0, stderr);
  });

  afterEach(async () => {
    await core.end();
    folder.dispose();
  });

  const bulkhead = (args: readonly string[], options: BulkheadOptions = {}) =>
    runBulkhead(args, { address: core.address, cwd: folder.path, ...options });
  const asked = async () => {
    const { questions } = await core.until('the question', (status) => status.questions.length > 0);
    return String(questions[0]?.id);
  };

  it('gets a password that nobody else sees, from a terminal and from standard input', async () => {
    const first = runCommand(core.address, 'asks.token');
    const terminal = new Bulkhead(['answer', await asked()], {
      ...{ address: core.address, terminal: true, isEntered: true },
    });
    try {
      await terminal.said(/Answer, which is not shown: /);
      terminal.enter('hunter2\r');
      await terminal.said(/It begins with oauth:\s[\s\S]*Answer, which is not shown: /);
      terminal.enter('oauth:hunter2\r');
      assert.equal(await terminal.exit(), 0, terminal.stdout);
      assert.doesNotMatch(terminal.stdout, /hunter/);
    } finally {
      await terminal.end();
    }
    assert.equal(await first, 13);

    const second = runCommand(core.address, 'asks.token');
    const id = await asked();
    const refused = await bulkhead(['answer', id, 'oauth:x']);
    assert.equal(refused.code, 64);
    assert.match(refused.stderr, /others can read it on the command line/);
    const { code, stdout, stderr } = await bulkhead(['answer', id], { input: 'oauth:hunter22\n' });
    assert.equal(code, 0, stderr);
    assert.equal(await second, 14);
    const status = await bulkhead(['status', '--json']);
    assert.doesNotMatch(
      stdout + stderr + status.stdout + readFileSync(join(folder.path, 'log'), 'utf8'),
      /hunter/,
    );
  });

  it('gets a file by a path that counts from where the command runs', async () => {
    writeFileSync(join(folder.path, 'names.txt'), 'Ann, Zoë');
    const list = runCommand(core.address, 'asks.list');
    const { code, stderr } = await bulkhead(['answer', await asked(), 'names.txt']);
    assert.equal(code, 0, stderr);
    assert.equal(await list, 'names.txt: Ann, Zoë');
  });

  it("logs in by the streamer's browser", async () => {
    const login = runCommand(core.address, 'asks.login');
    const id = await asked();
    assert.match(
      (await bulkhead(['answer'])).stdout,
      /asks: wants to open https:\/\/example\.com in your browser/,
    );
    assert.equal((await bulkhead(['answer', id, 'Open it'])).code, 0);
    assert.equal(await login, 'granted');
  });
});
