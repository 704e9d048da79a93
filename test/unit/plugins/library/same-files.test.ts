import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { haveSameFiles } from '../../../../src/plugins/library/same-files.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe('two folders', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('same');
  });
  afterEach(() => folder.dispose());

  const write = (path: string, text: string) => {
    mkdirSync(join(folder.path, path, '..'), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  };
  const same = () => haveSameFiles(join(folder.path, 'a'), join(folder.path, 'b'));

  it('are the same only with the same files and contents', () => {
    for (const one of ['a', 'b']) {
      write(`${one}/package.json`, '{}');
      write(`${one}/dist/main.cjs`, 'one');
    }
    assert(same());
    write('b/dist/main.cjs', 'two');
    assert(!same(), 'other contents of the same size');
    write('b/dist/main.cjs', 'one');
    write('b/dist/other.cjs', '');
    assert(!same(), 'one file more');
    rmSync(join(folder.path, 'b'), { recursive: true });
    assert(!same(), 'no folder');
  });
});
