import assert from 'node:assert/strict';
import { combinePlugins } from '../../../src/plugins/combine-plugins.js';
import { Contributes } from '../../../src/plugins/contributions.js';
import type { InstalledPlugin, PluginSource } from '../../../src/plugins/installed-plugin.js';

const plugin = (
  source: PluginSource,
  id: string,
  { needs = [], command }: { needs?: string[]; command?: string } = {},
) =>
  ({
    id,
    source,
    path: `/${source}/${id}`,
    activationEvents: command === undefined ? [] : [`onCommand:${command}`],
    contributes: Contributes.parse(command === undefined ? {} : { commands: [{ command, title: command }] }),
    extensionDependencies: needs,
  }) as unknown as InstalledPlugin;

describe('plugins of several sources together', () => {
  const combine = (...plugins: InstalledPlugin[]) => {
    const { plugins: running, refused, shadowed } = combinePlugins(plugins);
    return {
      running: running.map(({ path }) => path),
      refused: refused.map((one) => one.plugin.path),
      shadowed: shadowed.map(({ path }) => path),
    };
  };

  it('are those in development before the configured ones, and these before the installed ones', () => {
    assert.deepEqual(
      combine(
        plugin('library', 'a'),
        plugin('library', 'b'),
        plugin('folder', 'a'),
        plugin('folder', 'b'),
        plugin('development', 'b'),
      ),
      {
        running: ['/development/b', '/folder/a'],
        refused: [],
        shadowed: ['/library/a', '/library/b', '/folder/b'],
      },
    );
  });

  it('may depend on one another, whatever their sources', () => {
    const { running } = combine(plugin('folder', 'a', { needs: ['b'] }), plugin('library', 'b'));
    assert.deepEqual(running, ['/folder/a', '/library/b']);
  });

  it('are refused together with their dependencies', () => {
    assert.deepEqual(
      combine(
        plugin('folder', 'a', { needs: ['b'] }),
        plugin('library', 'b', { needs: ['c'] }),
        plugin('library', 'c', { needs: ['d'] }),
        plugin('library', 'e'),
      ),
      { running: ['/library/e'], refused: ['/library/c', '/library/b', '/folder/a'], shadowed: [] },
    );
  });

  it('are refused if an earlier one has their command', () => {
    assert.deepEqual(
      combine(plugin('library', 'a', { command: 'x.do' }), plugin('folder', 'b', { command: 'x.do' })),
      { running: ['/folder/b'], refused: ['/library/a'], shadowed: [] },
    );
  });
});
