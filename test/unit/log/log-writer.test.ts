import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogWriter } from '../../../src/core/log/log-writer.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

describe('LogWriter', () => {
  let folder: TempDir;
  let fd: number;
  let lost: string[];

  beforeEach(() => {
    folder = tempDir('log');
    lost = [];
  });

  afterEach(() => {
    closeSync(fd);
    folder.dispose();
  });

  const openWriter = (file: string) => {
    fd = openSync(file, 'a');
    return new LogWriter(fd, ({ code }) => lost.push(code ?? ''));
  };

  it('writes lines in order', async () => {
    const file = join(folder.path, 'log');
    const writer = openWriter(file);
    const lines = Array.from({ length: 500 }, (_, i) => `line ${i}\n`);
    for (const line of lines) writer.write(line);
    await eventually('all are there', () =>
      readFileSync(file, 'utf8') === lines.join('') ? true : undefined,
    );
    assert.deepEqual(lost, []);
  });

  it('loses lines where there is no room, says so once, and ends all the same', async () => {
    const writer = openWriter('/dev/full');
    for (let round = 0; round < 3; round++) {
      writer.write('a line\n');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    writer.write('the last words\n');
    writer.flushSync();
    await eventually('it is told', () => (lost.length > 0 ? true : undefined));
    assert.deepEqual(lost, ['ENOSPC']);
  });

  it('writes what still waits at the end', async () => {
    const file = join(folder.path, 'log');
    const writer = openWriter(file);
    writer.write('one\n');
    writer.write('two\n');
    writer.flushSync();
    await eventually('both', () =>
      readFileSync(file, 'utf8').split('\n').sort().join() === ',one,two' ? true : undefined,
    );
  });

  it('loses what a disk that is too slow cannot take, not memory', () => {
    const writer = openWriter(join(folder.path, 'log'));
    const line = `${'x'.repeat(99_999)}\n`;
    for (let i = 0; i < 100; i++) writer.write(line);
    writer.flushSync();
    assert(readFileSync(join(folder.path, 'log')).length <= 12 * line.length);
  });
});
