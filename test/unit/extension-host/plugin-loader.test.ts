import assert from 'node:assert/strict';
import { join } from 'node:path';
import { loadPlugin, staged } from '../../../src/extension-host/plugin-loader.js';
import { PLUGIN_STAGE_VARIABLE, type PluginDescription } from '../../../src/protocol/extension-host.js';
import { type PluginSource, writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { pluginDescription } from './host-pair.js';

/** Filled by the modules of these tests, which run in this process. */
const evaluated: string[] = [];
Object.assign(globalThis, { evaluated });

describe("a plugin's module", () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('loader');
    evaluated.length = 0;
  });
  afterEach(() => folder.dispose());

  function write(name: string, source: PluginSource): PluginDescription {
    const path = writePlugin(folder.path, name, source);
    return {
      ...pluginDescription(name, { path }),
      main: join(path, source.type === 'cjs' ? 'main.cjs' : 'main.mjs'),
    };
  }

  it('is what exports `activate`, or what it exports by default', async () => {
    const named = write('named', { source: 'export function activate() { return 1; }' });
    assert.equal(typeof (await loadPlugin(named)).activate, 'function');
    const unusual = write('unusual', {
      type: 'cjs',
      source: `const made = Object.fromEntries([['activate', () => 2]]); module.exports = made;`,
    });
    assert.equal((await loadPlugin(unusual)).activate.length, 0);
  });

  it('is refused if it exports no function `activate`', async () => {
    for (const [index, source] of [
      '',
      'export const activate = 5;',
      'export default null;',
      `export default 'text';`,
      'export default function activate() {}',
      'export default {};',
    ].entries()) {
      const plugin = write(`none-${index}`, { source });
      await assert.rejects(loadPlugin(plugin), {
        message: `${plugin.main} does not export a function "activate"`,
      });
    }
  });

  it('has stacks that name its sources, if it has a source map', async () => {
    const mapped = write('mapped', {
      type: 'cjs',
      source: `exports.activate = () => { throw new Error('lost'); };\n//# sourceMappingURL=main.cjs.map`,
      files: {
        // The whole line comes from line 5 of the source.
        'main.cjs.map': JSON.stringify({
          ...{ version: 3, file: 'main.cjs', sources: ['src/extension.ts'], names: [], mappings: 'AAIA' },
        }),
      },
    });
    const { activate } = await loadPlugin(mapped);
    let stack: string | undefined;
    try {
      await activate({} as never, {} as never);
    } catch (error) {
      stack = (error as Error).stack;
    }
    assert.match(stack ?? '', /mapped\/src\/extension\.ts:5:/);
  });

  it('is evaluated at each load, as are the modules that it requires from its own folder', async () => {
    const outside = join(folder.path, 'again-outside', 'x.cjs');
    writePlugin(folder.path, 'again-outside', {
      source: '',
      files: { 'x.cjs': `evaluated.push('outside');` },
    });
    const plugin = write('again', {
      type: 'cjs',
      source: `evaluated.push('main'); require('./part.cjs'); require(${JSON.stringify(outside)});
        exports.activate = () => {};`,
      files: { 'part.cjs': `evaluated.push('part');` },
    });
    await loadPlugin(plugin);
    assert.deepEqual(evaluated.splice(0), ['main', 'part', 'outside']);
    for (let times = 0; times < 2; times++) {
      await loadPlugin(plugin);
      assert.deepEqual(evaluated.splice(0), ['main', 'part']);
    }
  });

  it('is an ES module whose main module alone is evaluated at each load', async () => {
    const plugin = write('esm', {
      source: `import './part.mjs'; evaluated.push('main' + new URL(import.meta.url).search);
        export function activate() {}`,
      files: { 'part.mjs': `evaluated.push('part');` },
    });
    for (const expected of [['part', 'main'], ['main?load=1'], ['main?load=2']]) {
      await loadPlugin(plugin);
      assert.deepEqual(evaluated.splice(0), expected);
    }
  });

  it('is loaded from the stage that the core has made, if there is one', () => {
    assert.equal(staged('/plugins/one/dist/main.js', '/plugins/one'), '/plugins/one/dist/main.js');
    process.env[PLUGIN_STAGE_VARIABLE] = '/stage/one';
    try {
      assert.equal(staged('/plugins/one/dist/main.js', '/plugins/one'), '/stage/one/dist/main.js');
      assert.equal(staged('/plugins/one', '/plugins/one'), '/stage/one');
    } finally {
      delete process.env[PLUGIN_STAGE_VARIABLE];
    }
  });
});
