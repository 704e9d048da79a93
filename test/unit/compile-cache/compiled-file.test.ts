import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { CompiledFile } from '../../../src/compile-cache/compiled-file.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('CompiledFile', () => {
  let folder: TempDir;
  let file: CompiledFile;
  beforeEach(() => {
    folder = tempDir('compiled');
    file = new CompiledFile(join(folder.path, 'compiled'), 'core');
  });
  afterEach(() => folder.dispose());

  const path = () => {
    const [name, ...others] = readdirSync(join(folder.path, 'compiled'));
    assert.deepEqual(others, []);
    return join(folder.path, 'compiled', name ?? '');
  };

  it('is empty where there is none', () => {
    assert.equal(file.read().size, 0);
  });

  it('has what was written into it', () => {
    const module = fc.record({
      source: fc.string(),
      code: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), module), (modules) => {
        file.write(new Map(Object.entries(modules)));
        const read = [...file.read()];
        assert.deepEqual(
          read.map(([name, { source, code }]) => [name, source, code.toString('hex')]),
          Object.entries(modules).map(([name, { source, code }]) => [name, source, code.toString('hex')]),
        );
      }),
    );
  });

  it('is empty when a bit has changed, or bytes are missing or too many', () => {
    file.write(new Map([['core.cjs', { source: '1', code: Buffer.from('compiled code') }]]));
    const whole = readFileSync(path());
    fc.assert(
      fc.property(fc.nat(whole.length * 8 - 1), fc.nat(whole.length - 1), (bit, length) => {
        const changed = Buffer.from(whole);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        for (const damaged of [changed, whole.subarray(0, length), Buffer.concat([whole, Buffer.alloc(4)])]) {
          writeFileSync(path(), damaged);
          assert.equal(file.read().size, 0);
        }
      }),
    );
  });
});
