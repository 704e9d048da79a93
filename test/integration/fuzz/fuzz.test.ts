import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../../support/temp.js';

describe('npm run fuzz', function () {
  this.timeout(120_000);

  it('runs every target for a moment and finds nothing', () => {
    const folder = tempDir('fuzz');
    try {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [join(process.cwd(), 'dist', 'fuzz', 'main.js'), '2', '--seed', '1'],
        { cwd: folder.path, encoding: 'utf8' },
      );
      assert.equal(status, 0, stderr + stdout);
      const rows = stdout.split('\n').filter((line) => line.startsWith('| '));
      assert.ok(rows.length >= 15, stdout);
      for (const row of rows.slice(2)) assert.match(row, /^\| [\w-]+ \| [1-9]\d* \| .* \| 0 \|$/);
      assert.equal(existsSync(join(folder.path, 'fuzz-findings')), false);
    } finally {
      folder.dispose();
    }
  });

  it('lists the available targets', () => {
    const main = join(process.cwd(), 'dist', 'fuzz', 'main.js');
    const { status, stderr } = spawnSync(process.execPath, [main, '1', '--target', 'x'], {
      encoding: 'utf8',
    });
    assert.equal(status, 64);
    assert.match(stderr, /^There is no target "x": flv, /);
  });
});
