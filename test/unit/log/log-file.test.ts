import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogFile } from '../../../src/core/log/log-file.js';
import { LogWriter } from '../../../src/core/log/log-writer.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const LIMITS = { fileBytes: 1000, files: 3 };

describe('LogFile', () => {
  let folder: TempDir;
  let files: LogFile[];
  let lost: string[];

  beforeEach(() => {
    folder = tempDir('log');
    files = [];
    lost = [];
  });

  afterEach(async () => {
    for (const file of files) await file.close();
    folder.dispose();
  });

  const open = (path = join(folder.path, 'logs', 'core.log')) => {
    const file = new LogFile(path, LIMITS);
    files.push(file);
    const writer = new LogWriter(file, ({ code }) => lost.push(code ?? ''));
    const write = async (...lines: string[]) => {
      for (const line of lines) {
        writer.write(`${line}\n`);
        await writer.flush(10_000);
      }
    };
    return { write, writer };
  };
  const read = (name: string) => readFileSync(join(folder.path, 'logs', name), 'utf8');
  const names = () => readdirSync(join(folder.path, 'logs')).sort();
  const line = (n: number) => `${n} `.padEnd(99, 'x');

  it('creates its folder, and a file readable only by its user', async () => {
    await open().write('one');
    assert.equal(read('core.log'), 'one\n');
    if (process.platform !== 'win32') {
      assert.equal(statSync(join(folder.path, 'logs', 'core.log')).mode & 0o777, 0o600);
    }
  });

  it('rotates by size while it is written to, and limits the number of files', async () => {
    const { write } = open();
    for (let n = 0; n < 45; n++) await write(line(n));
    assert.deepEqual(names(), ['core.log', 'core.log.1', 'core.log.2']);
    const kept = ['core.log.2', 'core.log.1', 'core.log'].map(read).join('').split('\n').slice(0, -1);
    assert.deepEqual(
      kept,
      Array.from({ length: 25 }, (_, i) => line(i + 20)),
    );
    for (const name of names()) assert.ok(statSync(join(folder.path, 'logs', name)).size <= LIMITS.fileBytes);
  });

  it('stays within its limit in a flood, with each line once and in order', async () => {
    const { writer } = open();
    for (let n = 0; n < 3000; n++) {
      writer.write(`${line(n)}\n`);
      if (n % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await writer.flush(10_000);
    const kept = names().reverse().map(read).join('').split('\n').slice(0, -1);
    const numbers = kept.map((text) => Number.parseInt(text, 10));
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].sort((a, b) => a - b),
    );
    assert.equal(numbers.at(-1), 2999);
  });

  it('appends to the file of an earlier run, and rotates one that is already too large', async () => {
    mkdirSync(join(folder.path, 'logs'));
    writeFileSync(join(folder.path, 'logs', 'core.log'), 'x'.repeat(5000));
    await open().write('new');
    assert.equal(read('core.log'), 'new\n');
    await open().write('newer');
    assert.equal(read('core.log'), 'new\nnewer\n');
    assert.equal(read('core.log.1').length, 5000);
  });

  it('opens the new file when another core has rotated it', async () => {
    const one = open();
    const other = open();
    for (let n = 0; n < 12; n++) {
      await one.write(line(n));
      await other.write(`${line(n)}`);
    }
    const kept = names().reverse().map(read).join('').split('\n').slice(0, -1);
    assert.deepEqual(
      kept,
      Array.from({ length: 24 }, (_, i) => line(Math.floor(i / 2))),
    );
  });

  it('loses lines while its folder cannot be made, and writes again when it can', async () => {
    writeFileSync(join(folder.path, 'logs'), 'a file in its place');
    const { write } = open();
    await write('one', 'two');
    rmSync(join(folder.path, 'logs'));
    await write('three');
    assert.deepEqual(lost, ['EEXIST']);
    assert.equal(read('core.log'), 'three\n');
  });

  it('never rotates anything but a regular file', async () => {
    const { write } = open('/dev/null');
    for (let n = 0; n < 30; n++) await write(line(n));
    assert.deepEqual(lost, []);
  });
});
