import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findApiPackage, ownApiPackage } from '../../../../src/core/extension-hosts/isolation/api-package.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe('the API package of a plugin', () => {
  let folder: TempDir;
  let main: string;

  beforeEach(() => {
    folder = tempDir('api');
    main = join(folder.path, 'plugins', 'one', 'main.js');
  });

  afterEach(() => folder.dispose());

  function install(below: string, target: string): string {
    const scope = join(folder.path, below, 'node_modules', '@bulkhead');
    mkdirSync(scope, { recursive: true });
    symlinkSync(target, join(scope, 'extension-api'));
    return join(scope, 'extension-api');
  }

  it('is the nearest one above', async () => {
    assert.equal(await findApiPackage(main), undefined);
    const far = install('.', ownApiPackage());
    assert.deepEqual(await findApiPackage(main), { path: far, realPath: ownApiPackage() });
    const near = install('plugins/one', ownApiPackage());
    assert.equal((await findApiPackage(main))?.path, near);
  });

  it('is not a folder that a plugin puts in its place', async () => {
    const secrets = join(folder.path, 'secrets');
    mkdirSync(secrets);
    install('plugins/one', secrets);
    assert.equal(await findApiPackage(main), undefined);
    writeFileSync(join(secrets, 'package.json'), '{"name":"other"}');
    assert.equal(await findApiPackage(main), undefined);
  });
});
