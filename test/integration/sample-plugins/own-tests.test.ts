import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { runPluginTest } from '../plugin-test/run-plugin-test.js';

const SAMPLES = join(packageRoot(), 'sample-plugins');

describe('the sample plugins’ own tests, by bulkhead plugin test', () => {
  const folders = readdirSync(SAMPLES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of folders) {
    it(name, async () => {
      const { code, stdout, stderr } = await runPluginTest(join(SAMPLES, name));
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /[1-9]\d* passing/);
    });
  }
});
