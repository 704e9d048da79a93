import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFileGrants } from '../../../../src/core/extension-hosts/isolation/file-grants.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe('the files that a plugin may read', () => {
  let folder: TempDir;
  let home: string;
  let own: { folders: string[]; files: string[] };

  beforeEach(() => {
    folder = tempDir('files');
    home = join(folder.path, 'home', 'me');
    mkdirSync(join(home, 'Music'), { recursive: true });
    mkdirSync(join(home, 'share', 'bulkhead', 'plugins'), { recursive: true });
    writeFileSync(join(home, 'song.txt'), 'song');
    writeFileSync(join(home, 'Music', 'stream.json'), 'keys');
    own = { folders: [join(home, 'share', 'bulkhead')], files: [] };
  });

  afterEach(() => folder.dispose());

  const find = (scopes: string[], canMask = true) => findFileGrants(scopes, { home, own, canMask });

  it('are files and folders, by their own names and by links', async () => {
    symlinkSync(join(home, 'Music'), join(home, 'Songs'));
    const { grants, masks, leftOut } = await find(['~/song.txt', `${home}/Music`, '~/Songs']);
    const music = join(home, 'Music');
    assert.deepEqual(grants, [
      { path: join(home, 'song.txt'), realPath: join(home, 'song.txt'), isFolder: false },
      { path: music, realPath: music, isFolder: true },
      { path: join(home, 'Songs'), realPath: music, isFolder: true },
    ]);
    assert.deepEqual([masks, leftOut], [[], []]);
  });

  it('are left out with the reason', async () => {
    symlinkSync('/proc', join(home, 'link-to-proc'));
    symlinkSync(home, join(home, 'Music', 'home'));
    symlinkSync(own.folders[0] as string, join(home, 'plain'));
    const sockets = mkdtempSync('/tmp/bulkhead-sockets-');
    const scopes = [
      '~/nothing',
      '~/song.txt/inside',
      '~/share/bulkhead',
      '~/share/bulkhead/plugins',
      '~/plain',
      '/proc/self',
      '~/link-to-proc',
      '/dev',
      '/run/user',
      '/tmp',
      sockets,
      '~/Music/home',
      join(folder.path, 'home'),
      home,
    ];
    const { grants, leftOut } = await find(scopes);
    rmdirSync(sockets);
    assert.deepEqual(grants, []);
    const reasons = leftOut.map((line) => line.replace(/^cannot read "[^"]+": /, ''));
    const ofHome = 'your home folder is in it; the permission for that is "file:read:~"';
    const ofOwn = "it is one of Bulkhead's own";
    assert.deepEqual(reasons.slice(0, 5), ['it is not there', 'it is not there', ofOwn, ofOwn, ofOwn]);
    for (const reason of reasons.slice(5, 9))
      assert.match(reason, /is a folder of the system$|^it is not there$/);
    // A socket there can be connected to, read-only or not.
    for (const reason of reasons.slice(9, 11)) assert.equal(reason, '/tmp is shared by all programs');
    assert.deepEqual(reasons.slice(11), [ofHome, reasons[9], ofHome]);
  });

  it("do not hold Bulkhead's own files, which are hidden where that is possible", async () => {
    mkdirSync(join(home, 'Music', 'old'));
    own.files.push(join(home, 'Music', 'stream.json'));
    const scopes = ['~', '~/share', '~/Music', '~/Music/stream.json', '~/Music/old'];
    const { grants, masks, leftOut: hiding } = await find(scopes);
    assert.deepEqual(
      grants.map(({ path }) => path),
      [home, join(home, 'share'), join(home, 'Music', 'old')],
    );
    // The whole folder of a file, which is replaced when it is saved.
    assert.deepEqual(masks, [join(home, 'share', 'bulkhead'), join(home, 'Music')]);
    assert.match(
      hiding[0] ?? '',
      /^cannot read "~\/Music": .* is directly in it; keep that in a folder of its own$/,
    );
    assert.match(hiding[1] ?? '', /^cannot read "~\/Music\/stream\.json": it is one of Bulkhead's own$/);
    assert.equal(hiding.length, 2);
    const { grants: none, leftOut } = await find(['~', '~/Music', '~/share'], false);
    assert.deepEqual(none, []);
    for (const line of leftOut)
      assert.match(line, /Bulkhead's own files are in it, which cannot be hidden here$/);
  });

  it("make Bulkhead's folders before they could appear in them, and hold none that cannot be made", async () => {
    const late = join(home, 'cache', 'bulkhead');
    own.folders.push(late);
    assert.deepEqual((await find(['~'])).masks, [join(home, 'share', 'bulkhead'), late]);
    assert.ok(existsSync(late));
    own.folders.push(join(home, 'song.txt', 'bulkhead'));
    own.files.push(join(home, 'Music', 'gone', 'core.sock'));
    const { grants, leftOut } = await find(['~', '~/Music', '~/share']);
    assert.deepEqual(
      grants.map(({ path }) => path),
      [join(home, 'share')],
    );
    for (const line of leftOut)
      assert.match(line, /Bulkhead's own files are in it, which cannot be hidden here$/);
  });

  it('are hidden once where they are in each other', async () => {
    own.folders.push(join(home, 'share', 'bulkhead'));
    own.files.push(join(home, 'share', 'stream.json'));
    assert.deepEqual((await find(['~'])).masks, [join(home, 'share')]);
  });
});
