import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import type { Isolation } from '../../../src/core/extension-hosts/isolation/isolation.js';
import { isolation, PluginBench } from '../../support/plugins.js';
import { eventually } from '../../support/wait.js';

const PLUGIN = `
  import { commands } from '@bulkhead/extension-api';
  export function activate() { commands.registerCommand('polite.hello', () => 'hello'); }`;

/** The nice value, the 19th field of `/proc/PID/stat`, where the second is a name in parentheses. */
function niceness(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
}

describe("a plugin's host", function () {
  this.timeout(60_000);
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  const standard: Isolation = { ...isolation, tier: 'standard', bwrap: undefined };
  for (const [tier, how] of [
    ['strict', isolation],
    ['standard', standard],
  ] as const) {
    it(`runs at a lower priority than the core and the encoder in the ${tier} tier`, async function () {
      if (how.tier !== tier) this.skip();
      const bench = new PluginBench('in a process of its own', how);
      try {
        const host = await bench.run('polite', { source: PLUGIN });
        const { pid } = host.status();
        assert.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), /extension-host\.cjs/);
        assert.equal(
          await eventually('the priority', () => (niceness(pid) === 0 ? undefined : niceness(pid))),
          10,
        );
        assert.ok(getPriority() < 10);
      } finally {
        await bench.end();
      }
    });
  }
});
