import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PickedFile } from '../../../src/core/disk/picked-file.js';
import { SmallFiles } from '../../../src/core/disk/small-files.js';
import { FakeClock } from '../../support/fake-clock.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('a file that was picked', () => {
  let folder: TempDir;
  beforeEach(() => {
    folder = tempDir('picked');
  });
  afterEach(() => folder.dispose());

  it('is no pipe, whose opening would wait for a writer', async () => {
    const pipe = join(folder.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await assert.rejects(PickedFile.open(pipe), { code: 'EISDIR' });
  });

  it('is read in turn with everything else on disks that may hang, and closed only once', async () => {
    const path = join(folder.path, 'a');
    writeFileSync(path, 'abc');
    const turns: string[] = [];
    const disk = new SmallFiles();
    const file = await PickedFile.open(path, {
      inTurn: (of, work) => {
        turns.push(of);
        return disk.inTurn(of, work);
      },
    });
    assert.equal((await file.read(1, 5)).toString(), 'bc');
    assert.deepEqual(turns, [path, path]);
    file.close();
    file.close();
    await assert.rejects(file.read(0, 1), { name: 'FileError' });
  });

  it('is not waited for when its disk hangs', async () => {
    const clock = new FakeClock();
    try {
      const opening = PickedFile.open('/hangs', { inTurn: () => new Promise(() => {}) });
      const refused = assert.rejects(opening, { code: 'ETIMEDOUT', message: /does not answer within 5 s/ });
      await clock.pass(5000);
      await refused;
    } finally {
      clock.restore();
    }
  });
});
