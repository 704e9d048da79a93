import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expandPlaylist } from '../../../../src/encoder/sources/playlist.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe('a playlist', () => {
  let folder: TempDir;
  beforeEach(() => {
    folder = tempDir('playlist');
    mkdirSync(join(folder.path, 'more'));
  });
  afterEach(() => folder.dispose());

  function write(name: string, text: string | Buffer): string {
    const path = join(folder.path, name);
    writeFileSync(path, text);
    return path;
  }
  const at = (...names: string[]) => names.map((name) => join(folder.path, name));

  it('has the files of its lists in their places, which count from the lists', async () => {
    write('more/inner.m3u8', '#EXTM3U\r\n#EXTINF:12,One: a name\r\none.mp4\r\n\r\n../two.mp4\r\n');
    const list = write('list.m3u', 'first.mp4\nmore/inner.m3u8\n/elsewhere/last.mp4\n');
    assert.deepEqual(await expandPlaylist([...at('zero.mkv'), list, ...at('end.mp4')]), [
      ...at('zero.mkv', 'first.mp4', 'more/one.mp4', 'two.mp4'),
      ...['/elsewhere/last.mp4', ...at('end.mp4')],
    ]);
  });

  it('may name a list twice, but not within itself', async () => {
    const list = write('list.m3u', 'a.mp4\n');
    assert.deepEqual(await expandPlaylist([list, list]), at('a.mp4', 'a.mp4'));
    const outer = write('outer.m3u', 'more/inner.m3u\n');
    write('more/inner.m3u', '../outer.m3u\n');
    await assert.rejects(expandPlaylist([outer]), { code: 'input.invalid', message: /contains itself/ });
    symlinkSync(join(folder.path, 'self.m3u'), join(folder.path, 'other.m3u'));
    await assert.rejects(expandPlaylist([write('self.m3u', 'other.m3u')]), /contains itself/);
  });

  it('takes the addresses of local files that players write', async () => {
    const list = write('player.m3u', `file://${folder.path}/a%20b.mp4\n`);
    assert.deepEqual(await expandPlaylist([list]), at('a b.mp4'));
    const other = write('other.m3u', 'file://elsewhere/a.mp4\n');
    await assert.rejects(expandPlaylist([other]), { code: 'input.invalid', message: /not on this computer/ });
  });

  it('takes a list of HLS for a medium', async () => {
    const hls = write('stream.m3u8', '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nsegment0.ts\n');
    assert.deepEqual(await expandPlaylist([hls]), [hls]);
  });

  it('refuses what it cannot play', async () => {
    for (const [name, text, message] of [
      ['address.m3u', 'https://example.org/a.mp4', /an address/],
      ['empty.m3u', '#EXTM3U\n\n', /is empty/],
      ['binary.m3u', Buffer.from([0xff, 0xfe, 0x00]), /not text in UTF-8/],
      ['large.m3u', 'a'.repeat(1024 * 1024 + 1), /larger than 1 MiB/],
      ['many.m3u', 'a\n'.repeat(10_001), /more than 10000 files/],
    ] as const) {
      const list = write(name, text);
      await assert.rejects(expandPlaylist([list]), { code: 'input.invalid', message, where: list });
    }
    await assert.rejects(expandPlaylist(at('nowhere.m3u')), { code: 'input.notFound' });
  });
});
