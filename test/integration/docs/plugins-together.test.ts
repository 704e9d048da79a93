import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stop, transform } from 'esbuild';
import { ExtensionHosts } from '../../../src/core/extension-hosts/hosts/extension-hosts.js';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { fencedBlocks } from '../../support/markdown.js';
import { pluginHosting } from '../../support/plugin-hosting.js';
import { hostLaunchers, writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { runPluginTest } from '../plugin-test/run-plugin-test.js';

describe('the plugins of docs/plugin-reference.md that work together', () => {
  const blocks = fencedBlocks(readFileSync(join(packageRoot(), 'docs', 'plugin-reference.md'), 'utf8'));
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('docs-together');
  });
  afterEach(() => folder.dispose());

  const block = (file: string) => {
    const found = blocks.find(({ info }) => info.includes(`file="${file}"`));
    return found?.body.join('\n') ?? assert.fail(`there is no block for ${file}`);
  };
  const compiled = async (source: string) => {
    try {
      return (await transform(source, { loader: 'ts', format: 'cjs' })).code;
    } finally {
      await stop();
    }
  };
  const write = async (name: string, files: Readonly<Record<string, string>> = {}) =>
    writePlugin(folder.path, name, {
      ...{ type: 'cjs', installed: true, files },
      source: await compiled(block(`${name}/src/extension.ts`)),
      manifest: {
        publisher: 'someone',
        ...(JSON.parse(`{${block(`${name}/package.json`)}}`) as object),
      },
    });

  it('do so', async () => {
    const notices: string[] = [];
    const container = pluginHosting({
      launchers: hostLaunchers('in a process of its own'),
      folder: join(folder.path, '.stored'),
      notices: { notice: ({ message }) => void notices.push(message) },
    });
    const commands = container.get(CommandRegistry);
    const hosts = container.get(ExtensionHosts);
    try {
      hosts.setPlugins([await write('greeter'), await write('raids')]);
      await eventually('the greeter', () => commands.list().includes('greeter.who') || undefined);
      assert.equal(await commands.execute('greeter.who'), 'nobody');
      await commands.execute('raids.report', [{ from: 'somebody', viewers: 120 }]);
      assert.equal(await commands.execute('greeter.who'), 'somebody');
      await eventually('the greeting', () => notices.includes('somebody is raiding!') || undefined);
    } finally {
      await hosts.shutDown();
      container.unbindAll();
    }
  });

  it('are tested as it says', async () => {
    const test = 'test/raids.test.ts';
    const { code, stdout, stderr } = await runPluginTest(
      await write('greeter', { [test]: block(`greeter/${test}`) }),
    );
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /1 passing/);
  });
});
