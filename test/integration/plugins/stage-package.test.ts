import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePackageSpec } from '../../../src/plugins/library/package-spec.js';
import { PluginLibrary } from '../../../src/plugins/library/plugin-library.js';
import { stagePackage } from '../../../src/plugins/library/stage-package.js';
import { type ArchiveEntry, pluginEntries, writeArchive } from '../../support/archive.js';
import { type NpmRegistry, startNpmRegistry } from '../../support/npm-registry.js';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('fetching a package', function () {
  this.timeout(60_000);
  let folder: TempDir;
  let library: PluginLibrary;

  beforeEach(() => {
    folder = tempDir('stage');
    library = new PluginLibrary(join(folder.path, 'library'));
  });

  afterEach(() => folder.dispose());

  const stage = (text: string) => stagePackage(parsePackageSpec(text, folder.path), library);
  const archive = (entries: readonly ArchiveEntry[]) => writeArchive(join(folder.path, 'a.tgz'), entries);
  const refused = async (text: string, message: RegExp) => {
    await assert.rejects(stage(text), (error: Error & { code: string }) => {
      assert.equal(error.code, 'plugin.invalid');
      assert.match(error.message, message);
      return true;
    });
    assert.deepEqual(readdirSync(join(library.folder, 'staging')), []);
  };

  it('packs a folder like npm, and runs none of its scripts', async () => {
    const path = writePlugin(folder.path, 'mine', {
      source: 'export function activate() {}',
      manifest: {
        files: ['main.mjs'],
        scripts: { prepack: 'touch ran', prepare: 'touch ran', postpack: 'touch ran' },
        dependencies: { inside: '1.0.0' },
        bundleDependencies: ['inside'],
      },
      files: {
        'secret.txt': 'x',
        'node_modules/inside/package.json': '{"name":"inside","version":"1.0.0"}',
        'node_modules/inside/index.js': '',
      },
    });
    const { plugin, staged } = await stage('./mine');

    assert.deepEqual([plugin.id, plugin.version], ['mine', '1.0.0']);
    assert.deepEqual(readdirSync(library.stagingPath(staged)).sort(), [
      'main.mjs',
      'node_modules',
      'package.json',
    ]);
    assert.equal(existsSync(join(path, 'ran')), false);
  });

  it('accepts an archive', async () => {
    const { plugin, spec } = await stage(archive(pluginEntries({ publisher: 'me', version: '1.2.3' })));
    assert.deepEqual([plugin.id, plugin.version, spec], ['me.packed', '1.2.3', join(folder.path, 'a.tgz')]);
  });

  for (const [what, entries, message] of [
    ['without a package.json', [{ path: 'package/main.js' }], /^a\.tgz: has no package\.json$/],
    [
      'that is no plugin',
      [{ path: 'package/package.json', text: '{"name":"x","version":"1.0.0","main":"x.js"}' }],
      /^a\.tgz\/package\.json: engines: missing; expected an object/,
    ],
    [
      'for API 2.0',
      pluginEntries({ engines: { bulkhead: '^2.0.0' } }),
      /^a\.tgz\/package\.json: engines\.bulkhead: expected a range that holds 1\.\d+\.\d+, .*needs a newer Bulkhead$/,
    ],
    [
      'with every field wrong',
      pluginEntries({
        name: 'Not A Name',
        publisher: '?',
        version: 'one',
        displayName: '',
        main: '../main.js',
        engines: { bulkhead: '*' },
        activationEvents: ['onRain'],
        contributes: { commands: [{ command: '', title: 1 }], views: [], statusItems: {} },
        permissions: ['everything'],
        extensionDependencies: 'all',
      }),
      /^(a\.tgz\/package\.json: .+\n?){9,}$/,
    ],
    [
      'whose paths climb out',
      [...pluginEntries(), { path: 'package/../../../out.txt', text: 'x' }],
      /^a\.tgz: the path "package\/\.\.\/\.\.\/\.\.\/out\.txt" points outside the package$/,
    ],
  ] as const) {
    it(`refuses an archive ${what}`, () => refused(archive(entries), message));
  }

  it('refuses an archive of 2 GB immediately', async () => {
    writeFileSync(join(folder.path, 'a.tgz'), '');
    truncateSync(join(folder.path, 'a.tgz'), 2 * 1024 ** 3);
    await refused('./a.tgz', /^a\.tgz: is larger than a plugin may be/);
  });

  describe('by npm', () => {
    let registry: NpmRegistry;
    let before: NodeJS.ProcessEnv;

    beforeEach(async () => {
      registry = await startNpmRegistry(folder.path);
      before = { ...process.env };
      Object.assign(process.env, registry.env);
    });

    afterEach(async () => {
      for (const name of Object.keys(registry.env)) delete process.env[name];
      Object.assign(process.env, before);
      await registry.stop();
    });

    it("downloads the requested version from npm's configured registry", async () => {
      for (const version of ['1.0.0', '1.1.0']) {
        const entries = pluginEntries({ name: '@me/packed', version, scripts: { install: 'touch ran' } });
        registry.publish('@me/packed', version, archive(entries));
      }

      const newest = await stage('@me/packed');
      assert.deepEqual([newest.plugin.id, newest.plugin.version], ['me.packed', '1.1.0']);
      const older = await stage('@me/packed@1.0.0');
      assert.equal(older.plugin.version, '1.0.0');
      assert.match(
        readFileSync(join(library.stagingPath(older.staged), 'package.json'), 'utf8'),
        /touch ran/,
      );
    });

    it('says that there is no such package', async () => {
      await assert.rejects(stage('nobody-has-this'), {
        code: 'registry.failed',
        message: `the registry ${registry.url} has no package "nobody-has-this"`,
      });
      assert.equal(existsSync(join(library.folder, 'staging')), false);
    });
  });
});
