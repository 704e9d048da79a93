import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { explained } from '../../../src/extension-host/explain-load-error.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe("an error of loading a plugin's module", () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('load');
  });
  afterEach(() => folder.dispose());

  const load = async (name: string, source: string): Promise<string> => {
    const file = join(folder.path, name);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, source);
    try {
      await import(pathToFileURL(file).href);
    } catch (error) {
      return (explained(error, folder.path) as Error).message;
    }
    return 'loaded';
  };

  for (const [what, name, source, found] of [
    ['require', 'a.cjs', "require('no-such/lib.js')", 'no-such/lib.js'],
    ['import', 'a.mjs', "import '@no/such';", '@no/such'],
  ] as const) {
    it(`by ${what} of a package that the plugin does not hold says to bundle it, and how`, async () => {
      const message = await load(name, source);
      assert(
        message.startsWith(
          `there is no package "${found}" in the plugin. Bundle it into the code: "esbuild `,
        ),
        message,
      );
      assert.match(message, /or name it in "bundleDependencies" too\.$/);
    });
  }

  it('says the same of one that is hoisted or linked, which the plugin may not read', () => {
    const resource = '/home/author/node_modules/hoisted/index.js';
    const denied = Object.assign(new Error('Access to this API has been restricted'), {
      code: 'ERR_ACCESS_DENIED',
      resource,
    });
    const { message } = explained(denied, folder.path) as Error;
    assert(message.startsWith(`it may not read ${resource}, which is not in its folder.`), message);
    assert.match(message, /a package that it needs: Bundle it into the code: "esbuild /);
  });

  it('says where the code of CommonJS does not parse', async () => {
    assert.match(await load('dist/a.cjs', 'let a;\nlet a;\n'), /^dist\/a\.cjs:2: .*already been declared/);
  });

  it('stays as it is for anything else', async () => {
    assert.match(await load('a.cjs', "require('./gone.cjs')"), /^Cannot find module '\.\/gone\.cjs'/);
    assert.equal(await load('b.cjs', "throw new Error('on purpose')"), 'on purpose');
    assert.equal(explained('text', folder.path), 'text');
  });
});
