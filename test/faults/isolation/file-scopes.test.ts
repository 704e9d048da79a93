import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { sandboxed } from '../../../src/core/extension-hosts/isolation/bubblewrap.js';
import {
  findFileGrants,
  NO_OWN_FILES,
  type OwnFiles,
} from '../../../src/core/extension-hosts/isolation/file-grants.js';
import type { Isolation } from '../../../src/core/extension-hosts/isolation/isolation.js';
import type { Permission } from '../../../src/protocol/permissions/permissions.js';
import { isolation, PluginBench } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const PLUGIN = `
  import { commands } from '@bulkhead/extension-api';
  import * as fs from 'node:fs';
  import { homedir } from 'node:os';
  const attempt = (work) => {
    try {
      return work();
    } catch (error) {
      return error.code ?? error.message;
    }
  };
  export function activate() {
    commands.registerCommand('files.read', (path) => attempt(() => fs.readFileSync(path, 'utf8')));
    commands.registerCommand('files.list', (path) => attempt(() => fs.readdirSync(path).sort()));
    commands.registerCommand('files.write', (path) => attempt(() => fs.writeFileSync(path, 'changed')));
    commands.registerCommand('files.home', () => attempt(homedir));
  }`;

describe('a plugin that may read some files', function () {
  this.timeout(60_000);
  let files: TempDir;
  let bench: PluginBench;
  const standard: Isolation = { ...isolation, tier: 'standard', bwrap: undefined };
  const home = process.env['HOME'];

  beforeEach(() => {
    files = tempDir('files');
    // What is below /tmp is granted only as the home folder.
    process.env['HOME'] = files.path;
    mkdirSync(join(files.path, 'music', 'old'), { recursive: true });
    writeFileSync(join(files.path, 'music', 'old', 'song'), 'la la');
    writeFileSync(join(files.path, 'list'), 'a list');
    writeFileSync(join(files.path, 'secret'), 'a secret');
    mkdirSync(join(files.path, 'music', 'own'));
    writeFileSync(join(files.path, 'music', 'own', 'token'), 'a token');
  });

  afterEach(async () => {
    await bench?.end();
    if (home === undefined) delete process.env['HOME'];
    else process.env['HOME'] = home;
    files.dispose();
  });

  async function run(how: Isolation, ownFiles: OwnFiles, ...paths: string[]): Promise<void> {
    bench = new PluginBench('in a process of its own', how);
    bench.ownFiles = ownFiles;
    const permissions = paths.map((path): Permission => `file:read:${join(files.path, path)}`);
    await bench.run('files', { source: PLUGIN, manifest: { permissions } });
  }

  const does = (command: string, path = '') =>
    bench.commands.execute(`files.${command}`, [join(files.path, path)]);

  for (const [tier, how] of [
    ['strict', isolation],
    ['standard', standard],
  ] as const) {
    it(`reads them and no others, and changes none, in the ${tier} tier`, async function () {
      if (how.tier !== tier) this.skip();
      symlinkSync(join(files.path, 'music'), join(files.path, 'songs'));
      await run(how, NO_OWN_FILES, 'music', 'list', 'songs', 'nothing');
      assert.equal(await does('read', 'music/old/song'), 'la la');
      assert.equal(await does('read', 'songs/old/song'), 'la la');
      assert.deepEqual(await does('list', 'music'), ['old', 'own']);
      assert.equal(await does('read', 'list'), 'a list');
      assert.equal(await does('home'), homedir());
      for (const path of ['secret', 'music/../secret', '.', 'lists'])
        assert.match(String(await does('read', path)), /^(ENOENT|ERR_ACCESS_DENIED)$/, path);
      assert.match(String(await does('list')), /^(ENOENT|ERR_ACCESS_DENIED|list,music,songs)$/);
      for (const path of ['list', 'music/new', 'music/old/song'])
        assert.match(String(await does('write', path)), /^(EROFS|ERR_ACCESS_DENIED)$/, path);
      assert.deepEqual(
        bench.notices.map(({ message }) => message),
        [`the plugin "files" cannot read "${join(files.path, 'nothing')}": it is not there`],
      );
    });
  }

  it("does not see Bulkhead's own files in them in the strict tier", async function () {
    if (isolation.tier !== 'strict') this.skip();
    const config = join(files.path, 'music', 'old', 'song');
    const folders = ['own', 'late'].map((name) => join(files.path, 'music', name));
    await run(isolation, { folders, files: [config] }, 'music');
    // As it is saved, and as Bulkhead writes later.
    writeFileSync(`${config}.draft`, 'a key');
    writeFileSync(join(files.path, 'music', 'late', 'token'), 'a token');
    for (const folder of ['own', 'late', 'old']) assert.deepEqual(await does('list', `music/${folder}`), []);
    renameSync(`${config}.draft`, config);
    for (const path of ['own/token', 'late/token', 'old/song'])
      assert.equal(await does('read', `music/${path}`), 'ENOENT', path);
  });

  it('cannot write where something is hidden in the strict tier, beside its own files', async function () {
    if (isolation.bwrap === undefined) this.skip();
    const folder = join(files.path, 'music', 'own');
    const storage = join(folder, 'storage');
    mkdirSync(storage);
    const own = { folders: [folder], files: [join(files.path, 'music', 'old', 'song')] };
    const granted = await findFileGrants(['~/music'], { home: files.path, own, canMask: true });
    const attempts = ['own/new', 'old/new', 'own/storage/new'].map((path) => join(files.path, 'music', path));
    const script = `
      const { writeFileSync } = require('node:fs');
      for (const path of ${JSON.stringify(attempts)}) {
        try { writeFileSync(path, 'text'); console.log('written'); } catch ({ code }) { console.log(code); }
      }`;
    const { command, args } = sandboxed(
      {
        bwrap: isolation.bwrap,
        files: granted,
        // The second covers what would be hidden.
        binds: [{ source: storage, writable: true }, { source: join(files.path, 'music', 'old') }],
        network: false,
        reportPid: false,
      },
      { command: process.execPath, args: ['-e', script] },
    );
    const { stdout } = spawnSync(command, args, { encoding: 'utf8' });
    assert.deepEqual(stdout.trim().split('\n'), ['EROFS', 'EROFS', 'written']);
  });

  it("does not get a folder with Bulkhead's own files in the standard tier", async () => {
    await run(standard, { folders: [join(files.path, 'music', 'own')], files: [] }, 'music');
    assert.equal(await does('read', 'music/old/song'), 'ERR_ACCESS_DENIED');
    assert.match(
      bench.notices[0]?.message ?? '',
      /Bulkhead's own files are in it, which cannot be hidden here/,
    );
  });
});
