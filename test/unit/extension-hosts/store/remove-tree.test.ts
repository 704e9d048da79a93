import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '../../../../src/core/extension-hosts/store/remove-tree.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe('removing a tree', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('remove');
  });

  afterEach(() => folder.dispose());

  it('removes files and folders, but not the targets of links', async () => {
    const tree = join(folder.path, 'tree');
    mkdirSync(join(tree, 'a', 'b'), { recursive: true });
    writeFileSync(join(tree, 'a', 'file'), 'text');
    writeFileSync(join(folder.path, 'outside'), 'text');
    symlinkSync(join(folder.path), join(tree, 'link'), 'junction');
    await removeTree(tree);
    assert.ok(!existsSync(tree));
    assert.ok(existsSync(join(folder.path, 'outside')));
    await removeTree(tree);
  });

  it('removes folders too deep for a path', async function () {
    if (process.platform === 'win32') this.skip();
    const tree = join(folder.path, 'tree');
    const before = process.cwd();
    mkdirSync(tree);
    try {
      for (const branch of ['one', 'two']) {
        process.chdir(tree);
        mkdirSync(branch);
        process.chdir(branch);
        for (let depth = 0; depth < 40; depth++) {
          mkdirSync('d'.repeat(250));
          process.chdir('d'.repeat(250));
        }
        writeFileSync('file', 'text');
      }
    } finally {
      process.chdir(before);
    }
    await assert.rejects(rm(tree, { recursive: true }), { code: 'ENAMETOOLONG' });
    await removeTree(tree);
    assert.ok(!existsSync(tree));
  });
});
