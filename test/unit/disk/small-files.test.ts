import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SmallFiles } from '../../../src/core/disk/small-files.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

/** Ends the read of the pipe; does nothing without a reader. */
function endRead(pipe: string): void {
  try {
    closeSync(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch {}
}

describe('reading files that the settings name', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('files');
  });

  afterEach(() => folder.dispose());

  it('reads a text', async () => {
    writeFileSync(join(folder.path, 'key'), 'text');
    assert.equal(await new SmallFiles().read(join(folder.path, 'key')), 'text');
  });

  it('reports errors by code', async () => {
    writeFileSync(join(folder.path, 'large'), Buffer.alloc(1024 * 1024 + 1));
    const files = new SmallFiles();
    await assert.rejects(files.read(join(folder.path, 'missing')), { name: 'FileError', code: 'ENOENT' });
    await assert.rejects(files.read(folder.path), { name: 'FileError', code: 'EISDIR' });
    await assert.rejects(files.read(join(folder.path, 'large')), { name: 'FileError', code: 'EFBIG' });
  });

  it('does not wait for a pipe without a writer', async function () {
    if (process.platform === 'win32') this.skip();
    execFileSync('mkfifo', [join(folder.path, 'pipe')]);
    await assert.rejects(new SmallFiles().read(join(folder.path, 'pipe')), { code: 'EISDIR' });
  });

  it('rejects at its deadline, and starts no second read of the same file in the meantime', async () => {
    let reads = 0;
    const files = new SmallFiles(() => {
      reads++;
      return new Promise(() => {});
    });
    const late = { name: 'FileError', code: 'ETIMEDOUT' };
    await assert.rejects(files.read('/nas/key', 10), late);
    await Promise.all([
      assert.rejects(files.read('/nas/key', 10), late),
      assert.rejects(files.read('/nas/key', 10), late),
    ]);
    assert.equal(reads, 1);
  });

  it('reads other folders while one hangs', async () => {
    const files = new SmallFiles(async (path) => (path.startsWith('/nas/') ? new Promise(() => {}) : path));
    const hanging = ['/nas/a', '/nas/b', '/nas/c'].map((path) =>
      assert.rejects(files.read(path, 50), { code: 'ETIMEDOUT' }),
    );
    assert.equal(await files.read('/home/key'), '/home/key');
    assert.equal(await files.read('/etc/ca.pem'), '/etc/ca.pem');
    await Promise.all(hanging);
    assert.equal(await files.read('/home/other'), '/home/other');
  });

  it('reports whether a disk responds, with success or an error', async () => {
    await new SmallFiles().answers(folder.path);
    await new SmallFiles().answers(join(folder.path, 'missing'));
    let asked = 0;
    const files = new SmallFiles(undefined, () => {
      asked++;
      return new Promise(() => {});
    });
    for (let turn = 0; turn < 3; turn++)
      await assert.rejects(files.answers('/nas/plugins', 10), { code: 'ETIMEDOUT' });
    assert.equal(asked, 1);
  });

  it('retries a file that it could not read', async () => {
    let fails = true;
    const files = new SmallFiles(async () => {
      if (fails) throw Object.assign(new Error('no'), { code: 'EIO' });
      return 'text';
    });
    await assert.rejects(files.read('/a'), { code: 'EIO' });
    fails = false;
    assert.equal(await files.read('/a'), 'text');
  });

  it('leaves threads for others, even if every file that it reads hangs', async function () {
    if (process.platform === 'win32') this.skip();
    // A pipe without a writer blocks a thread of libuv, like a network folder that hangs.
    const pipes = Array.from({ length: 6 }, (_, index) => join(folder.path, `d${index}`, 'pipe'));
    for (const pipe of pipes) execFileSync('mkdir', [join(pipe, '..')]);
    for (const pipe of pipes) execFileSync('mkfifo', [pipe]);
    const files = new SmallFiles((path) => readFile(path, 'utf8'));
    let ended = false;
    const reads = Promise.all(pipes.map((pipe) => files.read(pipe, 60_000))).then(() => {
      ended = true;
    });
    await Promise.all(pipes.map((pipe) => assert.rejects(files.read(pipe, 100), { code: 'ETIMEDOUT' })));
    const answered = await Promise.race([stat(folder.path).then(() => true), delay(5000, false)]);
    // So that the process can exit; without using a thread, of which there may be none.
    await eventually('all reads have ended', () => {
      for (const pipe of pipes) endRead(pipe);
      return ended || undefined;
    });
    await reads;
    assert.equal(answered, true);
  });
});
