import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sinon from 'sinon';
import { isAlive } from '../../../../src/plugins/library/library-lock.js';
import { sourceOf } from '../../../../src/plugins/library/package-source.js';
import { type LibraryEntry, readRegistry, writeRegistry } from '../../../../src/plugins/library/registry.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe('the list of installed plugins on the disk', () => {
  let folder: TempDir;
  let file: string;

  beforeEach(() => {
    folder = tempDir('registry');
    file = join(folder.path, 'library', 'registry.json');
  });

  afterEach(() => folder.dispose());

  const entry: LibraryEntry = {
    id: 'p',
    version: '1.0.0',
    folder: 'p@1.0.0-12345678',
    enabled: true,
    granted: ['network'],
    storageMb: 512,
    spec: '/p',
    installedAt: '2026-11-29T00:00:00.000Z',
  };
  const kept = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ id: `p${index}`, spec: `/p${index}` }));

  it('is empty without a file, and read as it was written', async () => {
    assert.deepEqual(readRegistry(file), { plugins: [], kept: [] });
    await writeRegistry(file, { plugins: [entry], kept: kept(2) });
    const { plugins, kept: read } = readRegistry(file);
    assert.deepEqual([plugins, read], [[entry], kept(2)]);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder.path, 'library')).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(join(folder.path, 'library')), ['registry.json']);
  });

  it('remembers the newest 1000 removed plugins', async () => {
    await writeRegistry(file, { plugins: [], kept: kept(1005) });
    assert.deepEqual(readRegistry(file).kept, kept(1005).slice(5));
  });

  it('leaves out permissions of a newer version, and has defaults for what an older one did not write', async () => {
    await writeRegistry(file, { plugins: [entry], kept: [] });
    const written = JSON.parse(readFileSync(file, 'utf8'));
    written.plugins[0].granted.push('telepathy');
    written.plugins[0].storageMb = undefined;
    written.kept = undefined;
    writeFileSync(file, JSON.stringify(written));
    const { plugins, kept: read } = readRegistry(file);
    assert.deepEqual([plugins, read], [[entry], []]);
  });

  it('allows a plugin a megabyte at least', async () => {
    await writeRegistry(file, { plugins: [{ ...entry, storageMb: 1 }], kept: [] });
    assert.equal(readRegistry(file).plugins[0]?.storageMb, 1);
    await writeRegistry(file, { plugins: [{ ...entry, storageMb: 0 }], kept: [] });
    assert.throws(() => readRegistry(file), { code: 'library.damaged' });
  });

  for (const text of ['', '{"registry":2,"plugins":[]}', '{"registry":1,"plugins":[{"folder":"../x"}]}']) {
    it(`is refused as ${JSON.stringify(text)}`, () => {
      mkdirSync(join(folder.path, 'library'));
      writeFileSync(file, text);
      assert.throws(() => readRegistry(file), {
        code: 'library.damaged',
        where: file,
        message: `${file} is not a list of installed plugins`,
      });
    });
  }

  it('reports that it cannot be read or written, and leaves nothing behind', async () => {
    mkdirSync(file, { recursive: true });
    assert.throws(() => readRegistry(file), { code: 'library.damaged', message: /cannot be read/ });
    await assert.rejects(writeRegistry(file, { plugins: [], kept: [] }), {
      code: 'storage.failed',
      where: file,
    });
    assert.deepEqual(readdirSync(join(folder.path, 'library')), ['registry.json']);
  });
});

describe('the source of a package', () => {
  it('is its name without the version, or its whole path', () => {
    assert.deepEqual(['chat', 'chat@1.0.0', '@me/chat', '@me/chat@^1', '/plugins/chat@1'].map(sourceOf), [
      'chat',
      'chat',
      '@me/chat',
      '@me/chat',
      '/plugins/chat@1',
    ]);
  });
});

describe('the process named in a lock', () => {
  afterEach(() => sinon.restore());

  it('is alive if this user may not signal it', () => {
    const failing = (code: string) => () => {
      throw Object.assign(new Error(code), { code });
    };
    const kill = sinon.stub(process, 'kill').callsFake(failing('EPERM'));
    assert.equal(isAlive(2), true);
    kill.callsFake(failing('ESRCH'));
    assert.equal(isAlive(2), false);
  });

  it('is alive only if there is one', () => {
    assert.deepEqual([process.pid, 1, 0, -1, 1.5, Number.NaN, 999_999_999].map(isAlive), [
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
