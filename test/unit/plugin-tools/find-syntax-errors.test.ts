import assert from 'node:assert/strict';
import { findSyntaxErrors } from '../../../src/plugin-tools/find-syntax-errors.js';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe("syntax errors in a plugin's code", () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('syntax');
  });
  afterEach(() => folder.dispose());

  it('are found in every module that it loads, with file and line', () => {
    const path = writePlugin(folder.path, 'p', {
      source: "import './lib/a.js';",
      manifest: { type: 'module' },
      files: { 'lib/a.js': 'export const a = 1;\n\nconst const;' },
    });
    assert.deepEqual(
      findSyntaxErrors(path).map(({ file, line, message }) => [file, line, message]),
      [['lib/a.js', 3, "Unexpected keyword 'const'"]],
    );
  });

  it('are none where the code parses, and where there is no plugin', () => {
    assert.deepEqual(findSyntaxErrors(writePlugin(folder.path, 'p', { source: 'export const a = 1;' })), []);
    assert.deepEqual(findSyntaxErrors(folder.path), []);
    assert.deepEqual(
      findSyntaxErrors(writePlugin(folder.path, 'q', { source: '', manifest: { main: 5 } })),
      [],
    );
  });
});
