import assert from 'node:assert/strict';
import { mentions } from '../../../src/base/stack-frames.js';
import { pluginApis } from '../../../src/extension-host/plugin-apis.js';
import { PluginScope } from '../../../src/extension-host/plugin-scope.js';
import { runFresh } from './fresh-process.js';
import { HostPair, pluginDescription } from './host-pair.js';

describe('the APIs of the plugins of a process', () => {
  let pair: HostPair;

  beforeEach(() => {
    pair = new HostPair();
  });
  afterEach(() => pair.dispose());

  const scopeOf = (path: string) =>
    new PluginScope({ ...pluginDescription('bound', { path }), tier: 'standard' }, { report: () => {} });

  it('act for the scope that was bound last, until that one is unbound', () => {
    const path = '/plugins/bound/twice';
    const [first, second] = [scopeOf(path), scopeOf(path)];
    const { api } = pluginApis.prepare(path);
    pluginApis.bind(first, pair.services);
    pluginApis.bind(second, pair.services);
    assert.equal(pluginApis.prepare(path).api, api);
    pluginApis.unbind(first);
    assert.equal(api.env.isolationTier, 'standard');
    for (let times = 0; times < 2; times++) {
      pluginApis.unbind(second);
      assert.throws(() => api.env.isolationTier, /the plugin in \/plugins\/bound\/twice is no longer active/);
    }
    pluginApis.unbind(scopeOf('/plugins/never/bound'));
  });

  it('are found by a file in the folder of the plugin, and by no other', () => {
    for (const [text, found] of [
      ['at x (/plugins/one/main.js:1:1)', true],
      ['at file:///plugins/one/main.mjs:1:1', true],
      ['at x (/plugins/one-more/main.js:1:1)', false],
      ['at file:///plugins/one-more/main.mjs:1:1', false],
      ['', false],
    ] as const)
      assert.equal(mentions(text, '/plugins/one'), found, text);
    assert.equal(mentions('at file:///plug%20ins/one/main.mjs:1:1', '/plug ins/one'), true);
  });

  it('need no lookup for a single plugin, and are looked up in the stack or by the importer for several', async () => {
    const result = await runFresh(`
      import { runInThisContext } from 'node:vm';
      import { pluginApis } from '../../../src/extension-host/plugin-apis.js';
      const failure = (get) => { try { get(); } catch ({ message }) { return message; } };
      const seen = [failure(() => pluginApis.apiFor('/plugins/one/main.js')), pluginApis.shared];
      const one = pluginApis.prepare('/plugins/one').api;
      seen.push(pluginApis.shared, pluginApis.apiFor() === one, pluginApis.apiFor('/elsewhere/main.js') === one);
      const two = pluginApis.prepare('/plugins/two').api;
      seen.push(pluginApis.shared, failure(() => pluginApis.apiFor()), failure(() => pluginApis.apiFor('/elsewhere/main.js')));
      seen.push(pluginApis.apiFor('/plugins/two/main.js') === two, pluginApis.apiFor('file:///plugins/one/main.js') === one);
      const call = runInThisContext('(get) => get()', { filename: '/plugins/two/main.js' });
      const deep = (depth) => (depth === 0 ? pluginApis.apiFor() : deep(depth - 1));
      Error.stackTraceLimit = 5;
      seen.push(call(() => deep(0)) === two, call(() => deep(40)) === two, Error.stackTraceLimit);
      process.stdout.write(JSON.stringify(seen));`);
    const unknown =
      'Cannot determine which plugin requested @bulkhead/extension-api, since several share this process. ' +
      "Import it from a file in the plugin's own folder.";
    assert.deepEqual(result, [
      ...[unknown, false],
      ...[false, true, true],
      ...[true, unknown, unknown],
      ...[true, true],
      ...[true, true, 5],
    ]);
  });
});
