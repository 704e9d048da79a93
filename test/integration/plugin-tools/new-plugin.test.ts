import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { API_VERSION } from '../../../src/protocol/extension-host.js';
import { version } from '../../../src/version.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { useOwnPackages } from './new-plugin-folder.js';
import { runPluginCommand } from './plugin-folder.js';

const BUNDLE = join(packageRoot(), 'dist', 'bin', 'bulkhead.cjs');

interface PackageJson {
  readonly name: string;
  readonly publisher?: string;
  readonly license: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

describe('bulkhead plugin new', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('new');
  });

  afterEach(() => folder.dispose());

  const make = (...args: string[]) => runPluginCommand(folder.path, ['new', ...args]);
  const read = (path: string) => readFileSync(join(folder.path, path), 'utf8');
  const packageJson = (plugin: string) => JSON.parse(read(join(plugin, 'package.json'))) as PackageJson;

  it('makes a plugin in a folder with its name, or in the given one', async () => {
    const { code, stdout, stderr } = await make('hello-stream', '--publisher', 'someone');
    assert.deepEqual({ code, stderr }, { code: ExitCodes.ok, stderr: '' });
    assert.match(stdout, /^Created the plugin "hello-stream" in hello-stream:\n/);
    assert.match(stdout, /Next:\n {2}cd hello-stream\n {2}npm install\n {2}npm test\n$/);
    const { name, publisher, license } = packageJson('hello-stream');
    assert.deepEqual(
      { name, publisher, license },
      { name: 'hello-stream', publisher: 'someone', license: 'MIT' },
    );
    assert.match(
      read('hello-stream/LICENSE'),
      new RegExp(`Copyright \\(c\\) ${new Date().getFullYear()} someone\n`),
    );

    mkdirSync(join(folder.path, 'there'));
    assert.equal((await make('@someone/other', 'there', '--license', 'UNLICENSED')).code, ExitCodes.ok);
    assert.equal(packageJson('there').name, '@someone/other');
    assert(!existsSync(join(folder.path, 'there', 'LICENSE')));
    assert.match(read('there/src/extension.ts'), /'other\.count'/);
  });

  it('leaves no placeholders of the template', async () => {
    await make('hello-stream');
    const files = readdirSync(join(folder.path, 'hello-stream'), { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
      assert.doesNotMatch(readFileSync(join(file.parentPath, file.name), 'utf8'), /\{\{/, file.name);
    }
  });

  it('depends on the running copy of Bulkhead, or on the one on npm', async () => {
    await make('linked');
    const linked = packageJson('linked').devDependencies;
    const target = (name: string) => join(folder.path, 'linked', linked[name]?.replace('file:', '') ?? '');
    assert.equal(target('bulkhead'), packageRoot());
    assert.equal(target('@bulkhead/plugin-tools'), join(packageRoot(), 'plugin-tools'));
    await make('published', '--no-link');
    const {
      bulkhead,
      '@bulkhead/extension-api': api,
      '@bulkhead/plugin-tools': tools,
    } = packageJson('published').devDependencies;
    assert.deepEqual(
      { bulkhead, api, tools },
      { bulkhead: `^${version}`, api: `^${API_VERSION}`, tools: `^${version}` },
    );
  });

  it('uses the same versions of other packages as this repository', async () => {
    await make('hello-stream');
    const own = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as PackageJson;
    const others = Object.entries(packageJson('hello-stream').devDependencies).filter(
      ([name]) => !/bulkhead/.test(name),
    );
    assert.deepEqual(
      others,
      others.map(([name]) => [name, own.devDependencies[name] ?? own.dependencies?.[name]]),
    );
  });

  it('writes nothing if a file exists', async () => {
    mkdirSync(join(folder.path, 'mine'));
    writeFileSync(join(folder.path, 'mine', 'README.md'), 'mine');
    const { code, stderr } = await make('mine');
    assert.equal(code, ExitCodes.badSettings);
    assert.match(
      stderr,
      /^bulkhead: .*mine: expected a folder without README\.md\. Nothing was written\. Give another folder\.\n$/,
    );
    assert.deepEqual(readdirSync(join(folder.path, 'mine')), ['README.md']);
    writeFileSync(join(folder.path, 'file'), '');
    assert.match((await make('file')).stderr, /file: cannot be made: (EEXIST|ENOTDIR)/);
  });

  const wrong: readonly [args: readonly string[], said: RegExp][] = [
    [['My Plugin'], /^bulkhead: name: expected a package name: lower case letters, .*, got "My Plugin"\n$/],
    [['../up'], /^bulkhead: name: expected a package name/],
    [
      ['good', '--publisher', 'some one'],
      /^bulkhead: publisher: expected letters, digits and "-", got "some one"\n$/,
    ],
    [['good', '--license', 'GPL'], /Allowed choices are MIT, UNLICENSED/],
    [[], /^bulkhead: missing required argument 'name'\n$/],
  ];
  for (const [args, said] of wrong) {
    it(`rejects "${['new', ...args].join(' ')}" with one line`, async () => {
      const { code, stderr } = await make(...args);
      assert.equal(code, ExitCodes.badSettings);
      assert.match(stderr, said);
      assert.deepEqual(readdirSync(folder.path), []);
    });
  }

  it('makes a plugin whose CI passes as it is', async function () {
    this.timeout(120_000);
    await make('hello-stream');
    const plugin = join(folder.path, 'hello-stream');
    useOwnPackages(plugin);
    const workflow = read('hello-stream/.github/workflows/ci.yml');
    const steps = [...workflow.matchAll(/- run: (.*)/g)].map(([, command]) => command ?? '');
    assert.deepEqual(steps, ['npm install', 'npm test', 'npx bulkhead plugin check']);
    const env = {
      PATH: [join(plugin, 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
      HOME: folder.path,
      npm_config_offline: 'true',
      npm_config_audit: 'false',
      npm_config_update_notifier: 'false',
    };
    const built = statSync(BUNDLE).mtimeMs;
    for (const step of steps) {
      await promisify(execFile)('bash', ['-c', step], { cwd: plugin, env }).catch(
        ({ stdout, stderr }: { stdout: string; stderr: string }) =>
          assert.fail(`"${step}" has failed:\n${stdout}\n${stderr}`),
      );
    }
    assert.equal(statSync(BUNDLE).mtimeMs, built, 'npm has built the Bulkhead anew that the plugin links to');
  });
});
