import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { tempDir } from '../../support/temp.js';

const TOOL = join(packageRoot(), 'scripts', 'api-reference');
const ENTRIES = ['index', 'proposed', 'testing'];

describe('the reference of the API', () => {
  it('has every public member, and refuses the only one without documentation', () => {
    const folder = tempDir('api-reference');
    try {
      for (const entry of ['src', 'tsconfig.json', 'package.json']) {
        cpSync(join(packageRoot(), 'extension-api', entry), join(folder.path, entry), { recursive: true });
      }
      appendFileSync(
        join(folder.path, 'src', 'index.ts'),
        '/** More. */\nexport interface More {\n  readonly secretly: string;\n}\n',
      );
      const options = {
        extends: [join(TOOL, 'typedoc.json')],
        entryPoints: ENTRIES.map((name) => join(folder.path, 'src', `${name}.ts`)),
        tsconfig: join(folder.path, 'tsconfig.json'),
        emit: 'none',
      };
      writeFileSync(join(folder.path, 'typedoc.json'), JSON.stringify(options));
      const typedoc = join(TOOL, 'node_modules', 'typedoc', 'bin', 'typedoc');
      const { status, stdout, stderr } = spawnSync(process.execPath, [typedoc], {
        encoding: 'utf8',
        cwd: folder.path,
      });
      const warnings = (stdout + stderr).split('\n').filter((line) => line.includes('[warning]'));
      assert.equal(warnings.length, 2, warnings.join('\n'));
      assert.match(warnings[0] ?? '', /More\.secretly .* does not have any documentation/);
      assert.match(warnings[1] ?? '', /Found 0 errors and 1 warnings/);
      assert.notEqual(status, 0);
    } finally {
      folder.dispose();
    }
  });
});
