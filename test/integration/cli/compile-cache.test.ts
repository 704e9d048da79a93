import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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

  async function printedVersion(...nodeArguments: string[]): Promise<string> {
    const command = join(packageRoot(), 'dist', 'bin', 'bulkhead.cjs');
    const { stdout } = await promisify(execFile)(process.execPath, [...nodeArguments, command, '--version'], {
      env: { ...process.env, XDG_CACHE_HOME: folder.path, CALLS: join(folder.path, 'calls') },
    });
    return stdout.trim();
  }

  it("is kept in the user's cache folder where Node has one", async () => {
    const preload = join(folder.path, 'preload.cjs');
    writeFileSync(preload, PRELOAD);
    assert.equal(await printedVersion('--require', preload), version);
    assert.equal(
      readFileSync(join(folder.path, 'calls'), 'utf8'),
      `${join(folder.path, 'bulkhead', 'compiled')}\n`,
    );
  });

  it('is not needed', async () => {
    const preload = join(folder.path, 'preload.cjs');
    writeFileSync(preload, "delete require('node:module').enableCompileCache;");
    assert.equal(await printedVersion('--require', preload), version);
    assert.ok(!existsSync(join(folder.path, 'bulkhead', 'compiled')));
  });
});
