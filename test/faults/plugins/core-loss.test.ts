import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Bulkhead, runBulkhead, runCommand } from '../../support/bulkhead.js';
import { writePlugin } from '../../support/plugins.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

describe('a core that is killed while it updates a plugin', function () {
  this.timeout(60_000);
  const folder = tempDir('update-loss');
  const env = { XDG_DATA_HOME: folder.path };
  const running: Bulkhead[] = [];
  const start = (command: readonly string[], address?: string) => {
    const run = new Bulkhead(command, { env, ...(address === undefined ? {} : { address }) });
    running.push(run);
    return run;
  };

  afterEach(async () => {
    for (const run of running) await run.end();
    folder.dispose();
  });

  it('runs the previous version when it is started again', async () => {
    const write = (version: string, activate: string) =>
      writePlugin(folder.path, 'p', {
        source: `
          import { commands } from '@bulkhead/extension-api';
          export async function activate() {
            ${activate}
            commands.registerCommand('p.version', () => '${version}');
          }`,
        manifest: { version },
      });
    const path = write('1.0.0', '');
    assert.equal((await runBulkhead(['plugin', 'install', path], { env })).code, 0);
    const core = start(['core']);
    await core.until('the plugin runs', ({ extensionHosts }) => extensionHosts[0]?.state === 'running');

    write('2.0.0', 'await new Promise(() => {});');
    const update = start(['plugin', 'update', 'p'], core.address);
    const plugins = join(folder.path, 'bulkhead', 'library', 'plugins');
    await eventually('the new version is tried', () => readdirSync(plugins).length === 2 || undefined);
    core.signal('SIGKILL');
    assert.equal(await update.exit(), 69);

    const again = start(['core']);
    await again.until('the plugin runs', ({ extensionHosts }) => extensionHosts[0]?.state === 'running');
    assert.equal(await runCommand(again.address, 'p.version'), '1.0.0');
    await eventually('nothing is left', () => readdirSync(plugins).length === 1 || undefined);
    assert.match(readdirSync(plugins)[0] ?? '', /^p@1\.0\.0-/);
  });
});
