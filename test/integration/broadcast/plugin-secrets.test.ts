import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Bulkhead, runBulkhead, runCommand } from '../../support/bulkhead.js';
import { writePlugin } from '../../support/plugins.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const BINARY = join(process.cwd(), 'dist', 'bin', 'bulkhead.cjs');
const SECRET = 'hunter2-never-shown';

const PLUGIN = {
  source: `
    import { broadcast, commands } from '@bulkhead/extension-api';
    export function activate({ secrets, storageUsage, globalState, subscriptions }) {
      const heard = [];
      secrets.onDidChange(({ key }) => heard.push(key), undefined, subscriptions);
      broadcast.onDidChangeTarget((target) => heard.push(target), undefined, subscriptions);
      commands.registerCommand('titles.key', () => secrets.get('apiKey'));
      commands.registerCommand('titles.heard', () => heard);
      commands.registerCommand('titles.target', () => broadcast.target);
      commands.registerCommand('titles.renew', () => secrets.store('apiKey', 'renewed'));
      commands.registerCommand('titles.usage', async () => {
        await globalState.update('count', 12);
        return storageUsage();
      });
    }`,
  manifest: {
    contributes: {
      configuration: {
        properties: {
          apiKey: { type: 'secret', title: 'API key', description: 'From example.org.' },
          words: { type: 'array', items: { type: 'string', minLength: 1 }, title: 'Words' },
        },
      },
    },
  },
};

/** Runs a command with this on its standard input. */
async function withInput(input: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [BINARY, ...args], { env: { ...process.env, ...env } });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, printed };
}

describe('a plugin that needs a secret', function () {
  this.timeout(90_000);
  let folder: TempDir;
  let env: NodeJS.ProcessEnv;
  let core: Bulkhead | undefined;

  beforeEach(() => {
    folder = tempDir('secrets');
    env = { XDG_DATA_HOME: folder.path };
  });

  afterEach(async () => {
    await core?.end();
    core = undefined;
    folder.dispose();
  });

  const stored = () => join(folder.path, 'bulkhead', 'plugins', 'secrets', 'titles.json');

  it('gets it on air, from the streamer alone, and hears of each change; and what is encoded, and what it uses', async () => {
    writePlugin(folder.path, 'titles', PLUGIN);
    const config = writeConfig(folder.path, { plugins: ['titles'] });
    const running = new Bulkhead(['core'], { env });
    core = running;
    const { address } = running;
    const run = (...args: string[]) => runBulkhead(args, { address, env });
    const enter = (...args: string[]) => withInput(`${SECRET}\n`, [...args, '--address', address], env);
    await running.until('the core answers', ({ state }) => state === 'idle');
    assert.equal((await run('start', config)).code, 0);
    const missing = [{ plugin: 'titles', key: 'apiKey' }];
    const { extensionHosts } = await running.until(
      'on air, without the secret',
      ({ state, extensionHosts }) =>
        state === 'live' &&
        extensionHosts[0]?.state === 'running' &&
        extensionHosts[0].missingSecrets !== undefined,
    );
    assert.deepEqual(extensionHosts[0]?.missingSecrets, missing);
    assert.match(
      (await run('status')).stdout,
      /"apiKey" is not set: bulkhead plugin secret set titles apiKey/,
    );
    assert.equal(await runCommand(address, 'titles.key'), null);

    const wrong = await enter('plugin', 'secret', 'set', 'titles', 'apikey');
    assert.equal(wrong.code, 64);
    assert.match(wrong.printed, /declares no secret "apikey".*\n?.*Did you mean "apiKey"\?/);
    const set = await enter('plugin', 'secret', 'set', 'titles', 'apiKey');
    assert.equal(set.code, 0, set.printed);
    assert.equal(await runCommand(address, 'titles.key'), SECRET);
    assert.deepEqual(await runCommand(address, 'titles.heard'), ['apiKey']);
    await runCommand(address, 'titles.renew');
    assert.deepEqual(await runCommand(address, 'titles.heard'), ['apiKey', 'apiKey']);
    await enter('plugin', 'secret', 'set', 'titles', 'apiKey');
    const known = await running.until(
      'set',
      ({ extensionHosts: [host] }) => host?.missingSecrets === undefined,
    );

    const info = await run('plugin', 'info', 'titles');
    assert.match(info.stdout, /setting +apiKey +API key: From example\.org\. \(a secret\)/);
    assert.match(info.stdout, /secret +apiKey is set/);
    assert.match(
      info.stdout,
      /stored +files .* of 536\.9 MB, state 0 B of 1\.0 MB, .*secrets 2\d B of 65\.5 kB/,
    );
    const shown = [
      info,
      ...(await Promise.all([
        run('plugin', 'info', 'titles', '--json'),
        run('plugin', 'secret', 'list', '--json'),
        run('config', 'list', '--json'),
      ])),
    ];
    assert.match(shown[2]?.stdout ?? '', /"isSet": true/);
    const all = [known, shown, set, running.stdout, running.stderr];
    assert.doesNotMatch(JSON.stringify(all), new RegExp(SECRET));
    assert.equal(JSON.parse(readFileSync(stored(), 'utf8'))['apiKey'], SECRET);
    if (process.platform !== 'win32') assert.equal(statSync(stored()).mode & 0o777, 0o600);

    const before = (await runCommand(address, 'titles.target')) as { video: object };
    assert.equal((await run('encoder', 'set', 'bitrate=200')).code, 0);
    const now = { ...before, video: { ...before.video, bitrateKbps: 200 } };
    assert.deepEqual(await runCommand(address, 'titles.target'), now);
    assert.deepEqual(((await runCommand(address, 'titles.heard')) as unknown[]).at(-1), now);
    const usage = (await runCommand(address, 'titles.usage')) as {
      globalState: object;
      files: { quotaBytes: number };
    };
    assert.deepEqual(usage.globalState, { bytes: 7, quotaBytes: 1024 * 1024 });
    assert.equal(usage.files.quotaBytes, 512 * 1024 * 1024);

    assert.equal((await run('plugin', 'secret', 'delete', 'titles', 'apiKey')).code, 0);
    assert.equal(await runCommand(address, 'titles.key'), null);
  });

  it('is refused a value in the configuration and as an argument, without showing it', async () => {
    writePlugin(folder.path, 'titles', PLUGIN);
    const pluginSettings = { titles: { apiKey: SECRET, words: ['a', 'b', ''] } };
    const config = writeConfig(folder.path, { plugins: ['titles'], pluginSettings });
    const running = new Bulkhead(['core'], { env });
    core = running;
    const { address } = running;
    await running.until('the core answers', ({ state }) => state === 'idle');
    const started = await runBulkhead(['start', config], { address, env });
    assert.equal(started.code, 64);
    assert.match(
      started.stderr,
      /titles"\]\.apiKey: a secret is not kept in the configuration; remove it, and run: bulkhead plugin secret set titles apiKey/,
    );
    assert.match(
      started.stderr,
      /titles"\]\.words\[2\]: expected text in double quotes of at least 1 characters, got ""/,
    );
    const other = writeConfig(folder.path, { plugins: ['titles'] });
    assert.equal((await runBulkhead(['start', other], { address, env })).code, 0);
    const path = 'pluginSettings.titles.apiKey';
    const changed = await runBulkhead(['config', 'set', path, SECRET], { address, env });
    assert.equal(changed.code, 64);
    assert.match(changed.stderr, /"apiKey" is a secret/);
    assert.doesNotMatch(
      JSON.stringify([started, changed, running.stderr, await running.status()]),
      new RegExp(SECRET),
    );
  });

  it('has what was entered before, without a core, which is not shown on the terminal', async () => {
    const plugin = writePlugin(folder.path, 'titles', PLUGIN);
    const address = join(folder.path, 'core.sock');
    const installed = await runBulkhead(['plugin', 'install', plugin, '--yes'], { address, env });
    assert.equal(installed.code, 0, installed.stderr);
    const words = [
      process.execPath,
      BINARY,
      'plugin',
      'secret',
      'set',
      'titles',
      'apiKey',
      '--address',
      address,
    ];
    const terminal = spawn('script', ['--quiet', '--return', '--command', words.join(' '), '/dev/null'], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let printed = '';
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    const closed = once(terminal, 'close');
    await eventually('the question', () =>
      /apiKey of titles \(not shown\): /.test(printed) ? true : undefined,
    );
    terminal.stdin.write(`${SECRET}\n`);
    assert.deepEqual(await closed, [0, null], printed);
    assert.match(printed, /The secret "apiKey" of titles is set\./);
    assert.doesNotMatch(printed, new RegExp(SECRET));
    const list = await runBulkhead(['plugin', 'secret', 'list', 'titles'], { address, env });
    assert.match(list.stdout, /titles apiKey is set/);
    const running = new Bulkhead(['core'], { env, address });
    core = running;
    await running.until('the plugin runs', ({ extensionHosts }) => extensionHosts[0]?.state === 'running');
    assert.equal(await runCommand(address, 'titles.key'), SECRET);
  });
});
