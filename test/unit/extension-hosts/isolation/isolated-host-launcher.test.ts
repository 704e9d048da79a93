import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { join } from 'node:path';
import type { OwnFiles } from '../../../../src/core/extension-hosts/isolation/file-grants.js';
import type { ProfileOutcome } from '../../../../src/core/extension-hosts/isolation/host-launchers.js';
import { IsolatedHostLauncher } from '../../../../src/core/extension-hosts/isolation/isolated-host-launcher.js';
import type { Isolation } from '../../../../src/core/extension-hosts/isolation/isolation.js';
import { launch } from '../../../../src/core/processes/failed-launch.js';
import type { PartExit } from '../../../../src/core/processes/part-launcher.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

const STANDARD: Isolation = { tier: 'standard', bwrap: undefined, prlimit: undefined, reason: 'a test' };
const HOME = process.platform === 'win32' ? 'USERPROFILE' : 'HOME';

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

describe("the launcher of plugins' hosts, with files that they may read", () => {
  const before = process.env[HOME];
  let folder: TempDir;
  let own: OwnFiles;
  let launcher: IsolatedHostLauncher;

  beforeEach(() => {
    folder = tempDir('launcher');
    process.env[HOME] = folder.path;
    own = { folders: [], files: [] };
    for (const name of ['plugin', 'Music', 'shows']) mkdirSync(join(folder.path, name));
    const plugin = {
      path: join(folder.path, 'plugin'),
      main: join(folder.path, 'plugin', 'extension.js'),
      granted: ['file:read:~/Music'] as const,
    };
    const folders = { storage: join(folder.path, 'storage'), profiles: join(folder.path, 'profiles') };
    launcher = new IsolatedHostLauncher(STANDARD, [{ plugin, folders }], { ownFiles: () => own });
  });

  afterEach(async () => {
    await launcher.release(1000);
    if (before === undefined) delete process.env[HOME];
    else process.env[HOME] = before;
    folder.dispose();
  });

  const goLiveWith = (...path: string[]) => {
    own = { folders: [], files: [join(folder.path, ...path)] };
  };

  it('is outdated when the configuration on air becomes one that they show', async () => {
    await launcher.prepare();
    goLiveWith('shows', 'stream.json');
    assert.equal(launcher.isOutdated, false);
    goLiveWith('Music', 'stream.json');
    assert.equal(launcher.isOutdated, true);
    await launcher.prepare();
    assert.equal(launcher.isOutdated, false);
  });

  it('takes notice of a configuration that goes on air while they are looked up', async () => {
    const left: string[] = [];
    const leaving = launcher.onDidLeaveOut((what) => left.push(what));
    const prepared = launcher.prepare();
    goLiveWith('Music', 'stream.json');
    await prepared;
    leaving.dispose();
    assert.equal(launcher.isOutdated, false);
    assert.match(left.join(), /^cannot read "~\/Music": Bulkhead's own files are in it/);
  });
});
