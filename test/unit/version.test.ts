import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { version } from '../../src/version.js';

describe('version', () => {
  for (const file of ['package.json', 'plugin-tools/package.json']) {
    it(`is the one in ${file}`, () => {
      const { version: expected } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
      assert.equal(version, expected);
    });
  }
});
