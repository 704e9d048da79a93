import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { tempDir } from '../../support/temp.js';

const TOOL = join(packageRoot(), 'scripts', 'api-reference');
const ENTRIES = ['index', 'proposed', 'testing'];

describe('the reference of the API', () => {
  it('has every public member, and refuses one without documentation', () => {
    const folder = tempDir('api-reference');
    try {
      for (const entry of ['src', 'tsconfig.json', 'package.json']) {
        cpSync(join(packageRoot(), 'extension-api', entry), join(folder.path, entry), { recursive: true });
      }
      const make = () =>
        spawnSync(
          process.execPath,
          [
            join(TOOL, 'node_modules', 'typedoc', 'bin', 'typedoc'),
            ...['--options', join(TOOL, 'typedoc.json'), '--emit', 'none'],
            ...['--tsconfig', join(folder.path, 'tsconfig.json')],
            ...ENTRIES.flatMap((name) => ['--entryPoints', join(folder.path, 'src', `${name}.ts`)]),
          ],
          { encoding: 'utf8', cwd: folder.path },
        );
      const complete = make();
      assert.equal(complete.status, 0, complete.stdout + complete.stderr);

      appendFileSync(
        join(folder.path, 'src', 'index.ts'),
        '/** More. */\nexport interface More {\n  readonly secretly: string;\n}\n',
      );
      const incomplete = make();
      assert.notEqual(incomplete.status, 0);
      assert.match(
        incomplete.stdout + incomplete.stderr,
        /More\.secretly .* does not have any documentation/,
      );
    } finally {
      folder.dispose();
    }
  });
});
