import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { version } from '../../src/version.js';

describe('version', () => {
  it('is the one in package.json', () => {
    const { version: expected } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    assert.equal(version, expected);
  });
});
