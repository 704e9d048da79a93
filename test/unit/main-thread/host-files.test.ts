import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PickedFile } from '../../../src/core/disk/picked-file.js';
import { HostFiles } from '../../../src/core/main-thread/host-files.js';
import { MAX_FILE_PIECE_BYTES } from '../../../src/protocol/plugin-questions.js';
import { FakeClock } from '../../support/fake-clock.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

describe("the picked files of a host's plugins", () => {
  let folder: TempDir;
  let files: HostFiles;
  beforeEach(() => {
    folder = tempDir('files');
    files = new HostFiles();
  });
  afterEach(() => {
    files.dispose();
    folder.dispose();
  });

  /** Holds a file of 10 bytes. */
  const held = async () => {
    const path = join(folder.path, 'a');
    writeFileSync(path, '0123456789');
    const opened = await files.reader({ filters: [] }).read(path);
    const [file] = files.hold('p', opened);
    return (length = 10) => files.read({ plugin: 'p', file: file?.file ?? 0, offset: 0, length });
  };

  it('are read by few calls at once', async () => {
    const read = await held();
    const reads = Array.from({ length: 20 }, () => read());
    await assert.rejects(read(), { code: 'rpc.busy' });
    assert.equal(new Set(await Promise.all(reads)).size, 1);
    assert.equal(await read(), Buffer.from('0123456789').toString('base64'));
  });

  it('are read at 8 MB a second, however little there is', async () => {
    const clock = new FakeClock();
    try {
      files = new HostFiles();
      const read = await held();
      for (let bytes = 0; bytes + MAX_FILE_PIECE_BYTES <= 8 * 1024 * 1024; bytes += MAX_FILE_PIECE_BYTES)
        await read(MAX_FILE_PIECE_BYTES);
      await read(1);
      let ended = false;
      const late = read(MAX_FILE_PIECE_BYTES).then(() => {
        ended = true;
      });
      await clock.settle();
      assert.deepEqual([ended, clock.pending], [false, 1]);
      clock.tick(12);
      await late;
    } finally {
      clock.restore();
    }
  });

  it('are closed with the host, also those that come after its end', async () => {
    const path = join(folder.path, 'b');
    writeFileSync(path, 'b');
    const isClosed = (file: PickedFile | undefined) =>
      eventually('the end', () =>
        file?.read(0, 1).then(
          () => undefined,
          () => true,
        ),
      );
    const { read } = files.reader({ filters: [] });
    const [held] = await read(path);
    const [late] = await read(path);
    files.hold('p', held === undefined ? [] : [held]);
    files.dispose();
    await isClosed(held);
    assert.deepEqual(files.hold('p', late === undefined ? [] : [late]), []);
    await isClosed(late);
  });
});
