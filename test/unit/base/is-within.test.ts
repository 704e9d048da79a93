import assert from 'node:assert/strict';
import { isWithin, isWithinOrSame } from '../../../src/base/is-within.js';

describe('whether a path lies within a folder', () => {
  for (const [path, folder, within, orSame] of [
    ['/a/b/c', '/a/b', true, true],
    ['/a/b/..foo', '/a/b', true, true],
    ['/a/b/...', '/a/b', true, true],
    ['/a/b', '/', true, true],
    ['/a/b', '/a/b', false, true],
    ['/a/b/', '/a/b', false, true],
    ['/a/bc', '/a/b', false, false],
    ['/a', '/a/b', false, false],
    ['/a/b/../c', '/a/b', false, false],
  ] as const) {
    it(`${path} in ${folder}: ${within}, or the same: ${orSame}`, () => {
      assert.deepEqual([isWithin(path, folder), isWithinOrSame(path, folder)], [within, orSame]);
    });
  }
});
