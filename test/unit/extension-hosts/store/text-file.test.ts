import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TextFile } from '../../../../src/core/extension-hosts/store/text-file.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe("a file of a plugin's texts", () => {
  let folder: TempDir;
  let path: string;
  let damaged: string[];

  beforeEach(() => {
    folder = tempDir('texts');
    path = join(folder.path, 'state', 'p.json');
    damaged = [];
  });

  afterEach(() => folder.dispose());

  const open = (quotaBytes = 1000) =>
    new TextFile({
      name: 'state of the plugin "p"',
      path,
      quotaBytes,
      onDamage: (file) => damaged.push(file),
    });

  it('keeps them across a restart, readable only by its owner', async () => {
    const file = open();
    assert.deepEqual(await file.all(), {});
    await file.set('a', 'one');
    await file.set('b', 'two');
    await file.set('a', null);
    await file.set('__proto__', 'three');

    assert.deepEqual(Object.entries(await open().all()), [
      ['b', 'two'],
      ['__proto__', 'three'],
    ]);
    assert.equal(await open().get('b'), 'two');
    assert.deepEqual(await open().keys(), ['b', '__proto__']);
    assert.deepEqual(readdirSync(join(folder.path, 'state')), ['p.json']);
    if (process.platform !== 'win32') {
      assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.equal(statSync(join(folder.path, 'state')).mode & 0o777, 0o700);
    }
  });

  it('creates no file without content', async () => {
    await open().set('a', null);
    assert.deepEqual(readdirSync(folder.path), []);
  });

  it('combines concurrent changes in one write, and each call waits for its own', async () => {
    const file = open(100_000);
    const sets = Array.from({ length: 1000 }, (_, index) => file.set(`key${index}`, String(index)));
    await sets[0];
    assert.equal(await open().get('key0'), '0');
    await sets[999];
    assert.equal((await open().keys()).length, 1000);
    await Promise.all(sets);
  });

  it('refuses a change over its quota, and keeps the content', async () => {
    const file = open(20);
    await file.set('key', 'é'.repeat(8));
    await assert.rejects(file.set('k', 'x'), {
      code: 'storage.quota',
      message: 'the state of the plugin "p" would take 21 bytes with "k", of 20 that it may',
    });
    await assert.rejects(file.set('key', 'x'.repeat(18)), { code: 'storage.quota' });
    assert.deepEqual(await open().all(), { key: 'é'.repeat(8) });
    await file.set('key', 'x'.repeat(17));
    await file.set('key', null);
    await file.set('k', 'x'.repeat(19));

    assert.deepEqual(await open().all(), { k: 'x'.repeat(19) });
  });

  it('lets a file that is over its quota become smaller', async () => {
    await open().set('key', 'x'.repeat(100));
    const file = open(20);
    await file.set('key', 'x'.repeat(50));
    await assert.rejects(file.set('key', 'x'.repeat(51)), { code: 'storage.quota' });
  });

  it('keeps its content if it cannot be written, and can be written later', async () => {
    const file = open();
    await file.set('a', 'one');
    const state = join(folder.path, 'state');
    renameSync(state, join(folder.path, 'aside'));
    writeFileSync(state, 'in the way');
    const failed = await Promise.allSettled([
      file.set('a', 'two'),
      file.set('a', 'three'),
      file.set('b', 'x'),
    ]);
    assert.deepEqual(
      failed.map((result) => result.status === 'rejected' && (result.reason as { code: string }).code),
      ['storage.failed', 'storage.failed', 'storage.failed'],
    );
    assert.deepEqual(await file.all(), { a: 'one' });
    rmSync(state);
    renameSync(join(folder.path, 'aside'), state);
    await file.set('b', 'two');

    assert.deepEqual(await open().all(), { a: 'one', b: 'two' });
  });

  for (const [what, text] of [
    ['cut off', '{"a":"on'],
    ['something else', '[1, 2]'],
    ['of other types', '{"a":1}'],
    ['empty', ''],
  ] as const) {
    it(`keeps a copy of a file that is ${what}, and starts with an empty one`, async () => {
      mkdirSync(join(folder.path, 'state'));
      writeFileSync(path, text);
      const file = open();
      assert.deepEqual(await file.all(), {});
      await file.set('b', 'two');

      assert.equal(damaged.length, 1);
      assert.equal(readFileSync(damaged[0] ?? '', 'utf8'), text);
      assert.deepEqual(await open().all(), { b: 'two' });
    });
  }

  it('is not treated as empty if it cannot be read', async () => {
    mkdirSync(path, { recursive: true });
    const file = open();
    await assert.rejects(file.set('a', 'one'), { code: 'storage.failed', where: path });
    rmSync(path, { recursive: true });
    await file.set('a', 'one');
    assert.equal(await open().get('a'), 'one');
  });
});
