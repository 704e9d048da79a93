import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { version } from '../../../src/version.js';
import { type TempDir, tempDir } from '../../support/temp.js';

/** Takes the place of Node's own cache, which not every Node has. */
const PRELOAD = `
  const { appendFileSync } = require('node:fs');
  require('node:module').enableCompileCache = (folder) => appendFileSync(process.env.CALLS, folder + '\\n');`;

describe('the cache of compiled code', () => {
  let folder: TempDir;
  beforeEach(() => {
    folder = tempDir('compile-cache');
  });
  afterEach(() => folder.dispose());

  const compiled = () => join(folder.path, 'bulkhead', 'compiled');

  async function printed(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const command = join(packageRoot(), 'dist', 'bin', 'bulkhead.cjs');
    const preload = join(folder.path, 'preload.cjs');
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--require', preload, command, ...args],
      {
        env: { ...process.env, XDG_CACHE_HOME: folder.path, CALLS: join(folder.path, 'calls'), ...env },
      },
    );
    assert.equal(stderr, '');
    return stdout.trim();
  }

  describe('where Node has one', () => {
    it("is Node's, in the user's cache folder", async () => {
      writeFileSync(join(folder.path, 'preload.cjs'), PRELOAD);
      assert.equal(await printed(['--version']), version);
      assert.equal(readFileSync(join(folder.path, 'calls'), 'utf8'), `${compiled()}\n`);
    });
  });

  describe('where Node has none', () => {
    beforeEach(() => {
      writeFileSync(
        join(folder.path, 'preload.cjs'),
        `delete require('node:module').enableCompileCache;
        const vm = require('node:vm');
        vm.Script = class extends vm.Script {
          constructor(code, options) {
            super(code, options);
            this.filename = options?.filename;
          }
          createCachedData() {
            require('node:fs').appendFileSync(process.env.CALLS, this.filename + '\\n');
            return super.createCachedData();
          }
        };`,
      );
    });

    /** The modules that were compiled anew since the last call. */
    function compiledAnew(): string[] {
      const calls = join(folder.path, 'calls');
      const files = existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [];
      rmSync(calls, { force: true });
      return files.sort();
    }

    const theFile = () => {
      const [name, ...others] = readdirSync(compiled());
      assert.deepEqual(others, []);
      return join(compiled(), name ?? '');
    };

    it('has what a command needed, and the next start takes it from there', async () => {
      assert.equal(await printed(['--version']), version);
      assert.ok(compiledAnew().length > 0);
      assert.equal(statSync(theFile()).mode & 0o777, 0o600);
      assert.equal(await printed(['--version']), version);
      assert.deepEqual(compiledAnew(), []);
    });

    it("is the core's as well, under the flags that it sets", async () => {
      const core = [join(packageRoot(), 'dist', 'bin', 'core.cjs'), '--no-such-option'];
      const env = { ...process.env, XDG_CACHE_HOME: folder.path, CALLS: join(folder.path, 'calls') };
      const preload = join(folder.path, 'preload.cjs');
      for (const isFirst of [true, false]) {
        await assert.rejects(promisify(execFile)(process.execPath, ['--require', preload, ...core], { env }));
        assert.equal(compiledAnew().length > 0, isFirst);
      }
    });

    it('gets what other commands need besides', async () => {
      await printed(['--version']);
      const first = compiledAnew();
      await printed(['config', '--help']);
      await printed(['plugin', 'list'], { XDG_DATA_HOME: folder.path });
      const further = compiledAnew();
      assert.ok(further.length > 0);
      assert.deepEqual(
        further.filter((file) => first.includes(file)),
        [],
      );
      await printed(['--version']);
      assert.deepEqual(compiledAnew(), []);
    });

    it('is made anew when it is damaged', async () => {
      await printed(['--version']);
      const file = readFileSync(theFile());
      const first = compiledAnew();
      for (const damage of [file.subarray(0, file.length >> 1), Buffer.alloc(0), flipped(file)]) {
        writeFileSync(theFile(), damage);
        assert.equal(await printed(['--version']), version);
        assert.deepEqual(compiledAnew(), first);
      }
      assert.equal(await printed(['--version']), version);
      assert.deepEqual(compiledAnew(), []);
    });

    it('is not needed', async () => {
      mkdirSync(join(folder.path, 'bulkhead'));
      writeFileSync(compiled(), 'not a folder');
      assert.equal(await printed(['--version']), version);
    });

    it('can be turned off as that of Node', async () => {
      assert.equal(await printed(['--version'], { NODE_DISABLE_COMPILE_CACHE: '1' }), version);
      assert.ok(!existsSync(compiled()));
    });
  });
});

/** With one bit changed in its middle. */
function flipped(file: Buffer): Buffer {
  const copy = Buffer.from(file);
  const middle = copy.length >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
}
