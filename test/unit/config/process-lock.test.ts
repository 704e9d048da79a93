import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import { takeProcessLock } from '../../../src/config/process-lock.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('a lock of the operating system', () => {
  let folder: TempDir;
  let held: Disposable[];

  beforeEach(() => {
    folder = tempDir('lock');
    held = [];
  });

  afterEach(() => {
    for (const lock of held) lock.dispose();
    folder.dispose();
  });

  const take = async (...path: string[]) => {
    const lock = await takeProcessLock(join(folder.path, ...path));
    if (lock !== undefined) held.push(lock);
    return lock;
  };

  it('can be taken once, until it is disposed of', async () => {
    const lock = await take('one');
    assert.ok(lock !== undefined);
    assert.equal(await take('one'), undefined);
    lock.dispose();
    assert.ok(await take('one'));
  });

  it('is separate for each name and each folder', async () => {
    mkdirSync(join(folder.path, 'a'));
    mkdirSync(join(folder.path, 'b'));
    for (const path of [
      ['a', 'one'],
      ['a', 'two'],
      ['b', 'one'],
    ])
      assert.ok(await take(...path));
  });

  it('is the same for every spelling of the path', async () => {
    mkdirSync(join(folder.path, 'a'));
    symlinkSync('a', join(folder.path, 'link'), 'junction');
    assert.ok(await take('a', 'one'));
    assert.equal(await take('a', '..', 'a', 'one'), undefined);
    assert.equal(await take('link', 'one'), undefined);
  });

  it('reports why it cannot be taken', async () => {
    await assert.rejects(take('missing', 'one'), { code: 'ENOENT' });
  });

  it('has a name of the full length, which is the same in every version of Node', async function () {
    if (process.platform !== 'linux') this.skip();
    await take('one');
    const names = readFileSync('/proc/net/unix', 'latin1').match(/@bulkhead-lock-\S+/g) ?? [];
    assert.ok(names.length > 0);
    // "@" stands for the leading NUL, and would also for padding.
    for (const name of names) assert.match(name, /^@bulkhead-lock-[0-9a-f]{64}\.{29}$/);
  });
});
