import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PACKAGE_LIMITS, unpack } from '../../../../src/plugins/library/unpack.js';
import { type ArchiveEntry, pluginEntries, writeArchive } from '../../../support/archive.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe('unpacking a package', () => {
  let folder: TempDir;
  let target: string;

  beforeEach(() => {
    folder = tempDir('unpack');
    target = join(folder.path, 'in', 'target');
    mkdirSync(target, { recursive: true });
  });

  afterEach(() => folder.dispose());

  const archive = (...entries: readonly ArchiveEntry[]) =>
    writeArchive(join(folder.path, 'a.tgz'), [...pluginEntries(), ...entries]);
  const unpacked = (file: string, limits = PACKAGE_LIMITS) => unpack(file, target, 'a.tgz', limits);
  const refused = (file: string, message: RegExp, limits = PACKAGE_LIMITS) =>
    assert.rejects(unpacked(file, limits), (error: Error & { code: string }) => {
      assert.equal(error.code, 'plugin.invalid');
      assert.match(error.message, message);
      return true;
    });

  it('strips the outer folder, and all permissions but reading and writing', async () => {
    await unpacked(
      archive({ path: 'package/dist/run.sh', text: 'x' }, { path: 'package/empty', type: 'Directory' }),
    );

    assert.deepEqual(readdirSync(target).sort(), ['dist', 'empty', 'main.cjs', 'package.json']);
    assert.equal(readFileSync(join(target, 'dist', 'run.sh'), 'utf8'), 'x');
    assert.equal(statSync(join(target, 'dist', 'run.sh')).mode & 0o111, 0);
  });

  for (const path of [
    'package/../../out.txt',
    '../out.txt',
    '/tmp/bulkhead-out.txt',
    'package/a/../../../out.txt',
    'package\\..\\..\\out.txt',
    'C:/out.txt',
  ]) {
    it(`refuses the path ${path}`, async () => {
      await refused(
        archive({ path, text: 'out' }),
        /^a\.tgz: the path ".*out\.txt" points outside the package$/,
      );
      assert.deepEqual(readdirSync(folder.path).sort(), ['a.tgz', 'in']);
      assert.deepEqual(readdirSync(join(folder.path, 'in')), ['target']);
      assert.deepEqual(readdirSync(target), [], 'nor is what comes before it written');
      assert.equal(existsSync('/tmp/bulkhead-out.txt'), false);
    });
  }

  for (const type of ['SymbolicLink', 'Link', 'CharacterDevice', 'FIFO'] as const) {
    it(`refuses ${type}`, async () => {
      await refused(
        archive({
          path: 'package/odd',
          type,
          ...(type.endsWith('Link') ? { linkpath: '../../out.txt' } : {}),
        }),
        /^a\.tgz: "package\/odd" is neither a file nor a folder but/,
      );
      assert.equal(existsSync(join(target, 'odd')), false);
    });
  }

  it('refuses an archive of 2 GB without reading it', async () => {
    const file = join(folder.path, 'a.tgz');
    writeFileSync(file, '');
    truncateSync(file, 2 * 1024 ** 3);

    await refused(file, /^a\.tgz: is larger than a plugin may be: 2048 MB of 64 MB$/);
  });

  it('refuses a folder', async () => {
    await refused(folder.path, /^a\.tgz: is not a file$/);
  });

  it('accepts what is exactly as large as the limits allow, and refuses one byte more', async () => {
    const file = archive({ path: 'package/large', text: 'x'.repeat(20_000) });
    const archiveBytes = statSync(file).size;
    await unpacked(file, { ...PACKAGE_LIMITS, archiveBytes, fileBytes: 20_000, files: 3 });

    await refused(file, /is larger than a plugin may be/, {
      ...PACKAGE_LIMITS,
      archiveBytes: archiveBytes - 1,
    });
    await refused(file, /is larger than a file may be/, { ...PACKAGE_LIMITS, fileBytes: 19_999 });
    await refused(file, /holds more than 2 files and folders/, { ...PACKAGE_LIMITS, files: 2 });
  });

  it('counts the bytes of all files together', async () => {
    const bytes = pluginEntries().reduce((sum, { text = '' }) => sum + text.length, 0);
    const file = archive({ path: 'package/a', text: 'x'.repeat(1000) });
    await unpacked(file, { ...PACKAGE_LIMITS, unpackedBytes: bytes + 1000 });
    await refused(file, /holds more than a plugin is allowed to/, {
      ...PACKAGE_LIMITS,
      unpackedBytes: bytes + 999,
    });
  });

  it('takes files and folders of every kind of tar', async () => {
    await unpacked(
      archive(
        { path: 'package/a', type: 'ContiguousFile', text: 'x' },
        { path: 'package/b', type: 'GNUDumpDir' },
        { path: 'package/c', type: 'Directory' },
      ),
    );
    assert.equal(readFileSync(join(target, 'a'), 'utf8'), 'x');
    assert.equal(statSync(join(target, 'c')).mode & 0o700, 0o700, 'its owner can enter it');
  });

  it('has limits that are those of the documentation', () => {
    assert.deepEqual(PACKAGE_LIMITS, {
      archiveBytes: 64 * 1024 ** 2,
      unpackedBytes: 256 * 1024 ** 2,
      fileBytes: 64 * 1024 ** 2,
      files: 10_000,
      ratio: 200,
    });
  });

  it('refuses what expands to more than 200 times its size, after a first megabyte', async () => {
    const file = join(folder.path, 'a.tgz');
    writeFileSync(file, gzipSync(Buffer.alloc(16 * 1024 * 1024)));
    await refused(file, /^a\.tgz: expands to more than 200 times its size$/);
  });

  it('shows the first 120 characters of a path', async () => {
    const name = 'x'.repeat(99);
    const path = `package/${name}/${name}\\`;
    await refused(archive({ path, text: '' }), /the path "package\/x{99}\/x{11}…"/);
  });

  it('refuses a file with the name of a folder, in any case of letters', async () => {
    const directory: ArchiveEntry = { path: 'package/Data/', type: 'Directory' };
    await unpacked(archive(directory));
    await refused(archive(directory, { path: 'package/data', text: 'x' }), /the path "package\/data"/);
  });

  it('refuses a small archive with 2 GB according to its header, before any of it is written', async () => {
    const file = archive({ path: 'package/bomb', size: 2 * 1024 ** 3, text: 'x' });

    await refused(file, /^a\.tgz: the path "package\/bomb" is larger than a file may be: 2048 MB of 64 MB$/);
    assert.equal(existsSync(join(target, 'bomb')), false);
  });

  it('refuses endless compressed data after the last file', async () => {
    const limits = { ...PACKAGE_LIMITS, unpackedBytes: 1024 * 1024, files: 10, ratio: 10_000 };
    const file = join(folder.path, 'a.tgz');
    writeFileSync(file, gzipSync(Buffer.alloc(8 * 1024 * 1024)));

    await refused(file, /^a\.tgz: holds more than a plugin is allowed to: 1 MB$/, limits);
  });

  it('refuses one that is compressed twice', async () => {
    const file = archive();
    writeFileSync(file, gzipSync(readFileSync(file)));
    await refused(file, /^a\.tgz: cannot be unpacked: it is compressed twice$/);
    assert.deepEqual(readdirSync(target), []);
  });

  it('refuses too many files', async () => {
    const many = Array.from({ length: 10 }, (_, index) => ({ path: `package/${index}` }));

    await refused(archive(...many), /^a\.tgz: holds more than 5 files and folders$/, {
      ...PACKAGE_LIMITS,
      files: 5,
    });
  });

  for (const [what, bytes] of [
    ['is no archive', Buffer.from('no archive')],
    ['is no archive inside', gzipSync(Buffer.alloc(2048, 'x'))],
    ['is cut off', undefined],
  ] as const) {
    it(`refuses a file that ${what}`, async () => {
      const file = archive({ path: 'package/large', text: 'x'.repeat(20_000) });
      if (bytes === undefined) truncateSync(file, statSync(file).size - 20);
      else writeFileSync(file, bytes);

      await refused(file, /^a\.tgz: cannot be unpacked: /);
    });
  }
});
