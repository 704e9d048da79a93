import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  endPlaylist,
  prepareFolder,
  prepareTemporaryFolder,
  segmentsOf,
} from '../../../src/relay/segment-folder.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('a folder of segments', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('segments');
  });

  afterEach(() => folder.dispose());

  it('is made, and what a killed ffmpeg has left unfinished is removed', async () => {
    const path = join(folder.path, 'web', 'live');
    assert.equal(await prepareFolder(path), false);
    for (const name of ['segment-7.ts.tmp', 'stream.m3u8.tmp', 'segment-6.ts', 'other.tmp', 'index.html']) {
      writeFileSync(join(path, name), '');
    }
    assert.equal(await prepareFolder(path), false);
    assert.deepEqual(readdirSync(path).sort(), ['index.html', 'other.tmp', 'segment-6.ts']);
  });

  it('may have a playlist, which is continued, and whose other segments are removed', async () => {
    writeFileSync(join(folder.path, 'stream.m3u8'), '#EXTM3U\nsegment-2.ts\nsegment-3.ts\n');
    for (const n of [1, 2, 3, 4]) writeFileSync(join(folder.path, `segment-${n}.ts`), '');
    assert.equal(await prepareFolder(folder.path), true);
    assert.deepEqual(readdirSync(folder.path).sort(), ['segment-2.ts', 'segment-3.ts', 'stream.m3u8']);
  });

  it('is refused with the reason if it cannot be one', async () => {
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'below')]) {
      await assert.rejects(
        prepareFolder(path),
        (error: { code?: string; message: string; remedy?: string }) => {
          assert.equal(error.code, 'storage.failed');
          assert.match(error.message, new RegExp(`^cannot write to the folder ${path}: \\S`));
          assert.match(error.remedy ?? '', /write permission/);
          return true;
        },
      );
    }
  });

  it('on the way is gone on with, and removed with the next one if its core has died', async () => {
    const dead = join(folder.path, 'bulkhead-hls-999999999-abc');
    mkdirSync(dead);
    const own = join(folder.path, `bulkhead-hls-${process.pid}-abc`);
    assert.equal(await prepareTemporaryFolder(own), false);
    assert.equal(existsSync(dead), false);
    assert.equal(statSync(own).mode & 0o777, 0o700);
    writeFileSync(join(own, 'stream.m3u8'), '#EXTM3U\n');
    await prepareTemporaryFolder(join(folder.path, `bulkhead-hls-${process.pid}-def`));
    assert.equal(await prepareTemporaryFolder(own), true);
  });

  it('says once that the stream has ended, where there is a playlist', async () => {
    await endPlaylist(folder.path);
    const playlist = join(folder.path, 'stream.m3u8');
    assert.equal(existsSync(playlist), false);
    writeFileSync(playlist, '#EXTM3U\n');
    await endPlaylist(folder.path);
    await endPlaylist(folder.path);
    assert.equal(readFileSync(playlist, 'utf8'), '#EXTM3U\n#EXT-X-ENDLIST\n');
  });

  it('has the segments that its playlist names', () => {
    assert.deepEqual(segmentsOf('#EXTM3U\n#EXTINF:4,\nsegment-1.ts\r\n#EXTINF:4,\nsegment-2.ts\n'), [
      'segment-1.ts',
      'segment-2.ts',
    ]);
  });
});
