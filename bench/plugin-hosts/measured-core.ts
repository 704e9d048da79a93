// Measures the core's side of plugins in this process, and sends the figures to its parent: see `core.ts`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ExtensionHosts } from '../../src/core/extension-hosts/hosts/extension-hosts.js';
import { descendantsOf } from '../../test/support/children.js';
import { pluginHosting } from '../../test/support/plugin-hosting.js';
import { hostLaunchers, writePlugin } from '../../test/support/plugins.js';
import { tempDir } from '../../test/support/temp.js';
import { eventually } from '../../test/support/wait.js';
import type { Figures } from './figures.js';

const [how, count = '50'] = process.argv.slice(2);
const MB = 1024 * 1024;
const NS_PER_MS = 1e6;
const DEADLINE_MS = 120_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Resident memory once garbage is gone, MB. */
async function ownMemory(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collect();
    await delay(200);
  }
  return process.memoryUsage.rss() / MB;
}

/** Proportional share of memory of this process' children, MB. */
function childrensMemory(): number {
  const kib = descendantsOf(process.pid).map(({ pid }) => {
    const [, pss = '0'] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'ascii')) ?? [];
    return Number(pss);
  });
  return kib.reduce((sum, value) => sum + value, 0) / 1024;
}

/** @param start Runs the plugins in these folders. One is there before anything is measured: what it takes to have any. */
async function measured(start: (plugins: readonly string[]) => Promise<void>): Promise<Figures> {
  await start(folders.slice(0, 1));
  const memoryBefore = childrensMemory();
  const before = await ownMemory();
  const late = monitorEventLoopDelay({ resolution: 1 });
  late.enable();
  const startedMs = performance.now();
  await start(folders.slice(1));
  const activeMs = performance.now() - startedMs;
  late.disable();
  return {
    activeMs,
    pssMb: childrensMemory() - memoryBefore,
    growthMb: (await ownMemory()) - before,
    lateMs: late.max / NS_PER_MS - 1,
  };
}

const folder = tempDir('plugin-hosts');
const names = Array.from({ length: Number(count) + 1 }, (_, index) => `plugin-${index}`);
const folders = names.map((name) =>
  writePlugin(folder.path, name, {
    type: 'cjs',
    source: `
      const { commands } = require('@bulkhead/extension-api');
      exports.activate = () => { commands.registerCommand('${name}.ok', () => 'ok'); };`,
    ...(how === 'together' && { manifest: { publisher: 'bench', hostGroup: 'all' } }),
    installed: true,
  }),
);

async function measuredHosts(): Promise<Figures> {
  const container = pluginHosting({
    launchers: hostLaunchers('in a process of its own'),
    folder: join(folder.path, '.stored'),
  });
  const hosts = container.get(ExtensionHosts);
  const running = new Set<string>();
  const figures = await measured(async (plugins) => {
    for (const plugin of plugins) running.add(plugin);
    hosts.setPlugins([...running]);
    await eventually(
      'all are active',
      () => hosts.status().every(({ state }) => state === 'running') || undefined,
      DEADLINE_MS,
    );
  });
  await hosts.shutDown();
  container.unbindAll();
  return figures;
}

const figures = await measuredHosts();
folder.dispose();
process.send?.(figures, () => process.disconnect());
