import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { API_VERSION } from '../../../src/protocol/extension-host.js';

const folder = join(packageRoot(), 'extension-api');

describe('the package @bulkhead/extension-api', () => {
  it('has the version that the extension host implements', () => {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    assert.equal(version, API_VERSION);
  });

  for (const [how, code] of [
    ['import', "await import('@bulkhead/extension-api')"],
    ['require', "require('@bulkhead/extension-api')"],
  ] as const) {
    it(`reports the problem if ${how} loads it outside a host`, async () => {
      const run = promisify(execFile)(process.execPath, ['-e', `(async () => { ${code} })()`], {
        cwd: folder,
      });
      await assert.rejects(
        run,
        /@bulkhead\/extension-api works only inside Bulkhead: .*bulkhead live --plugins DIR/,
      );
    });
  }
});
