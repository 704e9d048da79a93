import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FolderFiles, removeLeftDelays } from '../../../src/core/publish/delay/delay-files.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('FolderFiles', () => {
  let temp: TempDir;
  let folder: string;

  beforeEach(() => {
    temp = tempDir('delays');
    folder = join(temp.path, 'delays');
  });

  afterEach(() => temp.dispose());

  it('keeps files that only their owner can read, until the end', async () => {
    const files = new FolderFiles(folder);
    assert.ok((await files.free()) > 0);
    await files.write('1.chunk', [Buffer.from('one '), Buffer.from('two')]);
    assert.equal((await files.read('1.chunk')).toString(), 'one two');
    const [own = assert.fail()] = readdirSync(folder);
    for (const [path, mode] of [
      [folder, 0o700],
      [join(folder, own), 0o700],
      [join(folder, own, '1.chunk'), 0o600],
    ] as const)
      assert.equal(statSync(path).mode & 0o777, mode, path);
    await files.remove('1.chunk');
    assert.deepEqual(readdirSync(join(folder, own)), []);
    await files.removeAll();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('removes what a killed core has left, and not what a running one has, or anything else', async () => {
    const files = new FolderFiles(folder);
    await files.write('1.chunk', [Buffer.from('kept')]);
    const { pid } = spawnSync('true');
    const left = join(folder, `${pid}-0123abcd`);
    for (const path of [left, join(folder, 'photos')]) {
      mkdirSync(path, { mode: 0o700 });
      writeFileSync(join(path, '1.chunk'), 'old');
    }
    await removeLeftDelays(folder);
    assert.equal(existsSync(left), false);
    assert.equal(existsSync(join(folder, 'photos', '1.chunk')), true);
    assert.equal((await files.read('1.chunk')).toString(), 'kept');
    await files.removeAll();
    await removeLeftDelays(join(folder, 'missing'));
  });
});
