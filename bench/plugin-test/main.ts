// The whole process of `bulkhead plugin test` on a plugin with one test, beside mocha alone on the same test, in turn.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writePlugin } from '../../test/support/plugins.js';
import { tempDir } from '../../test/support/temp.js';
import { median, summary } from '../support/statistics.js';
import { atMost } from '../support/targets.js';

const ROUNDS = Number(process.argv[2] ?? 10);

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = tempDir('bench');

/** How long a program takes from its start to its end, ms. Throws when it fails. */
function time(...args: readonly string[]): number {
  const startedMs = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stdout}${stderr}`);
  return performance.now() - startedMs;
}

const bulkheadMs: number[] = [];
const mochaMs: number[] = [];
try {
  // It starts no plugin, which mocha alone could not.
  const plugin = writePlugin(folder.path, 'one-test', {
    source: 'export function activate() {}',
    files: {
      'test/one.test.mjs': `import assert from 'node:assert/strict'; it('adds', () => assert.equal(1 + 1, 2));`,
    },
  });
  for (let round = 0; round <= ROUNDS; round++) {
    const ours = time(join(root, 'dist', 'bin', 'bulkhead.cjs'), 'plugin', 'test', plugin);
    const plain = time(
      join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'),
      '--no-config',
      join(plugin, 'test', 'one.test.mjs'),
    );
    // The first round fills the disk caches.
    if (round === 0) continue;
    bulkheadMs.push(ours);
    mochaMs.push(plain);
  }
} finally {
  folder.dispose();
}
const ratios = bulkheadMs.map((ms, round) => ms / (mochaMs[round] ?? Number.NaN));
console.log(`bulkhead plugin test: ${summary(bulkheadMs)} ms; mocha alone: ${summary(mochaMs)} ms`);
console.log(
  `ratio, median of ${ROUNDS}: ${median(ratios).toFixed(2)} ${atMost(median(ratios), 2)}; all: ${summary(ratios, 2)}`,
);
