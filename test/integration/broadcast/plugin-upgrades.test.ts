import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bulkhead, runBulkhead, runCommand } from '../../support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { writePlugin } from '../../support/plugins.js';
import { assertNoFrameMissing, SMALL_VIDEO } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';

interface Version {
  readonly version: string;
  /** The one setting that it declares. */
  readonly setting: string;
  readonly upgrades?: string;
}

/** Delays in seconds, and a count that is a number. */
const V1: Version = { version: '1.0.0', setting: 'seconds' };
const SCRIPTS = `
  ({ globalState: { runs = 0, ...state }, profileState }) => ({
    globalState: { ...state, runs: { count: runs } },
    profileState: Object.fromEntries(Object.entries(profileState).map(([name, own]) => [name, { ...own, seen: true }])),
  }),
  ({ settings: { seconds, ...settings } }) =>
    seconds === undefined ? {} : { settings: { ...settings, delayMs: seconds * 1000 } },
  ({ commands }) => ({ commands: commands.map(({ args }) => ({ command: 'counter.show', args })) }),`;
const V2: Version = { version: '2.0.0', setting: 'delayMs', upgrades: SCRIPTS };
const BROKEN: Version = {
  ...V2,
  version: '3.0.0',
  upgrades: `${SCRIPTS}\n() => { throw new TypeError('no luck'); },`,
};
const HANGING: Version = { ...V2, version: '3.0.0', upgrades: `${SCRIPTS}\n() => { for (;;); },` };

describe('an update of a plugin with upgrade scripts, on air', function () {
  this.timeout(180_000);
  let folder: TempDir;
  let nginx: NginxRtmp;
  let live: Bulkhead | undefined;
  let viewer: LiveViewer | undefined;

  beforeEach(async () => {
    folder = tempDir('upgrading');
    nginx = await startNginxRtmp();
  });
  afterEach(async () => {
    await viewer?.stop();
    await live?.end();
    await nginx.stop();
    folder.dispose();
  });

  const env = () => ({ XDG_DATA_HOME: folder.path });
  const configFile = () => join(folder.path, 'show.jsonc');

  function write({ version, setting, upgrades }: Version): string {
    return writePlugin(folder.path, 'counter', {
      source: `
        import { commands, configuration } from '@bulkhead/extension-api';
        export const upgrades = [${upgrades ?? ''}];
        export async function activate({ globalState, profileState }) {
          commands.registerCommand('counter.show', () => ({
            version: '${version}',
            setting: configuration.get('${setting}'),
            runs: globalState.get('runs'),
            own: Object.fromEntries(profileState.keys().map((key) => [key, profileState.get(key)])),
          }));
          commands.registerCommand('counter.store', async () => {
            await globalState.update('runs', 7);
            await profileState.update('name', 'talk');
          });
        }`,
      manifest: {
        version,
        contributes: { configuration: { properties: { [setting]: { type: 'number' } } } },
      },
    });
  }
  const plugin = (...args: string[]) =>
    runBulkhead(['plugin', ...args], {
      env: env(),
      address: live?.address ?? join(folder.path, 'none.sock'),
    });
  const update = async (version: Version, ...args: string[]) => {
    write(version);
    return plugin('update', 'counter', ...args);
  };
  const show = () => runCommand(live?.address ?? '', 'counter.show');
  const pressed = async () =>
    JSON.parse(
      (await runBulkhead(['keys', 'press', 'f1'], { env: env(), address: live?.address ?? '' })).stdout,
    );

  async function goLive(): Promise<Bulkhead> {
    live = new Bulkhead(['live', configFile()], { env: env() });
    await live.until(
      'on air, with the plugin',
      ({ state, extensionHosts }) => state === 'live' && extensionHosts[0]?.state === 'running',
    );
    return live;
  }
  async function endLive(): Promise<void> {
    await live?.stop();
    await live?.end();
    live = undefined;
  }

  it('migrates state and settings once, falls back from a script that fails, and rolls back', async () => {
    writeFileSync(
      configFile(),
      `{
  "video": ${JSON.stringify(SMALL_VIDEO)},
  "profile": "talk",
  "outputs": [{ "id": "nginx", "url": ${JSON.stringify(nginx.url('live', 'show'))} }],
  "pluginSettings": {
    // How long it waits.
    "counter": { "seconds": 3 }
  },
  "keybindings": [
    // What there is.
    { "key": "f1", "command": "counter.print" }
  ]
}
`,
    );
    assert.equal((await plugin('install', write(V1), '--yes')).code, 0);
    const core = await goLive();
    await runCommand(core.address, 'counter.store');
    const before = { version: '1.0.0', setting: 3, runs: 7, own: { name: 'talk' } };
    assert.deepEqual(await show(), before);
    viewer = watchLive(nginx.url('live', 'show'));
    await viewer.next(({ stream }) => stream === 'video');

    // A script that throws, and one that never returns: nothing has changed.
    const broken = await update(BROKEN);
    assert.match(
      broken.stderr,
      /"counter" 3\.0\.0 was not activated, so 1\.0\.0 stays installed and runs again: the plugin "counter" failed: upgrade script 4 of 4: no luck/,
    );
    assert.deepEqual(await show(), before);
    const hanging = await update(HANGING);
    assert.match(hanging.stderr, /1\.0\.0 stays installed.*upgrade script 4 of 4: its process ended before/);
    assert.deepEqual(await show(), before);

    const updated = await update(V2);
    assert.equal(updated.stdout.trim(), 'updated counter 2.0.0: active', updated.stderr);
    const after = { version: '2.0.0', setting: 3000, runs: { count: 7 }, own: { name: 'talk', seen: true } };
    assert.deepEqual(await show(), after);
    assert.match(readFileSync(configFile(), 'utf8'), /"seconds": 3/);
    await core.said(/"counter" 2\.0\.0 has upgraded its settings and keybindings/);
    assert.deepEqual(await pressed(), after);

    await viewer.next(({ keyframe }) => keyframe);
    await assertNoFrameMissing(viewer.packets, () => core.status());
    await viewer.stop();
    viewer = undefined;

    // Not again by the next core, whose broadcast starts with a file that says the same as before.
    await endLive();
    const again = await goLive();
    assert.deepEqual(await show(), after);
    const migrated = await runBulkhead(['config', 'migrate'], { env: env(), address: again.address });
    assert.match(
      migrated.stdout,
      /^pluginSettings\.counter\.delayMs is 3000\npluginSettings\.counter\.seconds removed\nThe keybinding f1 of counter\.print is of counter\.show\nSaved in .*show\.jsonc\.\n$/,
    );
    assert.match(
      readFileSync(configFile(), 'utf8'),
      /\/\/ How long it waits\.\n {4}"counter": \{ "delayMs": 3000 \}/,
    );
    assert.match(
      readFileSync(configFile(), 'utf8'),
      /\/\/ What there is\.\n {4}\{ "key": "f1", "command": "counter\.show" \}/,
    );
    assert.deepEqual([await show(), await pressed()], [after, after]);

    // Back to the version before, whose settings the file does not have any more.
    const back = await update(V1, '--yes');
    assert.match(back.stdout, /downgraded from 2\.0\.0: counter 1\.0\.0: active/, back.stderr);
    assert.deepEqual(await show(), before);
    assert.equal((await runBulkhead(['config', 'migrate'], { env: env(), address: again.address })).code, 0);
    assert.match(readFileSync(configFile(), 'utf8'), /"counter": \{ "seconds": 3 \}[\s\S]*"counter\.print"/);
  });

  it('made while nothing runs upgrades the settings of a file when that is used', async () => {
    writeFileSync(
      configFile(),
      JSON.stringify({
        video: SMALL_VIDEO,
        outputs: [{ id: 'nginx', url: nginx.url('live', 'show') }],
        pluginSettings: { counter: { seconds: 3 } },
      }),
    );
    assert.equal((await plugin('install', write(V1), '--yes')).code, 0);
    await goLive();
    await runCommand(live?.address ?? '', 'counter.store');
    await endLive();
    assert.equal((await update(V2)).code, 0);
    const core = await goLive();
    assert.match(
      core.stderr,
      /show\.jsonc:\d+:\d+: warning: .*seconds: the plugin "counter" has no such setting/,
    );
    await core.said(/has upgraded its settings/);
    assert.deepEqual(await show(), {
      version: '2.0.0',
      setting: 3000,
      runs: { count: 7 },
      own: { name: 'talk', seen: true },
    });
  });
});
