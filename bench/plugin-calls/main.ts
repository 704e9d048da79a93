// Calls between the core and a plugin in its isolated host: the round trip of a command beside a bare vscode-jsonrpc
// connection over the same kind of pipe, and how late the core's event loop is while one plugin floods it with calls.
// `node dist/bench/plugin-calls/main.js [rounds]`
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { cpus, setPriority } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { PluginBench } from '../../test/support/plugins.js';
import { findContender } from '../rpc/contenders/index.js';
import { median, quantile, summary } from '../support/statistics.js';
import { atMost } from '../support/targets.js';

const ROUNDS = Number(process.argv[2] ?? 9);
const ROUND_TRIPS = 2000;
const FLOOD_MS = 2000;
const NS_PER_MS = 1e6;

const PLUGIN = `
  import { commands } from '@bulkhead/extension-api';
  export function activate() {
    commands.registerCommand('bench.echo', (payload) => payload);
    commands.registerCommand('bench.flood', async (inFlight, ms) => {
      const end = performance.now() + ms;
      let calls = 0;
      const worker = async () => {
        for (; performance.now() < end; calls++) await commands.executeCommand('core.echo', { id: calls });
      };
      await Promise.all(Array.from({ length: inFlight }, worker));
      return calls * 1000 / ms;
    });
  }`;

type Call = (payload: { id: number; text: string }) => Promise<unknown>;

/** The median round trip, µs. */
async function roundTrip(call: Call): Promise<number> {
  const times: number[] = [];
  const text = 'x'.repeat(64);
  for (let id = 0; id < ROUND_TRIPS; id++) {
    const start = performance.now();
    await call({ id, text });
    times.push((performance.now() - start) * 1000);
  }
  return quantile(times, 0.5);
}

/** Another process that answers as this contender of the RPC benchmark does. */
function contender(name: string) {
  const script = fileURLToPath(new URL('../rpc/server.js', import.meta.url));
  const server = spawn(process.execPath, [script, name], {
    stdio: ['ignore', 'inherit', 'inherit', 'overlapped', 'ipc'],
  });
  const socket = server.stdio[3] as unknown as Socket;
  return {
    call: findContender(name).connect(socket) as Call,
    end: () => {
      socket.on('error', () => {}).destroy();
      server.disconnect();
    },
  };
}

/** Work that gives way to what is measured, as encoders do, and keeps the processors awake. */
function busyProcessors() {
  return cpus().map(() => {
    const busy = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    if (busy.pid !== undefined) setPriority(busy.pid, 19);
    return busy;
  });
}

const bench = new PluginBench('in a process of its own');
const stock = contender('stock vscode-jsonrpc');
const own = contender('RpcConnection');
try {
  await bench.run('bench', { source: PLUGIN });
  const plugin: Call = (payload) => bench.commands.execute('bench.echo', [payload]);
  for (const call of [stock.call, own.call, plugin]) await roundTrip(call);
  const measure = async (where: string, limit: number | undefined) => {
    const times: Record<'plugin' | 'stock' | 'own', number[]> = { plugin: [], stock: [], own: [] };
    for (let round = 0; round < ROUNDS; round++) {
      times.stock.push(await roundTrip(stock.call));
      times.own.push(await roundTrip(own.call));
      times.plugin.push(await roundTrip(plugin));
    }
    const ratiosTo = (to: number[]) => times.plugin.map((time, round) => time / (to[round] ?? 0));
    const ratios = ratiosTo(times.stock);
    const judged = limit === undefined ? '' : atMost(median(ratios), limit);
    console.log(`a plugin's command, core → plugin → core, ${where}: ${summary(times.plugin)} µs`);
    console.log(`  ÷ bare vscode-jsonrpc, ${summary(times.stock)} µs: ${summary(ratios, 2)} ${judged}`);
    console.log(`  ÷ bare RpcConnection, ${summary(times.own)} µs: ${summary(ratiosTo(times.own), 2)}`);
  };
  // Two wake-ups of an idle processor are in each round trip, and the same for all.
  await measure('on an idle computer', undefined);
  const load = busyProcessors();
  try {
    await measure('beside work on all processors, as on air', 0.6);
  } finally {
    for (const { pid } of load) if (pid !== undefined) process.kill(pid, 'SIGKILL');
  }

  bench.commands.register('core.echo', 'core', ([payload]) => payload);
  for (const inFlight of [1, 100, 1000]) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const perSecond = (await bench.commands.execute('bench.flood', [inFlight, FLOOD_MS])) as number;
    delay.disable();
    const p99Ms = delay.percentile(99) / NS_PER_MS - 1;
    console.log(
      `one plugin with ${inFlight} calls in flight: ${Math.round(perSecond)} calls/s; ` +
        `the core's event loop late by p99 ${p99Ms.toFixed(1)} ms ${atMost(p99Ms, 20)}, ` +
        `at most ${(delay.max / NS_PER_MS - 1).toFixed(1)} ms`,
    );
  }
} finally {
  stock.end();
  own.end();
  await bench.end();
}
