import assert from 'node:assert/strict';
import { announcedCommands, describePlugin, withProposals } from '../../../src/plugins/installed-plugin.js';
import { noSuchPlugin } from '../../../src/plugins/plugin-error.js';
import { installedPlugin } from './installed-plugin.js';

describe('a plugin', () => {
  const proposals = { enabledApiProposals: ['a', 'b'] as never[], apiProposals: ['b'] as never[] };

  it('is described to its host without what only the core needs', () => {
    const plugin = installedPlugin('p', {
      ...proposals,
      granted: ['network'],
      extensionDependencies: ['q'],
      optionalExtensionDependencies: ['q', 'r'],
    });
    const description = {
      id: 'p',
      version: '1.0.0',
      displayName: 'p',
      path: '/plugins/p',
      main: '/plugins/p/main.js',
      packageJson: { name: 'p', version: '1.0.0' },
      language: 'en',
      enabledApiProposals: ['a', 'b'],
      apiProposals: ['b'],
      granted: ['network'],
      storagePath: '/data/p',
      tier: 'strict',
      mode: 'production',
      shared: false,
      seen: ['p', 'q', 'r'],
    };
    assert.deepEqual(describePlugin(plugin, '/data/p', 'strict'), description);
    const developed = describePlugin({ ...plugin, source: 'development' }, '/data/p', 'none', {
      shared: true,
    });
    assert.deepEqual(developed, { ...description, tier: 'none', mode: 'development', shared: true });
    assert.equal(describePlugin(plugin, '/data/p', 'none', { mode: 'test' }).mode, 'test');
  });

  it('has the proposed APIs that it names and the streamer allows, in development all that it names', () => {
    const plugin = installedPlugin('p', { enabledApiProposals: ['a', 'b'] as never[] });
    const allowed = { p: ['b', 'c'] as never[], q: ['a'] as never[] };
    assert.deepEqual(withProposals(plugin, allowed), { ...plugin, apiProposals: ['b'] });
    assert.deepEqual(withProposals(plugin, {}).apiProposals, []);
    const developed = withProposals({ ...plugin, source: 'development' }, {});
    assert.deepEqual(developed.apiProposals, ['a', 'b']);
  });

  it('announces the commands that activate it', () => {
    const activationEvents = ['onStartupFinished', 'onCommand:p.one', 'onCommand:p.two', 'onBroadcastStart'];
    assert.deepEqual(announcedCommands(installedPlugin('p', { activationEvents })), ['p.one', 'p.two']);
  });

  it('that is missing is named', () => {
    assert.deepEqual(noSuchPlugin('p').toData(), {
      code: 'plugin.failed',
      message: 'there is no plugin "p"',
      where: 'p',
      remedy: 'See "bulkhead plugin list".',
    });
  });
});
