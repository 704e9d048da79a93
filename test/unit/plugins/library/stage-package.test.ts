import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage } from '../../../../src/plugins/library/check-package.js';
import { PluginLibrary } from '../../../../src/plugins/library/plugin-library.js';
import { stagePackage } from '../../../../src/plugins/library/stage-package.js';
import type { ResolvedPackage } from '../../../../src/plugins/npm/resolve-package.js';
import { pluginEntries, writeArchive } from '../../../support/archive.js';
import { writePlugin } from '../../../support/plugins.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe('staging a package', () => {
  const { PATH } = process.env;
  let folder: TempDir;
  let library: PluginLibrary;

  beforeEach(() => {
    folder = tempDir('stage');
    library = new PluginLibrary(join(folder.path, 'library'));
  });

  afterEach(() => {
    process.env['PATH'] = PATH;
    folder.dispose();
  });

  const staged = () => readdirSync(join(folder.path, 'library', 'staging'));
  const archive = (manifest: object = {}) =>
    writeArchive(join(folder.path, 'packed.tgz'), pluginEntries(manifest));

  /** An npm that runs these lines of sh in the folder that it is to pack into. */
  function fakeNpm(...lines: string[]): void {
    const bin = join(folder.path, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'npm'), ['#!/bin/sh', ...lines].join('\n'));
    chmodSync(join(bin, 'npm'), 0o755);
    process.env['PATH'] = `${bin}:${PATH}`;
  }

  /** A version of the package "chat", as the registry describes it. */
  const resolved = (version: string, digested: string) =>
    ({
      version: { version },
      origin: {
        package: 'chat',
        integrity: `sha512-${createHash('sha512').update(readFileSync(digested)).digest('base64')}`,
      },
    }) as unknown as ResolvedPackage;
  const stageChat = (version = '1.0.0', digested = archive()) =>
    stagePackage({ kind: 'npm', spec: 'chat@next' }, library, undefined, resolved(version, digested));

  it('unpacks an archive', async () => {
    const spec = archive();
    const { plugin, staged: name, spec: from } = await stagePackage({ kind: 'archive', spec }, library);
    assert.deepEqual([plugin.id, from, staged()], ['packed', spec, [name]]);
    assert.equal(plugin.main, join(library.stagingPath(name), 'main.cjs'));
  });

  it('leaves nothing behind if the package is invalid', async () => {
    const spec = archive({ main: 'other.js' });
    await assert.rejects(stagePackage({ kind: 'archive', spec }, library), {
      code: 'plugin.invalid',
      message: /^packed\.tgz\/package\.json: main: there is no file "other\.js"/,
    });
    assert.deepEqual(staged(), []);
  });

  it('has npm pack the others', async function () {
    if (process.platform === 'win32') this.skip();
    fakeNpm(`[ "$1 $2 $3" = "pack chat@1.0.0 --ignore-scripts" ] && cp '${archive()}' .`);
    const { plugin, staged: name, spec, origin } = await stageChat();
    assert.deepEqual([plugin.id, staged(), spec, origin?.package], ['packed', [name], 'chat@next', 'chat']);
  });

  it('refuses what npm has downloaded if it is not what the registry has described', async function () {
    if (process.platform === 'win32') this.skip();
    fakeNpm(`cp '${archive()}' .`);
    const other = writeArchive(join(folder.path, 'other.tgz'), pluginEntries({ displayName: 'Other' }));
    await assert.rejects(stageChat('1.0.0', other), {
      code: 'plugin.invalid',
      message:
        'chat@1.0.0: what was downloaded is not what the registry has described: its sha512 digest differs',
    });
    await assert.rejects(stageChat('1.1.0'), {
      code: 'plugin.invalid',
      message: 'chat@1.1.0: its package.json says that it is version 1.0.0',
    });
    assert.deepEqual(staged(), []);
  });

  for (const [what, lines, message] of [
    ['packs nothing', ['touch other.txt'], 'chat@1.0.0: npm packed nothing'],
    [
      'fails',
      ['echo "npm error code E404" >&2', 'echo "npm error 404 Not found" >&2', 'exit 1'],
      'chat@1.0.0: npm cannot get it: 404 Not found',
    ],
  ] as const) {
    it(`reports that npm ${what}`, async function () {
      if (process.platform === 'win32') this.skip();
      fakeNpm(...lines);
      await assert.rejects(stageChat(), {
        code: 'plugin.invalid',
        message,
      });
      assert.deepEqual(staged(), []);
    });
  }

  it('reports that there is no npm', async function () {
    if (process.platform === 'win32') this.skip();
    process.env['PATH'] = folder.path;
    await assert.rejects(stageChat(), {
      message: /npm is needed to install it, and is not on the PATH/,
      remedy: 'Use a .tgz instead.',
    });
  });

  it('warns about packages that are not inside, except the API: they may be in bundled code', () => {
    const source = { source: 'export function activate() {}' };
    const check = (dependencies: object, files: Record<string, string> = {}) =>
      checkPackage(writePlugin(folder.path, 'p', { ...source, manifest: { dependencies }, files }), 'p.tgz');
    assert.equal(check({ '@bulkhead/extension-api': '^1.0.0' }).id, 'p');
    assert.deepEqual(check({ '@bulkhead/extension-api': '^1.0.0' }).warnings, []);
    const warning = (name: string) =>
      `dependencies: "${name}" is not in the package; the code runs only if it is bundled into it`;
    assert.deepEqual(check({ one: '1', two: '2' }).warnings, [warning('one'), warning('two')]);
    assert.deepEqual(check({ one: '1' }, { 'node_modules/one/package.json': '{}' }).warnings, []);
    mkdirSync(join(folder.path, 'empty'));
    assert.throws(() => checkPackage(join(folder.path, 'empty'), 'p.tgz'), /p\.tgz: has no package\.json/);
  });
});
