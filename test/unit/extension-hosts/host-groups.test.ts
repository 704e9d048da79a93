import assert from 'node:assert/strict';
import { groupByHost, placeOf } from '../../../src/core/extension-hosts/hosts/host-groups.js';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';
import { installedPlugin } from '../plugins/installed-plugin.js';

const member = (id: string, more: Partial<InstalledPlugin> = {}): InstalledPlugin => ({
  ...installedPlugin(id),
  hostGroup: { name: 'me/tools', isModule: false },
  ...more,
});

describe('groups of plugins that share a host', () => {
  const together = (...plugins: InstalledPlugin[]) => groupByHost(plugins).size === 1;

  it('contain plugins that name the same group, from the same source and with the same permissions', () => {
    assert.ok(together(member('b'), member('a')));
    assert.ok(!together(member('a'), member('b', { hostGroup: { name: 'other/tools', isModule: false } })));
    assert.ok(!together(member('a', { source: 'library' }), member('b', { source: 'folder' })));
    assert.ok(!together(member('a'), member('b', { granted: ['network'] })));
    assert.ok(!together(installedPlugin('a'), installedPlugin('b')));
    assert.ok(!together(member('a'), member('b', { optionalPermissions: ['scenes'] })));
  });

  it('are not joined by a permission that reads like several', () => {
    const victim = member('a', { granted: ['file:read:~/Music', 'network'] });
    assert.ok(!together(victim, member('b', { granted: ['file:read:~/Music network'] })));
  });

  it('contain no plugin in development, and no ES modules if Node cannot tell them apart', () => {
    assert.ok(!together(member('a', { source: 'development' }), member('b', { source: 'development' })));
    const module = member('a', { hostGroup: { name: 'me/tools', isModule: true } });
    assert.deepEqual(placeOf(module, true), placeOf(member('b'), true));
    assert.match(placeOf(module, false).aloneBecause ?? '', /ES module/);
    assert.equal(placeOf(module, false).key, 'a');
  });
});
