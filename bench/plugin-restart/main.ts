// How long a plugin is away: from a saved file to active again in `bulkhead plugin dev`, and from a crash to active again, in
// development and not. Argument: how often.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { PluginBench, until, writePlugin } from '../../test/support/plugins.js';
import { tempDir } from '../../test/support/temp.js';
import { median, summary } from '../support/statistics.js';
import { atMost } from '../support/targets.js';

const ROUNDS = Number(process.argv[2] ?? 10);
/** Between two rounds: an author does not save faster, and a third crash within five minutes would be the last, ms. */
const PAUSE_MS = 1500;
const DEADLINE_MS = 20_000;
const PLUGIN = {
  source: `
    import { commands } from '@bulkhead/extension-api';
    export function activate() { commands.registerCommand('bench.ok', () => 'ok'); }`,
};

/** How long it takes after `act` until `isDone`, ms. */
async function timed(act: () => void, isDone: () => boolean): Promise<number> {
  const start = performance.now();
  act();
  while (!isDone()) {
    if (performance.now() - start > DEADLINE_MS) throw new Error('it did not become active again');
    await delay(1);
  }
  return performance.now() - start;
}

function print(what: string, times: readonly number[], mostMs = 250): void {
  console.log(`${what}, ${ROUNDS} times: ${summary(times)} ms ${atMost(median(times), mostMs)}`);
}

async function inDevelopment(): Promise<void> {
  const folder = tempDir('plugin-restart');
  const plugin = writePlugin(folder.path, 'bench', PLUGIN);
  const dev = new Bulkhead(['plugin', 'dev', plugin]);
  const activations = () => dev.stdout.split('"bench" 1.0.0 is active').length - 1;
  try {
    await timed(
      () => {},
      () => dev.stdout.includes('Watching'),
    );
    const saves: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await delay(PAUSE_MS);
      const before = dev.stdout.split('is active again').length;
      saves.push(
        await timed(
          () => appendFileSync(join(plugin, 'main.mjs'), '\n'),
          () => dev.stdout.split('is active again').length > before,
        ),
      );
    }
    print('a save to active again, in development', saves, 120);
    const crashes: number[] = [];
    for (let crash = 0; crash < 2; crash++) {
      await delay(PAUSE_MS);
      const [host] = (await dev.status()).extensionHosts;
      const before = activations();
      crashes.push(
        await timed(
          () => process.kill(host?.pid ?? 0, 'SIGKILL'),
          () => activations() > before,
        ),
      );
    }
    console.log(
      `a crash to active again, in development, 2 times: ${summary(crashes)} ms ${atMost(median(crashes), 250)}`,
    );
  } finally {
    await dev.end();
    folder.dispose();
  }
}

async function notInDevelopment(): Promise<void> {
  const bench = new PluginBench('in a process of its own');
  try {
    const limits = { maxCrashes: Number.POSITIVE_INFINITY, stableAfterMs: PAUSE_MS / 2 };
    const host = bench.host([bench.write('bench', PLUGIN)], { limits });
    host.start();
    await until(host, 'active', ({ state }) => state === 'running');
    const crashes: number[] = [];
    const restarts: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await delay(PAUSE_MS);
      const again = (restarted: number) => () =>
        host.status().state === 'running' && host.status().restarts > restarted;
      const before = host.status();
      crashes.push(await timed(() => process.kill(before.pid, 'SIGKILL'), again(before.restarts)));
      await delay(PAUSE_MS);
      restarts.push(await timed(() => void host.restart(), again(before.restarts + 1)));
    }
    print('a crash to active again', crashes);
    print('a restart that is asked for, the start of the next process included', restarts);
  } finally {
    await bench.end();
  }
}

await inDevelopment();
await notInDevelopment();
