import assert from 'node:assert/strict';
import { BulkheadError } from '../../../src/protocol/errors.js';
import { PluginBench, type PluginSource, places } from '../../support/plugins.js';
import { eventually } from '../../support/wait.js';

/** Built from `src/extension.ts`, as its source map says: what is thrown is on its line 7. */
const throwing: PluginSource = {
  type: 'cjs',
  source: `
const { commands } = require('@bulkhead/extension-api'); class DeviceError extends Error { name = 'DeviceError'; code = 'EDEVICE'; }
const plugIn = () => { throw new DeviceError('no device'); };
exports.activate = () => { commands.registerCommand('device.plugIn', async () => plugIn()); };
//# sourceMappingURL=main.cjs.map`,
  files: {
    'main.cjs.map': JSON.stringify({
      ...{ version: 3, file: 'main.cjs', sources: ['src/extension.ts'], names: [] },
      // Lines 2 to 4 come from lines 6 to 8.
      mappings: ';AAKA;AACA;AACA',
    }),
  },
};

const calling: PluginSource = {
  source: `
    import { commands } from '@bulkhead/extension-api';
    export function activate() {
      commands.registerCommand('caller.call', async () => {
        try { await commands.executeCommand('device.plugIn'); }
        catch ({ name, code, message, cause }) { return { name, code, message, cause: cause.message }; }
      });
    }`,
};

for (const place of places) {
  describe(`a command that throws, of a plugin in a host ${place}`, () => {
    let bench: PluginBench;

    beforeEach(async () => {
      bench = new PluginBench(place);
      await bench.run('device', throwing);
    });

    afterEach(() => bench.end());

    const message = 'the plugin "device" failed: the command "device.plugIn": no device';

    it("is logged with the author's stack alone, and its caller gets the message", async () => {
      const error = await bench.commands.execute('device.plugIn').catch((thrown: unknown) => thrown);
      assert.ok(error instanceof BulkheadError);
      assert.deepEqual([error.code, error.where, error.message], ['plugin.failed', 'device', message]);

      const line = bench.lines.find((one) => one.message === message);
      assert.deepEqual([line?.level, line?.details['command']], ['error', 'device.plugIn']);
      const [first, ...frames] = String(line?.details['stack']).split('\n');
      assert.match(first ?? '', /^\w*Error: no device$/);
      assert.match(frames[0] ?? '', /device\/src\/extension\.ts:7:/);
      // In a build without bundles, packages are apart.
      const others = frames.filter((frame) => !/extension\.ts|node_modules/.test(frame));
      assert.deepEqual(others, []);
      assert.deepEqual(bench.notices, []);
    });

    it('is passed to another plugin with its name and code', async () => {
      await bench.run('caller', calling);
      assert.deepEqual(await bench.commands.execute('caller.call'), {
        ...{ name: 'DeviceError', code: 'EDEVICE', message },
        cause: 'no device',
      });
    });
  });
}

describe('what a plugin prints in its own process', () => {
  it('has its level in the log', async () => {
    const bench = new PluginBench('in a process of its own');
    try {
      await bench.run('prints', {
        source: `export function activate() {
          console.log('a'); console.info('b'); console.debug('c'); console.warn('d'); console.error('e');
        }`,
      });
      const levels = () =>
        ['a', 'b', 'c', 'd', 'e'].map(
          (text) => bench.lines.find(({ message }) => message.endsWith(`): ${text}`))?.level,
        );
      await eventually('all lines', () => !levels().includes(undefined) || undefined);
      assert.deepEqual(levels(), ['info', 'info', 'debug', 'warn', 'error']);
    } finally {
      await bench.end();
    }
  });
});
