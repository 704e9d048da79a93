import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ControlClient } from '../../../src/control-client/control-client.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { type PluginSource, writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { BundleRun } from './bundle-run.js';

const BUNDLE = fileURLToPath(new URL('../../../bin/bulkhead.cjs', import.meta.url));

const greeter = (greeting: string): PluginSource => ({
  source: `
    import { commands, window } from '@bulkhead/extension-api';
    export function activate({ log }) {
      log.info('loaded ${greeting}');
      commands.registerCommand('greeter.greet', () => '${greeting}');
      commands.registerCommand('greeter.fail', () => {
        window.showWarningMessage('about to fail');
        console.log('printed');
        setTimeout(function failing() { throw new Error('broken'); });
      });
      commands.registerCommand('greeter.quit', () => process.exit());
      commands.registerCommand('greeter.throw', function thrower() { throw new Error('not now'); });
    }`,
});

describe('bulkhead plugin dev', () => {
  let folder: TempDir;
  let plugin: string;
  let address: string;
  const runs: BundleRun[] = [];

  beforeEach(() => {
    folder = tempDir('dev');
    address = join(folder.path, 'core.sock');
    plugin = writePlugin(folder.path, 'greeter', greeter('one'));
  });

  afterEach(async () => {
    for (const run of runs.splice(0)) {
      if (run.child.exitCode === null) run.ctrlC();
      await run.exitCode;
    }
    folder.dispose();
  });

  function bulkhead(...args: string[]): BundleRun {
    const { path } = folder;
    const env = { ...process.env, XDG_STATE_HOME: path, XDG_DATA_HOME: path };
    const run = new BundleRun(BUNDLE, [...args, '--address', address], env, path);
    runs.push(run);
    return run;
  }

  const save = (greeting: string) => writePlugin(folder.path, 'greeter', greeter(greeting));

  async function greeting(): Promise<unknown> {
    const client = await ControlClient.connect(address);
    try {
      return await client.runCommand('greeter.greet', []);
    } finally {
      client.dispose();
    }
  }

  async function invoke(command: string): Promise<void> {
    const client = await ControlClient.connect(address);
    await client.runCommand(command, []).catch(() => {});
    client.dispose();
  }

  it("reloads on save, continues after errors, and shows the plugin's log", async () => {
    const dev = bulkhead('plugin', 'dev', 'greeter');
    await dev.printed('"greeter" 1.0.0 is active after');
    await dev.printed('Watching');
    assert.match(dev.stdout, /info +loaded one/);
    assert.equal(await greeting(), 'one');

    save('two');
    await dev.printed('"greeter" 1.0.0 is active again after');
    assert.equal(await greeting(), 'two');

    await invoke('greeter.throw');
    await dev.printed('failed: the command "greeter.throw": not now');
    await dev.printed('at thrower');
    assert.doesNotMatch(dev.stdout, /extension-host\.cjs/);

    await invoke('greeter.fail');
    await dev.printed('uncaught exception: broken');
    await dev.printed('at Timeout.failing');
    assert.match(dev.stdout, /warn +about to fail\n/);
    assert.match(dev.stdout, /info +greeter \(\d+\): printed\n/);

    writeFileSync(join(plugin, 'package.json'), '{ "name": "greeter" }');
    await dev.printed('Waiting for the next save. "greeter" 1.0.0 runs on.');
    assert.match(dev.stdout, /greeter\/package\.json: engines\.bulkhead: missing/);
    assert.equal(await eventually('it runs', () => greeting().catch(() => undefined)), 'two');

    writePlugin(folder.path, 'greeter', { ...greeter('three'), manifest: { version: '1.1.0' } });
    await dev.printed('"greeter" 1.1.0 is active again after');
    assert.equal(await greeting(), 'three');

    writePlugin(folder.path, 'greeter', { source: 'export const activate = 1;' });
    await dev.printed('is not active. Waiting for the next save.');
    dev.stdout = '';
    save('four');
    await dev.printed('"greeter" 1.0.0 is active again after');
    assert.equal(await greeting(), 'four');

    dev.ctrlC();
    assert.equal(await dev.exitCode, ExitCodes.ok, dev.stderr);
    await assert.rejects(ControlClient.connect(address), { code: 'core.notRunning' });
  });

  it('runs on when what is saved does not parse, and goes on after its folder was away', async () => {
    const dev = bulkhead('plugin', 'dev', 'greeter');
    await dev.printed('Watching');
    dev.stdout = '';
    writeFileSync(join(plugin, 'main.mjs'), 'export function activate() {\n  let let;\n}');
    await dev.printed('Waiting for the next save. "greeter" 1.0.0 runs on.');
    assert.match(dev.stdout, /✗ main\.mjs:2: /);
    assert.equal(await greeting(), 'one');

    const away = join(folder.path, 'away');
    renameSync(plugin, away);
    await dev.printed('there is no such folder');
    dev.stdout = '';
    renameSync(away, plugin);
    await dev.printed('✗ main.mjs:2: ');
    save('two');
    await dev.printed('"greeter" 1.0.0 is active again after');
    assert.equal(await greeting(), 'two');
  });

  it('runs the plugin in a running core, until it ends, and waits for a manifest', async () => {
    const core = bulkhead('core');
    await eventually('the core', () =>
      ControlClient.connect(address).then(
        (client) => {
          client.dispose();
          return true;
        },
        () => undefined,
      ),
    );
    rmSync(join(plugin, 'package.json'));
    const dev = bulkhead('plugin', 'dev', 'greeter');
    await dev.printed('Waiting for the next save.');
    save('late');
    await dev.printed('"greeter" 1.0.0 is active after');
    // Two files were saved: on a busy computer it is loaded once more, and has no commands meanwhile.
    await eventually('the greeting', () =>
      greeting().then(
        (said) => said === 'late' || undefined,
        () => undefined,
      ),
    );

    dev.ctrlC();
    assert.equal(await dev.exitCode, ExitCodes.ok, dev.stderr);
    await assert.rejects(greeting(), { code: 'command.notFound' });
    core.ctrlC();
    await core.exitCode;
  });
});
