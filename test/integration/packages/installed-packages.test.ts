import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { extract } from 'tar';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { version } from '../../../src/version.js';
import { type BulkheadResult, runBulkhead } from '../../support/bulkhead.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const TOOLS = '@bulkhead/plugin-tools';

describe('bulkhead as npm installs it', () => {
  let folder: TempDir;
  /** The command in a folder where no package of this repository can be found. */
  let program: string;
  let archives: Readonly<Record<'bulkhead' | 'tools', string>>;
  let plugin: string;

  before(async () => {
    folder = tempDir('packages');
    archives = {
      bulkhead: await pack(packageRoot()),
      tools: await pack(join(packageRoot(), 'plugin-tools')),
    };
    const installed = join(folder.path, 'streamer', 'node_modules', 'bulkhead');
    await unpack(archives.bulkhead, installed);
    program = join(installed, 'dist', 'bin', 'bulkhead.cjs');
  });

  beforeEach(async () => {
    const home = tempDir('author');
    plugin = join(home.path, 'hello');
    disposals.push(() => home.dispose());
    const made = await run(['new', 'hello', plugin, '--license', 'UNLICENSED'], home.path);
    assert.equal(made.code, ExitCodes.ok, made.stderr);
    // As its build would create it.
    mkdirSync(join(plugin, 'dist'));
    writeFileSync(
      join(plugin, 'dist', 'extension.cjs'),
      "const { commands } = require('@bulkhead/extension-api');\n" +
        "exports.activate = () => void commands.registerCommand('hello.count', () => 0);\n",
    );
    writeFileSync(join(plugin, 'test', 'extension.test.ts'), "it('passes', () => {});\n");
  });

  const disposals: (() => void)[] = [];
  afterEach(() => disposals.splice(0).forEach((dispose) => void dispose()));
  after(() => folder.dispose());

  /** Packs a package of this repository, which is already built. @returns the archive */
  async function pack(path: string): Promise<string> {
    const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder.path];
    const { stdout } = await promisify(execFile)('npm', args, { cwd: path });
    return join(folder.path, stdout.trim());
  }

  async function unpack(archive: string, to: string): Promise<void> {
    mkdirSync(to, { recursive: true });
    await extract({ file: archive, cwd: to, strip: 1 });
  }

  /** Installs the tools for the plugin, with their dependencies. */
  async function installTools(): Promise<string> {
    const path = join(plugin, 'node_modules', TOOLS);
    await unpack(archives.tools, path);
    symlinkSync(join(packageRoot(), 'node_modules'), join(path, 'node_modules'), 'junction');
    return path;
  }

  const run = (args: readonly string[], cwd = plugin): Promise<BulkheadResult> =>
    runBulkhead(['plugin', ...args], { program, cwd, address: '' });

  it('contains the runtime files, and no tests, sources or maps', async () => {
    const root = join(folder.path, 'streamer', 'node_modules', 'bulkhead');
    assert.deepEqual(readdirSync(root).sort(), [
      'LICENSE',
      'README.md',
      'dist',
      'extension-api',
      'package.json',
      'schemas',
      'templates',
    ]);
    assert.deepEqual(readdirSync(join(root, 'dist')).sort(), ['LICENSES.txt', 'bin', 'page']);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
    assert.deepEqual(
      files.filter((file) => file.endsWith('.cjs.map')),
      [],
    );
    // The compositor's kernels lie beside the programs that load them.
    assert.ok(files.includes(join('dist', 'bin', 'kernels.wasm')));
  });

  it('contains the licences of bundled packages', async () => {
    const streamers = join(folder.path, 'streamer', 'node_modules', 'bulkhead');
    for (const [root, names] of [
      [streamers, ['inversify', 'mpegts.js', 'vscode-jsonrpc', 'zod']],
      [await installTools(), ['inversify', 'vscode-jsonrpc', 'zod']],
    ] as const) {
      const text = readFileSync(join(root, 'dist', 'LICENSES.txt'), 'utf8');
      for (const name of names) {
        assert.match(
          text,
          new RegExp(`^${name.replace('.', '\\.')} \\d+\\.\\d+\\.\\d+, \\S+\\n\\n.{3,}`, 'm'),
        );
      }
      assert.doesNotMatch(text, /^(mocha|esbuild|acorn) /m);
    }
  });

  it('depends on no package that only authors need', () => {
    const read = (path: string) =>
      JSON.parse(readFileSync(join(packageRoot(), path), 'utf8')) as { dependencies: object };
    const own = Object.keys(read('package.json').dependencies);
    const tools = Object.keys(read('plugin-tools/package.json').dependencies);
    assert.deepEqual(
      own.filter((name) => tools.includes(name)),
      [],
    );
  });

  for (const command of ['check', 'test', 'pack', 'dev']) {
    it(`reports on one line what "plugin ${command}" needs`, async () => {
      const { code, stdout, stderr } = await run([command, '.']);
      assert.deepEqual(
        { code, stdout, stderr },
        {
          code: ExitCodes.badSettings,
          stdout: '',
          stderr: `bulkhead: this command needs the package ${TOOLS}, which is not installed. Run in ${plugin}: npm install\n`,
        },
      );
    });
  }

  it('installs and lists plugins without the tools', async () => {
    const installed = await run(['install', plugin, '--yes']);
    assert.equal(installed.code, ExitCodes.ok, installed.stderr);
    assert.match(installed.stdout, /^installed hello 0\.1\.0/);
    const list = await run(['list']);
    assert.equal(list.code, ExitCodes.ok, list.stderr);
  });

  it("checks, tests and packs with the plugin's own tools", async () => {
    await installTools();
    const check = await run(['check']);
    assert.deepEqual([check.code, check.stderr], [ExitCodes.ok, ''], check.stdout);
    const test = await run(['test']);
    assert.equal(test.code, ExitCodes.ok, test.stderr);
    assert.match(test.stdout, /1 passing/);
    writeFileSync(join(plugin, 'README.md'), '# Hello\n');
    const packed = await run(['pack', '--ignore-scripts']);
    assert.equal(packed.code, ExitCodes.ok, packed.stderr);
    assert.match(packed.stdout, /^Packed \d files of .* into hello-0\.1\.0\.tgz/m);
  });

  it('tests the plugin with tools from its folder, and detects what it leaves behind', async () => {
    await installTools();
    const api = join(folder.path, 'streamer', 'node_modules', 'bulkhead', 'extension-api');
    symlinkSync(api, join(plugin, 'node_modules', '@bulkhead', 'extension-api'), 'junction');
    writeFileSync(
      join(plugin, 'dist', 'extension.cjs'),
      "const { commands } = require('@bulkhead/extension-api');\n" +
        'exports.activate = (context) => context.subscriptions.push(\n' +
        "  commands.registerCommand('hello.count', () => 7),\n" +
        "  commands.registerCommand('hello.leave', () => void setInterval(() => {}, 1000)));\n",
    );
    writeFileSync(
      join(plugin, 'test', 'extension.test.ts'),
      `import assert from 'node:assert/strict';
       import { startPlugin } from '@bulkhead/extension-api/testing';
       it('counts', async () => assert.equal(await (await startPlugin()).commands.execute('hello.count'), 7));
       it('leaves', async () => (await startPlugin()).commands.execute('hello.leave'));`,
    );
    const { code, stdout, stderr } = await run(['test']);
    assert.equal(code, ExitCodes.crash, stderr);
    assert.match(stdout, /1 passing[\s\S]*1 failing/);
    const left = [...stdout.matchAll(/^.* is left.*$/gm)].map(([line]) => line.trim());
    assert.equal(left.length, 1, stdout);
    assert.match(left[0] ?? '', /^a timer is left that was set at .*extension\.cjs:4/);
  });

  it('uses tools that are installed next to it', async () => {
    const path = await installTools();
    const beside = join(folder.path, 'streamer', 'node_modules', '@bulkhead');
    mkdirSync(beside, { recursive: true });
    const moved = join(beside, 'plugin-tools');
    renameSync(path, moved);
    try {
      const { code, stderr } = await run(['check']);
      assert.equal(code, ExitCodes.ok, stderr);
    } finally {
      renameSync(moved, path);
    }
  });

  it('rejects tools of another version, with a remedy', async () => {
    const manifest = join(await installTools(), 'package.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(`"${version}"`, '"9.9.9"'));
    const { code, stderr } = await run(['check']);
    assert.equal(code, ExitCodes.versionMismatch);
    assert.equal(
      stderr,
      `bulkhead: ${TOOLS} is 9.9.9, and bulkhead ${version}; expected the same version. ` +
        `Run in ${plugin}: npm install --save-dev ${TOOLS}@${version}\n`,
    );
  });
});
