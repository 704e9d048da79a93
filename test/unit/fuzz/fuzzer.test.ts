import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fuzzer } from '../../../fuzz/fuzzer.js';
import { Random } from '../../../fuzz/random.js';
import type { Target } from '../../../fuzz/target.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('the fuzzer', () => {
  let folder: TempDir;
  let fuzzer: Fuzzer;

  beforeEach(() => {
    folder = tempDir('fuzz');
    fuzzer = new Fuzzer(new Random(1), join(folder.path, 'findings'), () => {});
  });

  afterEach(() => folder.dispose());

  const run = (target: Partial<Target>) =>
    fuzzer.run({ name: 'x', seeds: [Buffer.from('abc')], run: () => {}, ...target }, 300);

  it('finds nothing in a target that accepts everything', async () => {
    const { inputs, findings } = await run({});
    assert.ok(inputs > 100, `${inputs} inputs`);
    assert.equal(findings, 0);
  });

  it('saves the input that makes a target throw or reject, once for each problem', async () => {
    for (const fail of [
      () => {
        throw new Error('not expected');
      },
      () => Promise.reject(new Error('not expected')),
    ]) {
      const before = fuzzer.findings.length;
      await run({ name: `x${before}`, run: (input) => (input.length === 5 ? fail() : undefined) });
      const [finding, ...more] = fuzzer.findings.slice(before);
      assert.equal(finding?.problem, 'Error: not expected');
      assert.equal(readFileSync(finding?.file ?? '').length, 5);
      assert.deepEqual(more, []);
    }
  });

  it('saves an input that is slow each time, but not one that was slow once', async () => {
    const spin = () => {
      for (const before = process.cpuUsage(); process.cpuUsage(before).user < 40_000; );
    };
    let slow = 0;
    await run({ name: 'once', run: () => (slow++ === 3 ? spin() : undefined) });
    assert.equal(fuzzer.findings.length, 0);
    await run({ name: 'always', run: (input) => (input.length === 5 ? spin() : undefined) });
    assert.match(fuzzer.findings[0]?.problem ?? '', /^took \d+\.\d ms of CPU$/);
  });

  it('attributes an uncaught error to the current input', async () => {
    let reported = false;
    await run({
      run: () => {
        if (!reported) fuzzer.noteStray(new Error('stray'));
        reported = true;
      },
    });
    assert.match(fuzzer.findings[0]?.problem ?? '', /^not caught: Error: stray/);
  });
});
