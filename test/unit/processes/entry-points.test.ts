import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryPoint, packageRoot } from '../../../src/core/processes/entry-points.js';
import { tempDir } from '../../support/temp.js';

describe('entry points', () => {
  it('are found below the package, wherever the running code is', () => {
    const folder = tempDir('package');
    try {
      writeFileSync(join(folder.path, 'package.json'), '{ "name": "bulkhead" }');
      for (const inner of ['dist/bin', 'dist/src/core/processes']) {
        mkdirSync(join(folder.path, inner), { recursive: true });
        writeFileSync(join(folder.path, inner, 'package.json'), '{ "type": "module" }');
        const root = packageRoot(join(folder.path, inner, 'file.js'));
        assert.equal(root, folder.path);
        assert.equal(entryPoint('extension-host', root), join(folder.path, 'dist/bin/extension-host.cjs'));
      }
    } finally {
      folder.dispose();
    }
  });

  it('are not guessed outside of it', () => {
    const folder = tempDir('package');
    try {
      assert.throws(() => packageRoot(join(folder.path, 'file.js')), /no package\.json of bulkhead/);
    } finally {
      folder.dispose();
    }
  });
});
