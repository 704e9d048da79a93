import assert from 'node:assert/strict';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { runFresh } from './fresh-process.js';

/** What every module of these tests begins with. `hooked` says whether Node's loader has been changed. */
const BEGIN = `
  import Module, { createRequire } from 'node:module';
  import { provideApi } from '../../../src/extension-host/api-resolution.js';
  import { pluginApis } from '../../../src/extension-host/plugin-apis.js';
  const load = Module._load;
  const hooked = () => Module._load !== load;
  const print = (value) => process.stdout.write(JSON.stringify(value));
`;

describe('how a plugin gets its API', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('resolution');
  });
  afterEach(() => folder.dispose());

  const text = (value: unknown) => JSON.stringify(value);

  /** The main module of a plugin that has the package, or has not. */
  function write(name: string, installed: boolean, source = ''): string {
    return join(writePlugin(folder.path, name, { source, installed }), 'main.mjs');
  }

  it('is by its own package, without hooks, as long as no other plugin shares the process', async () => {
    const main = write('one', true);
    const below = join(folder.path, 'one', 'dist', 'main.mjs');
    const result = await runFresh(`${BEGIN}
      const seen = [];
      pluginApis.prepare('/plugins/one');
      for (const file of ${text([main, below])}) { provideApi(file, false); seen.push(hooked()); }
      pluginApis.prepare('/plugins/two');
      provideApi(${text(main)}, false);
      seen.push(hooked());
      print(seen);`);
    assert.deepEqual(result, [false, false, true]);
  });

  it('is by hooks if its package is an empty folder', async () => {
    const main = write('one', false);
    mkdirSync(join(folder.path, 'node_modules', '@bulkhead', 'extension-api'), { recursive: true });
    const result = await runFresh(`${BEGIN}
      const { api } = pluginApis.prepare('/plugins/one');
      provideApi(${text(main)}, false);
      print([hooked(), Module._load('@bulkhead/extension-api') === api]);`);
    assert.deepEqual(result, [true, true]);
  });

  it('is by hooks if its host is to be shared', async () => {
    const result = await runFresh(`${BEGIN}
      provideApi(${text(write('one', true))}, true);
      print(hooked());`);
    assert.equal(result, true);
  });

  it('is by hooks, made once, if it has no package', async () => {
    const source = (extra: string) => `
      import { commands } from '@bulkhead/extension-api';
      import { broadcast } from '@bulkhead/extension-api/proposed';
      import { sep } from 'node:path';
      export const seen = [commands, broadcast];${extra}`;
    const main = write('one', false, source(''));
    const result = await runFresh(`${BEGIN}
      const { api } = pluginApis.prepare(${text(join(folder.path, 'one'))});
      provideApi(${text(main)}, false);
      const first = Module._load;
      provideApi(${text(main)}, false);
      const require = createRequire(${text(main)});
      const { seen } = await import(${text(pathToFileURL(main).href)});
      print([
        hooked(),
        Module._load === first,
        require('@bulkhead/extension-api') === api,
        require('@bulkhead/extension-api/proposed') === api,
        require('node:path').sep,
        seen[0] === api.commands && seen[1] === api.broadcast,
      ]);`);
    assert.deepEqual(result, [true, true, true, true, '/', true]);
  });

  it("is each plugin's own, by the file that imports it, if several share the process", async () => {
    const source = `import * as api from '@bulkhead/extension-api'; export { api };`;
    const mains = ['one', 'two'].map((name) => write(name, true, source));
    const result = await runFresh(`${BEGIN}
      const mains = ${text(mains)};
      const apis = ${text(['one', 'two'].map((name) => join(folder.path, name)))}.map((path) => pluginApis.prepare(path).api);
      provideApi(mains[0], true);
      const seen = [];
      for (const [index, main] of mains.entries()) {
        const { api } = await import('file://' + main);
        seen.push(['commands', 'broadcast', 'window', 'configuration', 'env'].every((name) => api[name] === apis[index][name]));
        seen.push(createRequire(main)('@bulkhead/extension-api') === apis[index]);
      }
      print(seen);`);
    assert.deepEqual(result, [true, true, true, true]);
  });

  it('is by the hooks that run in the same thread where Node has them', async () => {
    const result = await runFresh(`${BEGIN}
      let hooks;
      Module.registerHooks = (given) => { hooks = given; };
      const { api } = pluginApis.prepare('/plugins/one');
      provideApi('/plugins/one/main.mjs', false);
      const context = { parentURL: 'file:///plugins/one/main.mjs' };
      const next = (...args) => ['next', ...args];
      const { url, ...rest } = hooks.resolve('@bulkhead/extension-api/proposed', context, next);
      const { broadcast } = await import(url);
      print([hooks.resolve('./other.js', context, next), rest, broadcast === api.broadcast]);`);
    assert.deepEqual(result, [
      ['next', './other.js', { parentURL: 'file:///plugins/one/main.mjs' }],
      { format: 'module', shortCircuit: true },
      true,
    ]);
  });

  it('is for CommonJS alone under the permission model, which forbids the thread of the others', async () => {
    const main = write('one', false);
    // The plugin's own folder is not readable: looking for the package there fails in another way than elsewhere.
    const root = fileURLToPath(new URL('../../../../', import.meta.url));
    const readable = [root, `${realpathSync(join(root, 'node_modules'))}/`];
    const source = `${BEGIN}
      const { api } = pluginApis.prepare(${text(join(folder.path, 'one'))});
      provideApi(${text(main)}, false);
      print([hooked(), createRequire(${text(main)})('@bulkhead/extension-api') === api]);`;
    const result = await runFresh(source, [
      '--experimental-permission',
      ...readable.map((path) => `--allow-fs-read=${path}*`),
    ]);
    assert.deepEqual(result, [true, true]);
  });
});
