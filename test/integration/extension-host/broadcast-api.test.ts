import assert from 'node:assert/strict';
import { PluginBench, type PluginSource, places, until } from '../../support/plugins.js';

const marking = (name: string): PluginSource => ({
  source: `
    import { broadcast, commands } from '@bulkhead/extension-api';
    const received = [];
    export function activate({ subscriptions }) {
      broadcast.onDidAddMarker(({ label, plugin }) => received.push([label, plugin]), undefined, subscriptions);
      commands.registerCommand('${name}.mark', async (label) => (await broadcast.addMarker(label)).plugin);
      commands.registerCommand('${name}.command', (label) => commands.executeCommand('bulkhead.addMarker', label));
      commands.registerCommand('${name}.received', () => [received, broadcast.markers.map(({ label }) => label)]);
    }`,
  manifest: { permissions: ['broadcast.marker'] },
});

const splicing = (entry: 'import' | 'require'): PluginSource => ({
  type: entry === 'import' ? 'esm' : 'cjs',
  source: `
    ${
      entry === 'import'
        ? `import { broadcast } from '@bulkhead/extension-api/proposed'; import { commands } from '@bulkhead/extension-api';`
        : `const { broadcast } = require('@bulkhead/extension-api/proposed'); const { commands } = require('@bulkhead/extension-api');`
    }
    const gaps = [];
    const activate = () => {
      commands.registerCommand('test.listen', () => { broadcast.onDidSplice(({ gapMs }) => gaps.push(gapMs)); });
      commands.registerCommand('test.gaps', () => gaps);
    };
    ${entry === 'import' ? 'export { activate };' : 'exports.activate = activate;'}`,
  manifest: { publisher: 'me', enabledApiProposals: ['broadcastSplices'] },
});

for (const place of places) {
  describe(`the broadcast for plugins in hosts ${place}`, () => {
    let bench: PluginBench;

    beforeEach(() => {
      bench = new PluginBench(place);
    });

    afterEach(() => bench.end());

    const run = (command: string, ...args: unknown[]) => bench.commands.execute(command, args);

    it('has markers, which are reported to all plugins', async () => {
      await bench.run('one', marking('one'));
      await assert.rejects(run('one.mark', 'too early'), /not on air/);
      bench.broadcast.become('live');
      assert.equal(await run('one.mark', 'kick-off'), 'one');
      await bench.run('two', { ...marking('two'), manifest: {} });
      bench.broadcast.addMarker('goal');
      await assert.rejects(run('two.mark', 'no'), {
        code: 'permission.denied',
        message: /the plugin "two" failed: the command "two.mark": the plugin "two" may not mark moments/,
        remedy: 'Add "broadcast.marker" to "permissions" in its package.json.',
      });
      await assert.rejects(run('one.mark', 5), /a marker's label is text/);

      assert.deepEqual(await run('one.received'), [
        [
          ['kick-off', 'one'],
          ['goal', null],
        ],
        ['kick-off', 'goal'],
      ]);
      assert.deepEqual(await run('two.received'), [[['goal', null]], ['kick-off', 'goal']]);
      bench.broadcast.markers.clear();
      bench.broadcast.addMarker('next');
      assert.deepEqual(((await run('one.received')) as unknown[])[1], ['next']);
    });

    for (const [why, options] of [
      ['in development', { source: 'development' }],
      ['that the streamer allows it to', { allowApiProposals: { 'me.test': ['broadcastSplices'] } }],
    ] as const) {
      for (const installed of [true, false]) {
        for (const entry of ['import', 'require'] as const) {
          it(`gives a proposed API to a plugin ${why}, by ${entry}, ${installed ? 'with' : 'without'} the package`, async () => {
            const host = bench.host([bench.write('test', { ...splicing(entry), installed })], options);
            host.start();
            await until(host, 'running', ({ state }) => state === 'running');
            await run('test.listen');
            bench.broadcast.splice({ gapMs: 203, timestampMs: 9000 });

            assert.deepEqual(await run('test.gaps'), [203]);
          });
        }
      }
    }

    it('denies a proposed API to others, and explains what to do', async () => {
      await bench.run('test', splicing('import'));
      await assert.rejects(
        run('test.listen'),
        /broadcast\.onDidSplice is a proposed API, which the plugin "me\.test" may not use\. It works in "bulkhead plugin dev", or once the streamer sets "allowApiProposals": { "me\.test": \["broadcastSplices"\] }/,
      );
      bench.broadcast.splice({ gapMs: 203, timestampMs: 9000 });
      assert.deepEqual(await run('test.gaps'), []);
    });

    it('explains where a plugin has to name a proposed API', async () => {
      const unnamed = { ...splicing('import'), manifest: { publisher: 'me' } };
      const host = bench.host([bench.write('test', unnamed)], {
        allowApiProposals: { 'me.test': ['broadcastSplices'] },
      });
      host.start();
      await until(host, 'running', ({ state }) => state === 'running');

      await assert.rejects(run('test.listen'), /Add "broadcastSplices" to "enabledApiProposals"/);
    });
  });
}
