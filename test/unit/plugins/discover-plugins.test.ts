import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { discoverPlugins } from '../../../src/plugins/discover-plugins.js';
import { userLanguage } from '../../../src/plugins/localization/user-language.js';
import { API_VERSION } from '../../../src/protocol/extension-host.js';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('discovery of plugins', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('discovery');
  });

  afterEach(() => folder.dispose());

  /** A plugin whose code must not run. */
  const write = (name: string, manifest: object = {}) =>
    writePlugin(folder.path, name, { source: 'process.abort();', manifest });

  /** Messages, without the folder's path. */
  const mistakes = (...folders: string[]) =>
    discoverPlugins(folders).errors.map((error) => {
      assert.equal(error.code, 'plugin.invalid');
      return error.message.replaceAll(`${folder.path}/`, '');
    });

  it('does not look into hidden folders and those of dependencies', () => {
    for (const name of ['.hidden', 'node_modules', 'b']) write(name, { name: 'b' });
    write('a');
    assert.deepEqual(
      discoverPlugins([folder.path]).plugins.map(({ id }) => id),
      ['a', 'b'],
    );
    assert.deepEqual(discoverPlugins([folder.path]).errors, []);
  });

  it('finds a plugin, and plugins in a folder, without running them', () => {
    write('a', { publisher: 'me', displayName: 'The A', scripts: { test: 'mocha' }, private: true });
    write('b', { name: '@me/b' });
    mkdirSync(join(folder.path, 'not-a-plugin'));
    writeFileSync(join(folder.path, 'file'), '');
    const { plugins, errors } = discoverPlugins([folder.path, join(folder.path, 'b')]);

    const nothingMore = {
      activationEvents: ['onStartupFinished'],
      contributes: {
        commands: [],
        keybindings: [],
        configuration: { properties: {} },
        events: [],
        statusItems: [],
      },
      permissions: [],
      optionalPermissions: [],
      granted: [],
      source: 'folder',
      storageMb: 512,
      extensionDependencies: [],
      optionalExtensionDependencies: [],
      extensionPackages: {},
      enabledApiProposals: [],
      apiProposals: [],
      warnings: [],
      language: userLanguage.current,
    };
    assert.deepEqual(errors, []);
    assert.deepEqual(plugins, [
      {
        id: 'me.a',
        name: 'a',
        version: '1.0.0',
        displayName: 'The A',
        path: join(folder.path, 'a'),
        main: join(folder.path, 'a', 'main.mjs'),
        packageJson: JSON.parse(readFileSync(join(folder.path, 'a', 'package.json'), 'utf8')),
        ...nothingMore,
      },
      {
        id: 'me.b',
        name: 'b',
        version: '1.0.0',
        displayName: 'me.b',
        path: join(folder.path, 'b'),
        main: join(folder.path, 'b', 'main.mjs'),
        packageJson: JSON.parse(readFileSync(join(folder.path, 'b', 'package.json'), 'utf8')),
        ...nothingMore,
      },
    ]);
  });

  it('follows a link to a plugin', () => {
    const real = write('real');
    mkdirSync(join(folder.path, 'plugins'));
    symlinkSync(real, join(folder.path, 'plugins', 'linked'));
    const { plugins } = discoverPlugins([join(folder.path, 'plugins')]);

    assert.deepEqual(
      plugins.map(({ path }) => path),
      [real],
    );
  });

  it('reports every error in a manifest, with the file, the key and what is expected', () => {
    const path = write('bad', {
      name: 'Not A Name',
      publisher: 7,
      version: 'one',
      displayName: '',
      main: undefined,
      engines: { bulkhead: '*' },
    });

    assert.deepEqual(mistakes(path), [
      'bad/package.json: name: expected a package name: lower case letters, digits, "-", "." and "_", got "Not A Name"',
      'bad/package.json: publisher: expected text in double quotes, got 7',
      'bad/package.json: version: expected a version such as "1.0.0", got "one"',
      'bad/package.json: displayName: expected text, got none',
      'bad/package.json: main: missing; expected the module that exports activate, such as "dist/extension.js"',
      'bad/package.json: engines.bulkhead: expected a range within one major version, such as "^1.0.0", got "*"',
    ]);
  });

  for (const [what, range, expected] of [
    ['of a later major version', '^2.0.0', /expected a range that holds 1\.1\.0, .*needs a newer Bulkhead/],
    ['of a later minor version', '^1.7.0', /needs a newer Bulkhead/],
    ['of an earlier version', '^0.4.0', /made for an older Bulkhead/],
    ['of an earlier minor version', '~1.0.0', /made for an older Bulkhead/],
    ['without an end', '>=1.0.0', /within one major version/],
    ['over two majors', '^1.0.0 || ^2.0.0', /within one major version/],
    ['that is none', 'latest', /expected a range of versions, such as "\^1\.0\.0", got "latest"/],
    ['that is empty', '', /expected a range of versions/],
  ] as const) {
    it(`refuses an engine range ${what}`, () => {
      assert.match(mistakes(write('p', { engines: { bulkhead: range } })).join('\n'), expected);
    });
  }

  for (const range of ['^1.0.0', '^1.0.0-alpha.1', '1.x', `~${API_VERSION}`, API_VERSION]) {
    it(`accepts the engine range ${range}`, () => {
      assert.deepEqual(mistakes(write('p', { engines: { bulkhead: range } })), []);
    });
  }

  for (const [what, main, expected] of [
    ['that is missing', 'dist/none.js', 'p/package.json: main: there is no file "dist/none.js"'],
    [
      'above the folder',
      '../other.mjs',
      'p/package.json: main: expected a file in the plugin\'s folder, got "../other.mjs"',
    ],
    [
      'anywhere on the disk',
      '/etc/passwd',
      'p/package.json: main: expected a file in the plugin\'s folder, got "/etc/passwd"',
    ],
    [
      'behind a link',
      'link.mjs',
      'p/package.json: main: expected a file in the plugin\'s folder, got "link.mjs"',
    ],
    ['that is a folder', 'folder.js', 'p/package.json: main: expected a file, got "folder.js"'],
    [
      'in TypeScript',
      'main.ts',
      'p/package.json: main: expected a module that ends in .js, .cjs or .mjs, got "main.ts"',
    ],
  ] as const) {
    it(`refuses a main ${what}`, () => {
      writeFileSync(join(folder.path, 'other.mjs'), '');
      const path = write('p', { main });
      symlinkSync(join(folder.path, 'other.mjs'), join(path, 'link.mjs'));
      mkdirSync(join(path, 'folder.js'));

      assert.deepEqual(mistakes(path), [expected]);
    });
  }

  it('reports what a folder lacks to be a plugin', () => {
    mkdirSync(join(folder.path, 'empty'));
    mkdirSync(join(folder.path, 'package'));
    writeFileSync(
      join(folder.path, 'package', 'package.json'),
      '{ "name": "x", "engines": { "node": ">=20" } }',
    );
    mkdirSync(join(folder.path, 'broken'));
    writeFileSync(join(folder.path, 'broken', 'package.json'), '{ "name": ');
    writeFileSync(join(folder.path, 'a-file'), '');
    const at = (name: string) => mistakes(join(folder.path, name));

    assert.deepEqual(at('nowhere'), ['nowhere: there is no such folder']);
    assert.deepEqual(at('a-file'), ["a-file: expected a plugin's folder, got a file"]);
    assert.deepEqual(at('empty'), [
      'empty: expected a plugin, which has a package.json, or a folder that holds plugins',
    ]);
    assert.deepEqual(at('package'), [
      'package/package.json: engines.bulkhead: missing; expected the versions of extension-api that the plugin works with, such as "^1.0.0"',
    ]);
    assert.match(at('broken')[0] ?? '', /^broken\/package\.json: expected JSON: /);
  });

  it('refuses two plugins with one id, and keeps the first', () => {
    write('one', { name: 'same' });
    write('two', { name: 'same' });
    const { plugins, errors } = discoverPlugins([folder.path]);

    assert.deepEqual(
      plugins.map(({ path }) => path),
      [join(folder.path, 'one')],
    );
    assert.match(
      errors[0]?.message ?? '',
      /two\/package\.json: name: the plugin in .*one has the id "same" too/,
    );
  });
});
