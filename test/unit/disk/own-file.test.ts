import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile, setDamagedAside } from '../../../src/core/disk/own-file.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('a file of the user', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('own-file');
  });

  afterEach(() => folder.dispose());

  it('is replaced whole, in a folder that is made for it, readable by its owner only', async () => {
    const path = join(folder.path, 'new', 'file');
    await replaceFile(path, 'one');
    await replaceFile(path, 'two');
    assert.equal(readFileSync(path, 'utf8'), 'two');
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(folder.path, 'new')), ['file']);
  });

  it('leaves nothing beside it where it cannot be replaced', async () => {
    const path = join(folder.path, 'folder');
    mkdirSync(path);
    writeFileSync(join(path, 'in-it'), '');
    await assert.rejects(replaceFile(path, 'text'));
    assert.deepEqual(readdirSync(folder.path), ['folder']);
  });

  it('is kept under another name where it is damaged', async () => {
    const path = join(folder.path, 'file');
    writeFileSync(path, 'damaged');
    const keptAs = await setDamagedAside(path);
    assert.equal(readFileSync(keptAs, 'utf8'), 'damaged');
    assert.equal(existsSync(path), false);
  });
});
