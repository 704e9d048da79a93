import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { runPluginTest } from './run-plugin-test.js';

/** Tests cover its first and its last answer, but neither the one in between nor `never`. */
const grade = `export function grade(points) {
  if (points > 90) return 'excellent';
  if (points < 10) {
    return 'poor';
  }
  return 'fair';
}
export function never() {
  return 'never';
}
`;
const main = `import { commands } from '@bulkhead/extension-api';
import { grade } from './grade.mjs';
export function activate({ subscriptions }) {
  subscriptions.push(commands.registerCommand('counted.grade', grade));
}
`;
const spec = `import assert from 'node:assert/strict';
import { startPlugin } from '@bulkhead/extension-api/testing';
for (const [points, expected] of [[95, 'excellent'], [50, 'fair']]) {
  it('grades ' + points, async () => {
    const core = await startPlugin();
    assert.equal(await core.commands.execute('counted.grade', points), expected);
  });
}
`;
/** In TypeScript, compiled together with its imports. */
const alone = `import { grade } from '../grade.mjs';
it('grades alone', (): void => { grade(95); });
`;

/** The line counts of one file in an lcov report. */
function linesOf(report: string, file: string): Record<string, number> {
  const record = report.split('end_of_record').find((part) => part.includes(`SF:${file}\n`)) ?? '';
  const lines = [...record.matchAll(/^DA:(\d+),(\d+)$/gm)];
  return Object.fromEntries(lines.map(([, line, count]) => [line, Number(count)]));
}

describe('bulkhead plugin test --coverage', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('plugin-test');
  });
  afterEach(() => folder.dispose());

  it('measures the coverage of the plugin by all tests, without the tests themselves', async () => {
    const plugin = writePlugin(folder.path, 'counted', {
      source: main,
      installed: true,
      files: { 'grade.mjs': grade, 'test/it.test.mjs': spec, 'test/alone.test.ts': alone },
    });
    const { code, stdout, stderr } = await runPluginTest(plugin, '--coverage');
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /grade\.mjs \|\s+70 \|\s+75 \|\s+50 \|\s+71\.42 \| 4,9/);
    assert.doesNotMatch(stdout, /\.test\./);

    const report = readFileSync(join(plugin, 'coverage', 'lcov.info'), 'utf8');
    const lines = linesOf(report, 'grade.mjs');
    assert.deepEqual([lines['2'], lines['4'], lines['6'], lines['9']], [3, 0, 1, 0], report);
    assert.doesNotMatch(report, /SF:.*test/);
  });
});
