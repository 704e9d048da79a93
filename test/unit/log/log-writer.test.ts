import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LogTarget, LogWriter } from '../../../src/core/log/log-writer.js';
import { type TempDir, tempDir } from '../../support/temp.js';

/** An open file. */
class FileTarget implements LogTarget {
  size = 0;
  readonly fd: number;

  constructor(readonly path: string) {
    this.fd = openSync(path, 'a');
  }

  async open(): Promise<number> {
    return this.fd;
  }

  openSync(): number {
    return this.fd;
  }

  add(bytes: number): void {
    this.size += bytes;
  }

  async close(): Promise<void> {}
}

describe('LogWriter', () => {
  let folder: TempDir;
  let targets: FileTarget[];
  let lost: string[];

  beforeEach(() => {
    folder = tempDir('log');
    targets = [];
    lost = [];
  });

  afterEach(() => {
    for (const { fd } of targets) closeSync(fd);
    folder.dispose();
  });

  const openTarget = (path: string) => {
    const target = new FileTarget(path);
    targets.push(target);
    return target;
  };
  const openWriter = (path: string) =>
    new LogWriter(
      openTarget(path),
      ({ code }) => lost.push(code ?? ''),
      (lines) => lost.push(`${lines} lines`),
    );

  it('writes lines in order', async () => {
    const file = join(folder.path, 'log');
    const writer = openWriter(file);
    const lines = Array.from({ length: 500 }, (_, i) => `line ${i}\n`);
    for (const line of lines) writer.write(line);
    await writer.flush(10_000);
    assert.equal(readFileSync(file, 'utf8'), lines.join(''));
    assert.deepEqual(lost, []);
  });

  it('writes the remaining lines in order at the exit of the process, while a write is in flight', async () => {
    const expected = ['one\n', 'two\n', `${'three'.repeat(100_000)}\n`, 'four\n', 'five\n'].join('');
    for (let round = 0; round < 50; round++) {
      const file = join(folder.path, `log-${round}`);
      const writer = openWriter(file);
      const [one = '', two = '', three = '', ...rest] = expected.split(/(?<=\n)/);
      writer.write(one);
      await writer.flush(10_000);
      writer.write(two);
      writer.write(three);
      // The write has been started, and its callback not called yet.
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      for (const line of rest) writer.write(line);
      writer.flushSync();
      // Not `equal`, which would print everything.
      assert.ok(readFileSync(file, 'utf8') === expected, `round ${round}`);
    }
  });

  it('writes nothing more to a disk that hangs, and lets the process exit', async () => {
    const target = openTarget(join(folder.path, 'log'));
    const writer = new LogWriter(target, () => {});
    writer.write('one\n');
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    // As if the write in flight never completed.
    target.size = 1_000_000;
    writer.write('two\n');
    writer.flushSync();
    assert.doesNotMatch(readFileSync(target.path, 'utf8'), /two/);
    await writer.flush(1000);
  });

  it('does not wait beyond its deadline for a target that hangs', async () => {
    const writer = new LogWriter(
      { size: undefined, open: () => new Promise(() => {}), openSync: () => -1, add() {}, async close() {} },
      () => {},
    );
    writer.write('one\n');
    await writer.flush(10);
    writer.flushSync();
  });

  it('loses lines on a full disk, reports that once, and still ends', async () => {
    const writer = openWriter('/dev/full');
    for (let round = 0; round < 3; round++) {
      writer.write('a line\n');
      await writer.flush(1000);
    }
    writer.write('the last line\n');
    writer.flushSync();
    assert.deepEqual(lost, ['ENOSPC']);
  });

  it('reports the number of lost lines once it can write again', async () => {
    const full = openTarget('/dev/full');
    const file = openTarget(join(folder.path, 'log'));
    let isFull = true;
    const writer = new LogWriter(
      {
        size: 0,
        open: async () => (isFull ? full : file).fd,
        openSync: () => file.fd,
        add() {},
        async close() {},
      },
      ({ code }) => lost.push(code ?? ''),
      (lines) => lost.push(`${lines} lines`),
    );
    writer.write('one\n');
    writer.write('two\n');
    await writer.flush(1000);
    isFull = false;
    writer.write('three\n');
    await writer.flush(1000);
    assert.deepEqual(lost, ['ENOSPC', '2 lines']);
    assert.equal(readFileSync(file.path, 'utf8'), 'three\n');
  });

  it('drops lines that a slow disk cannot write, instead of using more memory', async () => {
    const writer = openWriter(join(folder.path, 'log'));
    const line = `${'x'.repeat(99_999)}\n`;
    for (let i = 0; i < 100; i++) writer.write(line);
    await writer.flush(10_000);
    assert.ok(readFileSync(join(folder.path, 'log')).length <= 12 * line.length);
    assert.deepEqual(lost, ['90 lines']);
  });
});
