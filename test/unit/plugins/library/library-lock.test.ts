import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lockLibrary } from '../../../../src/plugins/library/library-lock.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe('the lock of the library', () => {
  let folder: TempDir;
  let file: string;

  beforeEach(() => {
    folder = tempDir('lock');
    file = join(folder.path, 'library', 'owner');
  });
  afterEach(() => folder.dispose());

  const inUseBy = (owner: string) => ({
    code: 'library.inUse',
    where: file,
    message: `the installed plugins are managed by ${owner}`,
    remedy: 'Give the address of that core with --address, or wait for that command to end.',
  });

  it('is taken by one at a time, who is named', async () => {
    const lock = await lockLibrary(file, 'the core at /run/core');
    assert.equal(readFileSync(file, 'utf8'), `${process.pid}\nthe core at /run/core\n`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder.path, 'library')).mode & 0o777, 0o700);
    await assert.rejects(lockLibrary(file, 'another'), inUseBy(`the core at /run/core (pid ${process.pid})`));
    lock.dispose();
    (await lockLibrary(file, 'another')).dispose();
    assert.match(readFileSync(file, 'utf8'), /another/);
    assert.deepEqual(readdirSync(join(folder.path, 'library')), ['owner']);
  });

  it('waits for the name of an owner that has just taken it, but not forever', async () => {
    const lock = await lockLibrary(file, 'the first');
    writeFileSync(file, '999999999\none that has ended\n');
    const refused = assert.rejects(lockLibrary(file, 'another'), inUseBy(`the second (pid ${process.pid})`));
    await delay(100);
    writeFileSync(file, `${process.pid}\nthe second\n`);
    await refused;
    rmSync(file);
    await assert.rejects(lockLibrary(file, 'another'), inUseBy('another process'));
    lock.dispose();
  });

  it('is free again if the name cannot be written', async () => {
    const lock = await lockLibrary(file, 'the first');
    lock.dispose();
    const draft = `${file}.${process.pid}`;
    mkdirSync(draft);
    await assert.rejects(lockLibrary(file, 'the second'), { code: 'EISDIR' });
    rmSync(draft, { recursive: true });
    (await lockLibrary(file, 'the third')).dispose();
  });
});
