import assert from 'node:assert/strict';
import { PluginBench, type PluginSource, places, until } from '../../support/plugins.js';

const V1: PluginSource = {
  source: `
    export async function activate({ globalState, profileState }) {
      await globalState.update('runs', (globalState.get('runs') ?? 0) + 1);
      await profileState.update('text', 'x'.repeat(200_000));
    }`,
};
/** Its state does not fit into one message. */
const V2: PluginSource = {
  type: 'cjs',
  source: `
    module.exports = {
      activate: async ({ globalState, profileState }) => {
        await globalState.update('seen', [globalState.get('runs'), profileState.get('text')?.length]);
      },
      upgrades: [
        ({ globalState, profileState: { default: own = {} } }) => ({
          globalState: { runs: { count: globalState.runs } },
          profileState: { default: { ...own, text: own.text + 'y' } },
        }),
      ],
    };`,
};
const THROWING: PluginSource = {
  source: `
    export const upgrades = [() => ({}), function second() { throw new TypeError('no luck'); }];
    export function activate() {}`,
};
const HANGING: PluginSource = {
  source: 'export const upgrades = [() => { for (;;); }]; export function activate() {}',
};

for (const place of places) {
  describe(`upgrade scripts of a plugin ${place}`, function () {
    this.timeout(90_000);
    let bench: PluginBench;

    beforeEach(() => {
      bench = new PluginBench(place);
    });
    afterEach(() => bench.end());

    async function run(plugin: PluginSource) {
      const stub = await bench.run('p', plugin);
      await stub.stop();
    }
    const state = async () =>
      Object.fromEntries(
        Object.entries(await bench.store.state('p').all()).map(([key, text]) => [
          key,
          JSON.parse(text) as unknown,
        ]),
      );

    it('run before it is activated, once, and are taken back by the version before', async () => {
      await run(V1);
      await run(V2);
      const upgraded = { runs: { count: 1 }, seen: [{ count: 1 }, 200_001] };
      assert.deepEqual(await state(), upgraded);
      await run(V2);
      assert.deepEqual(await state(), upgraded);
      await run(V1);
      assert.deepEqual(await state(), { runs: 2 });
    });

    it('that throw keep it from being activated, and say which one it was and where', async () => {
      await run(V1);
      const stub = bench.host([bench.write('p', THROWING)]);
      stub.start();
      const { error } = await until(stub, 'failed', ({ state: now }) => now === 'failed');
      assert.equal(error?.message, 'the plugin "p" failed: upgrade script 2 of 2: no luck');
      const stacks = bench.lines.map(({ details }) => String(details['stack'] ?? ''));
      assert.ok(
        stacks.some((stack) => /TypeError: no luck\n.*second.*main\.mjs(?:\?load=\d)?:2/.test(stack)),
        stacks.join('\n'),
      );
      assert.deepEqual(await state(), { runs: 1 });
    });

    if (place === 'inside the core') return;

    it('that hang end its process once, and say which one it was', async () => {
      await run(V1);
      const stub = bench.host([bench.write('p', HANGING)]);
      stub.start();
      const { error } = await until(stub, 'failed', ({ state: now }) => now === 'failed', 40_000);
      assert.match(error?.message ?? '', /upgrade script 1 of 1: its process ended before the script did/);
      assert.deepEqual(await state(), { runs: 1 });
      assert.ok(
        bench.notices.some(({ message }) => message.includes('main.mjs:1')),
        JSON.stringify(bench.notices),
      );
    });
  });
}
