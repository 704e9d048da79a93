import assert from 'node:assert/strict';
import { PluginBench, until } from '../../support/plugins.js';

const hoarder = (allocate: string) => `
  import { commands } from '@bulkhead/extension-api';
  const held = [];
  export function activate() {
    commands.registerCommand('hoarder.hoard', () => {
      setInterval(() => { for (let i = 0; i < 10; i++) held.push(${allocate}); }, 1);
    });
  }`;

describe('a plugin that uses ever more memory', () => {
  for (const [what, allocate, message] of [
    [
      'of buffers',
      'Buffer.alloc(100_000, 1)',
      /^the plugin "hoarder" failed: .* used \d+ MB of memory; its limit is 150 MB/,
    ],
    [
      'of its heap',
      "new Array(50_000).fill('x').map((x, i) => x + i)",
      /^the plugin "hoarder" failed: .* used up its heap of 60 MB/,
    ],
  ] as const) {
    it(`${what} is killed, named in a notice, and restarted`, async () => {
      const bench = new PluginBench('in a process of its own', undefined, { heapMb: 60, totalMb: 150 });
      try {
        const host = await bench.run('hoarder', { source: hoarder(allocate) });
        await bench.commands.execute('hoarder.hoard');
        await until(host, 'again', ({ state, restarts }) => state === 'running' && restarts === 1);
        assert.match(bench.notices[0]?.message ?? '', message);
      } finally {
        await bench.end();
      }
    });
  }
});
