import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepNewest } from '../../../src/core/disk/keep-newest.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('keeping the newest files', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('newest');
    for (const day of [1, 2, 3, 4]) writeFileSync(join(folder.path, `note-${day}`), 'x'.repeat(100));
    writeFileSync(join(folder.path, 'another'), 'x'.repeat(1000));
  });

  afterEach(() => folder.dispose());

  it('removes the oldest of too many', async () => {
    await keepNewest(folder.path, 'note-', { count: 2, bytes: 10_000 });
    assert.deepEqual(readdirSync(folder.path).sort(), ['another', 'note-3', 'note-4']);
  });

  it('removes the oldest of too much', async () => {
    await keepNewest(folder.path, 'note-', { count: 10, bytes: 350 });
    assert.deepEqual(readdirSync(folder.path).sort(), ['another', 'note-2', 'note-3', 'note-4']);
  });

  it('keeps the newest one, whatever its size', async () => {
    await keepNewest(folder.path, 'note-', { count: 10, bytes: 10 });
    assert.deepEqual(readdirSync(folder.path).sort(), ['another', 'note-4']);
  });
});
