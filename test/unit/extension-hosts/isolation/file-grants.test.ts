import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFileGrants } from '../../../../src/core/extension-hosts/isolation/file-grants.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe('the files that a plugin may read', () => {
  let folder: TempDir;
  let home: string;
  let own: string[];

  beforeEach(() => {
    folder = tempDir('files');
    home = join(folder.path, 'home', 'me');
    mkdirSync(join(home, 'Music'), { recursive: true });
    mkdirSync(join(home, 'share', 'bulkhead', 'plugins'), { recursive: true });
    writeFileSync(join(home, 'song.txt'), 'song');
    writeFileSync(join(home, 'Music', 'stream.json'), 'keys');
    own = [join(home, 'share', 'bulkhead'), join(home, 'gone')];
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
    symlinkSync(own[0] as string, join(home, 'plain'));
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
      '~/Music/home',
      join(folder.path, 'home'),
      home,
    ];
    const { grants, leftOut } = await find(scopes);
    assert.deepEqual(grants, []);
    const reasons = leftOut.map((line) => line.replace(/^cannot read "[^"]+": /, ''));
    const ofHome = 'your home folder is in it; the permission for that is "file:read:~"';
    const ofOwn = "it is one of Bulkhead's own";
    assert.deepEqual(reasons.slice(0, 5), ['it is not there', 'it is not there', ofOwn, ofOwn, ofOwn]);
    for (const reason of reasons.slice(5, 9))
      assert.match(reason, /is a folder of the system$|^it is not there$/);
    assert.equal(reasons[9], '/tmp is shared by all programs');
    assert.deepEqual(reasons.slice(10), [ofHome, ofHome, ofHome]);
  });

  it("do not hold Bulkhead's own files, which are hidden where that is possible", async () => {
    own.push(join(home, 'Music', 'stream.json'));
    const { grants, masks } = await find(['~', '~/Music']);
    assert.deepEqual(
      grants.map(({ path }) => path),
      [home, join(home, 'Music')],
    );
    const file = { path: join(home, 'Music', 'stream.json'), isFolder: false };
    assert.deepEqual(masks, [{ path: join(home, 'share', 'bulkhead'), isFolder: true }, file, file]);
    const { grants: none, leftOut } = await find(['~', '~/Music', '~/share'], false);
    assert.deepEqual(none, []);
    for (const line of leftOut)
      assert.match(line, /Bulkhead's own files are in it, which cannot be hidden here$/);
  });
});
