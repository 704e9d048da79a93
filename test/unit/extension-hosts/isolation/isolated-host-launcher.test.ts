import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { join } from 'node:path';
import type { ProfileOutcome } from '../../../../src/core/extension-hosts/isolation/host-launchers.js';
import { IsolatedHostLauncher } from '../../../../src/core/extension-hosts/isolation/isolated-host-launcher.js';
import type { Isolation } from '../../../../src/core/extension-hosts/isolation/isolation.js';
import { launch } from '../../../../src/core/processes/failed-launch.js';
import type { PartExit } from '../../../../src/core/processes/part-launcher.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

const STANDARD: Isolation = { tier: 'standard', bwrap: undefined, prlimit: undefined, reason: 'a test' };

describe("the launcher of plugins' hosts, without a folder for temporary files", () => {
  const before = process.env['TMPDIR'];
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('launcher');
    process.env['TMPDIR'] = join(folder.path, 'gone');
  });

  afterEach(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    folder.dispose();
  });

  /** Launches the host of a plugin with or without a copy of the API package; it exits with 7 as soon as it runs. */
  async function start(source: string, ownApi: boolean) {
    const path = join(folder.path, 'plugin');
    mkdirSync(path);
    if (ownApi) {
      const api = join(path, 'node_modules', '@bulkhead', 'extension-api');
      mkdirSync(api, { recursive: true });
      writeFileSync(join(api, 'package.json'), '{"name":"@bulkhead/extension-api"}');
    }
    const entryPoint = join(folder.path, 'host.cjs');
    writeFileSync(entryPoint, 'process.exit(7)');
    const plugin = { path, main: join(path, 'extension.js'), source };
    const folders = { storage: join(folder.path, 'storage'), profiles: join(folder.path, 'profiles') };
    const launcher = new IsolatedHostLauncher(STANDARD, [{ plugin, folders }], { entryPoint });
    const profiles: ProfileOutcome[] = [];
    const profiled = launcher.onDidProfile((outcome) => profiles.push(outcome));
    await launcher.prepare();
    const instance = launch(launcher);
    const exit = await new Promise<PartExit>((resolve) => instance.onDidExit(resolve));
    instance.dispose();
    await launcher.release(1000);
    profiled.dispose();
    return { exit, profiles };
  }

  it('launches a host without its profile', async () => {
    const { exit, profiles } = await start('development', true);
    assert.equal(exit.code, 7);
    assert.match(String(profiles.map((outcome) => 'error' in outcome && outcome.error)), /ENOENT/);
  });

  it('fails a launch that needs such a folder', async function () {
    // Later versions of Node find the API package with hooks.
    if ('registerHooks' in Module) this.skip();
    const { exit } = await start('configuration', false);
    assert.match(exit.why ?? '', /^could not be started: ENOENT/);
    assert.equal(exit.notStarted, true);
  });
});
