import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { discoverPlugins } from '../../../src/plugins/discover-plugins.js';
import { MANIFEST_LIMITS, overBounds } from '../../../src/plugins/manifest-bounds.js';
import { readPackageJson } from '../../../src/plugins/read-package-json.js';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const properties = (settings: object) => ({ contributes: { configuration: { properties: settings } } });
const long = (length: number) => 'a'.repeat(length);

describe("bounds of a plugin's manifest", () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('bounds');
  });

  afterEach(() => folder.dispose());

  const mistakes = (manifest: object): string[] => {
    writePlugin(folder.path, 'p', { source: '', manifest });
    return discoverPlugins([join(folder.path, 'p')]).errors.map(({ message }) =>
      message.replace(`${folder.path}/p/package.json: `, ''),
    );
  };

  const cases: readonly (readonly [string, object, string])[] = [
    ['name', { name: long(215) }, 'name: expected at most 214 characters, got 215'],
    ['publisher', { publisher: long(101) }, 'publisher: expected at most 100 characters, got 101'],
    ['version', { version: `1.0.0-${long(95)}` }, 'version: expected at most 100 characters, got 101'],
    ['main', { main: `${long(200)}.js` }, 'main: expected at most 200 characters, got 203'],
    [
      'range of versions',
      { engines: { bulkhead: times(9, (index) => `^1.${index}.0`).join(' || ') } },
      'engines.bulkhead: expected at most 64 characters, got 86',
    ],
    [
      'list of events',
      { activationEvents: times(201, () => 'onStartupFinished') },
      'activationEvents: expected at most 200 entries, got 201',
    ],
    [
      'event',
      { activationEvents: [`onCommand:${long(300)}`] },
      'activationEvents[0]: expected at most 300 characters, got 310',
    ],
    [
      'list of commands',
      { contributes: { commands: times(201, (index) => ({ command: `c${index}`, title: 'C' })) } },
      'contributes.commands: expected at most 200 entries, got 201',
    ],
    [
      'object of settings',
      properties(Object.fromEntries(times(201, (index) => [`s${index}`, { type: 'number' }]))),
      'contributes.configuration.properties: expected at most 200 entries, got 201',
    ],
    [
      'list of choices',
      properties({ s: { type: 'string', enum: times(101, String) } }),
      'contributes.configuration.properties.s.enum: expected at most 100 entries, got 101',
    ],
    [
      'description',
      properties({ s: { type: 'number', description: long(1001) } }),
      'contributes.configuration.properties.s.description: expected at most 1000 characters, got 1001',
    ],
    [
      'list of dependencies',
      { extensionDependencies: times(51, (index) => `d${index}`) },
      'extensionDependencies: expected at most 50 entries, got 51',
    ],
    [
      'nesting, in a key of others too',
      { other: JSON.parse(`${'['.repeat(16)}${']'.repeat(16)}`) },
      `other${'[0]'.repeat(15)}: expected at most 16 levels of nesting`,
    ],
    [
      'number of values',
      { other: times(2000, () => 0) },
      'other: expected at most 2000 values in the whole file',
    ],
    [
      'key',
      { other: { [long(257)]: 0 } },
      `other.${long(40)}…: expected a key of at most 256 characters, got 257`,
    ],
  ];
  for (const [what, manifest, message] of cases) {
    it(`name the field, the limit and the actual size: ${what}`, () => {
      assert.deepEqual(mistakes(manifest), [message]);
    });
  }

  it('accept a manifest of the maximum size', () => {
    const commands = times(200, (index) => ({ command: `p.c${index}`, title: long(100) }));
    assert.deepEqual(
      mistakes({ engines: { bulkhead: '^1.0.0 || >=1.2.0-beta.1 <1.5.0' }, contributes: { commands } }),
      [],
    );
  });

  it('accept what is exactly at a limit', () => {
    const { values, keyLength, depth } = MANIFEST_LIMITS;
    assert.equal(overBounds(times(values - 1, () => 0)), undefined);
    assert.equal(overBounds({ [long(keyLength)]: 0 }), undefined);
    assert.equal(overBounds(JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`)), undefined);
    writeFileSync(join(folder.path, 'package.json'), JSON.stringify(long(MANIFEST_LIMITS.bytes - 2)));
    assert.equal(readPackageJson(folder.path), long(MANIFEST_LIMITS.bytes - 2));
  });

  it('do not apply where there is no file', () => {
    assert.equal(readPackageJson(join(folder.path, 'none')), undefined);
    writeFileSync(join(folder.path, 'file'), '');
    assert.equal(readPackageJson(join(folder.path, 'file')), undefined);
    assert.throws(() => readPackageJson(join(folder.path, long(5000))), /cannot be read: ENAMETOOLONG/);
  });

  it('apply to the file: its size and type', () => {
    const file = join(folder.path, 'package.json');
    const read = () => readPackageJson(folder.path);
    writeFileSync(file, `{"a":"${long(MANIFEST_LIMITS.bytes)}"}`);
    assert.throws(read, /expected at most 65536 bytes, got 65544$/);
    if (process.platform === 'win32') return;
    spawnSync('mkfifo', [join(folder.path, 'pipe')]);
    spawnSync('mv', [join(folder.path, 'pipe'), file]);
    assert.throws(read, /expected a file$/);
  });

  it('apply to an invalid length as well', () => {
    const odd = { toString: 0, valueOf: 0 };
    assert.match(mistakes({ name: { length: odd } }).join(), /expected values that can be compared/);
    assert.match(
      mistakes({ name: { ...odd, length: 500 } }).join(),
      /^name: expected (text|the package's name)/,
    );
  });

  it('list some of very many errors', () => {
    const found = mistakes({ activationEvents: times(150, () => 'onCommand:') });
    assert.equal(found.length, 21);
    assert.equal(found.at(-1), 'and more like these');
    writePlugin(folder.path, 'p', {
      source: '',
      manifest: { activationEvents: ['onStartupFinished', ...times(150, () => 'onNothing')] },
    });
    const warnings = discoverPlugins([folder.path]).plugins[0]?.warnings ?? [];
    assert.deepEqual([warnings.length, warnings.at(-1)], [21, 'and more like these']);
  });

  it('limit the effect of a package.json next to the code to its plugin', () => {
    writePlugin(folder.path, 'good', { source: '' });
    const bad = writePlugin(folder.path, 'bad', {
      source: '',
      manifest: { main: 'dist/main.js', publisher: 'x', hostGroup: 'g' },
      files: { 'dist/main.js': '', 'dist/package.json': 'no JSON' },
    });
    const { plugins, errors } = discoverPlugins([folder.path]);
    assert.deepEqual(
      plugins.map(({ id }) => id),
      ['good'],
    );
    assert.match(errors[0]?.message ?? '', /expected JSON/);
    assert.equal(errors[0]?.where, join(bad, 'dist', 'package.json'));
  });

  it('refuse a folder of very many folders before any is read', () => {
    for (const index of times(501, String)) mkdirSync(join(folder.path, index));
    assert.match(
      discoverPlugins([folder.path]).errors[0]?.message ?? '',
      /at most 500 plugins, got 501 files and folders$/,
    );
  });

  // Without its limit this range takes 10 s, in the core while it streams.
  it('are cheap to check for any manifest', () => {
    const before = process.cpuUsage();
    mistakes({ engines: { bulkhead: times(9000, () => '^1').join('||') } });
    mistakes({ contributes: Object.fromEntries(times(1900, (index) => [`k${index}`, 0])) });
    mistakes(properties({ s: { type: 'array', items: { type: 'string' }, default: times(1900, () => 0) } }));
    const { user, system } = process.cpuUsage(before);
    assert.ok((user + system) / 1000 < 1000, `${(user + system) / 1000} ms of CPU`);
  });
});
