import assert from 'node:assert/strict';
import { PackagePaths, pathProblem } from '../../../../src/plugins/library/package-paths.js';

describe('paths in a package', () => {
  for (const path of [
    'package/dist/extension.js',
    'package/.vscode/settings.json',
    'package/node_modules/@scope/name/index.js',
    'package/Grüße, Welt (2).md',
    'package/console.js',
    'package/👩‍🚀.png',
    `package/${'a'.repeat(200)}`,
    `${'a/'.repeat(23)}a`,
  ]) {
    it(`are taken: ${path}`, () => assert.equal(pathProblem(path), undefined));
  }

  for (const [path, problem] of [
    [`package/${'a'.repeat(201)}`, /^has a name of more than 200 bytes$/],
    [`package/${'ü'.repeat(101)}`, /^has a name of more than 200 bytes$/],
    [`${'a/'.repeat(24)}a`, /^is more than 24 folders deep$/],
    ['ab/'.repeat(200), /^is longer than 400 bytes$/],
    ['package//a', /^has a part without a name$/],
    ['package/./a', /^has a part without a name$/],
    ['package/NUL', /Windows/],
    ['package/lpt1.txt', /Windows/],
    ['package/a ', /Windows/],
    ['package/a?', /Windows/],
    ['package/\ufffd', /cannot be printed/],
    ['package/a\0b', /cannot be printed/],
  ] as const) {
    it(`are refused: ${JSON.stringify(path).slice(0, 30)}`, () =>
      assert.match(pathProblem(path) ?? '', problem));
  }

  it('count with their parent folders, each once', () => {
    const paths = new PackagePaths();
    for (const path of ['a/b/c', 'a/b/d', 'a/e']) assert.equal(paths.add(path, false), undefined);
    assert.equal(paths.add('a/b', true), undefined, 'a folder that is named after its files');
    assert.equal(paths.count, 5);
    assert.match(paths.add('a/b', false) ?? '', /more than once/);
    assert.match(paths.add('A/x', false) ?? '', /only in case/);
  });
});
