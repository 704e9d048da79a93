import assert from 'node:assert/strict';
import { mkdirSync, rmdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureFolder } from '../../../../src/core/extension-hosts/store/measure-folder.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

const NO_LIMIT = { bytes: Number.POSITIVE_INFINITY, entries: Number.POSITIVE_INFINITY };
const POSIX = process.platform !== 'win32';

describe('measuring a folder', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('measure');
  });

  afterEach(() => folder.dispose());

  const write = (name: string, bytes: number) =>
    writeFileSync(join(folder.path, name), Buffer.alloc(bytes, 1));

  it('counts files and folders at every depth, and their bytes', async () => {
    mkdirSync(join(folder.path, 'a', 'b', 'c'), { recursive: true });
    write('one', 100_000);
    write('a/b/c/two', 200_000);
    const { bytes, entries, hidden } = await measureFolder(folder.path, NO_LIMIT);
    assert.equal(entries, 5);
    assert.equal(hidden, undefined);
    assert.ok(bytes >= 300_000 && bytes < 400_000, String(bytes));
  });

  it('treats a missing folder as empty', async () => {
    const usage = await measureFolder(join(folder.path, 'missing'), NO_LIMIT);
    assert.deepEqual(usage, { bytes: 0, entries: 0 });
  });

  it('does not follow links, and counts a sparse file by its allocated size', async function () {
    if (!POSIX) this.skip();
    mkdirSync(join(folder.path, 'f'));
    symlinkSync('/', join(folder.path, 'f', 'root'));
    symlinkSync('..', join(folder.path, 'f', 'up'));
    write('f/sparse', 1);
    truncateSync(join(folder.path, 'f', 'sparse'), 10_000_000_000);
    const { bytes, entries } = await measureFolder(join(folder.path, 'f'), NO_LIMIT);
    assert.equal(entries, 3);
    assert.ok(bytes < 100_000, String(bytes));
  });

  it('counts names that are not valid text', async function () {
    if (process.platform !== 'linux') this.skip();
    const name = Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from([0xff, 0xfe, 0x80])]);
    mkdirSync(name);
    writeFileSync(Buffer.concat([name, Buffer.from('/big')]), Buffer.alloc(500_000, 1));
    const { bytes, entries } = await measureFolder(folder.path, NO_LIMIT);
    assert.equal(entries, 2);
    assert.ok(bytes >= 500_000, String(bytes));
    rmSync(name, { recursive: true });
  });

  it('stops when a limit is exceeded', async () => {
    for (let n = 0; n < 50; n++) write(`file-${n}`, 10_000);
    const files = await measureFolder(folder.path, { ...NO_LIMIT, entries: 20 });
    assert.equal(files.entries, 21);
    const bytes = await measureFolder(folder.path, { ...NO_LIMIT, bytes: 100_000 });
    assert.ok(bytes.entries < 15, String(bytes.entries));
  });

  it('can be aborted, and does not block the event loop', async () => {
    for (let n = 0; n < 300; n++) write(`file-${n}`, 0);
    const abortion = new AbortController();
    setTimeout(() => abortion.abort(), 50);
    await assert.rejects(measureFolder(folder.path, NO_LIMIT, abortion.signal), { name: 'AbortError' });
  });

  it('reports a folder that cannot be read', async function () {
    if (!POSIX) this.skip();
    // Deeper than the maximum path length: not even root can read it.
    const name = 'd'.repeat(250);
    const before = process.cwd();
    try {
      process.chdir(folder.path);
      for (let depth = 0; depth < 20; depth++) {
        mkdirSync(name);
        process.chdir(name);
      }
      const { hidden } = await measureFolder(folder.path, NO_LIMIT);
      assert.ok(hidden?.endsWith(name));
    } finally {
      for (let depth = 0; depth < 20; depth++) {
        process.chdir('..');
        rmdirSync(name);
      }
      process.chdir(before);
    }
  });
});
