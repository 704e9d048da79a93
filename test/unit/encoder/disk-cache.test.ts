import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiskCache, fileKey } from '../../../src/encoder/disk-cache.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('DiskCache', () => {
  let dir: TempDir;
  let cache: DiskCache;
  beforeEach(() => {
    dir = tempDir('cache');
    cache = new DiskCache(join(dir.path, 'deep', 'cache'));
  });
  afterEach(() => dir.dispose());

  const files = () => readdirSync(join(dir.path, 'deep', 'cache'));

  it('returns stored values', () => {
    assert.equal(cache.read('media', ['/a', 1, 2]), undefined);
    cache.write('media', ['/a', 1, 2], { hasAudio: true });
    assert.deepEqual(cache.read('media', ['/a', 1, 2]), { hasAudio: true });
    assert.equal(cache.read('ffmpeg', ['/a', 1, 2]), undefined);
  });

  it('has no value for a changed file, and keeps one entry per file', () => {
    const file = join(dir.path, 'media');
    writeFileSync(file, 'one');
    cache.write('media', fileKey(file), 1);
    writeFileSync(file, 'another');
    assert.equal(cache.read('media', fileKey(file)), undefined);
    cache.write('media', fileKey(file), 2);
    assert.equal(files().length, 1);
  });

  it('ignores a broken entry', () => {
    cache.write('media', ['/a'], 1);
    for (const text of ['', '{', 'null', '[]']) {
      writeFileSync(join(dir.path, 'deep', 'cache', files()[0] ?? ''), text);
      assert.equal(cache.read('media', ['/a']), undefined);
    }
  });

  it('is empty if it cannot be written', () => {
    const file = join(dir.path, 'file');
    writeFileSync(file, '');
    const nowhere = new DiskCache(file);
    nowhere.write('media', ['/a'], 1);
    assert.equal(nowhere.read('media', ['/a']), undefined);
  });

  it('removes an entry', () => {
    cache.write('media', ['/a'], 1);
    cache.delete('media', ['/a']);
    cache.delete('media', ['/b']);
    assert.deepEqual(files(), []);
  });
});
