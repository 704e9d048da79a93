import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Isolation } from '../../../src/core/extension-hosts/isolation/isolation.js';
import { isolation, PluginBench, until } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const PLUGIN = `
  import { commands } from '@bulkhead/extension-api';
  export function activate() {
    commands.registerCommand('plain.hello', () => 'hello');
    commands.registerCommand('plain.spin', () => { for (;;); });
  }`;
const standard: Isolation = { ...isolation, tier: 'standard', bwrap: undefined };

describe('without a folder for temporary files', function () {
  this.timeout(60_000);
  let folder: TempDir;
  let temporary: string;
  let bench: PluginBench;
  let before: string | undefined;

  beforeEach(() => {
    folder = tempDir('tmpdir');
    temporary = join(folder.path, 'tmp');
    before = process.env['TMPDIR'];
  });

  afterEach(async () => {
    await bench.end();
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    folder.dispose();
  });

  /** From now on the core uses this test's folder for temporary files. */
  function use(how: Isolation): void {
    bench = new PluginBench('in a process of its own', how);
    mkdirSync(temporary);
    process.env['TMPDIR'] = temporary;
  }

  it("a plugin's host reports why it is not started, and is started once the folder exists again", async function () {
    if (Number(process.versions.node.split('.')[0]) > 20) this.skip();
    use(standard);
    rmSync(temporary, { recursive: true });
    const host = bench.host([bench.write('plain', { source: PLUGIN })], { limits: { backoffBaseMs: 50 } });
    host.start();
    const { error } = await until(host, 'tried', ({ error }) => error !== undefined);
    assert.match(error?.message ?? '', /could not be started: ENOENT: .*mkdtemp/);
    mkdirSync(temporary);
    await until(host, 'running', ({ state }) => state === 'running');
    assert.equal(await bench.commands.execute('plain.hello'), 'hello');
    await host.stop();
    assert.deepEqual(readdirSync(temporary), []);
  });

  for (const how of [isolation, standard]) {
    it(`a plugin that crashes or hangs is started again in the ${how.tier} tier`, async () => {
      use(how);
      const limits = { heartbeatIntervalMs: 200, terminateGraceMs: 500, backoffBaseMs: 50 };
      const host = bench.host([bench.write('plain', { source: PLUGIN })], { limits });
      host.start();
      await until(host, 'running', ({ state }) => state === 'running');
      const stage = readdirSync(temporary);
      process.env['TMPDIR'] = join(temporary, 'gone');
      process.kill(host.status().pid, 'SIGKILL');
      await until(host, 'again', ({ state, restarts }) => state === 'running' && restarts === 1);
      bench.commands.execute('plain.spin').catch(() => {});
      await until(host, 'after a hang', ({ state, restarts }) => state === 'running' && restarts === 2);
      assert.equal(await bench.commands.execute('plain.hello'), 'hello');
      process.env['TMPDIR'] = temporary;
      await host.stop();
      assert.ok(stage.length <= 1);
      assert.deepEqual(readdirSync(temporary), []);
    });

    it(`a plugin in development runs without being profiled in the ${how.tier} tier`, async function () {
      if (how.tier === 'standard' && Number(process.versions.node.split('.')[0]) === 20) this.skip();
      use(how);
      rmSync(temporary, { recursive: true });
      const host = bench.host([bench.write('plain', { source: PLUGIN })], { source: 'development' });
      host.start();
      await until(host, 'running', ({ state }) => state === 'running');
      assert.ok(bench.lines.some(({ message }) => /profile/.test(message)));
      await host.stop();
    });
  }
});
