// The calling process: starts the server of the contender that its argument names, and measures one round on request.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { quantile } from '../support/statistics.js';
import type { Payload } from './contender.js';
import { findContender } from './contenders/index.js';
import type { Figures } from './figures.js';

const ROUND_TRIPS = 2000;
const PIPELINED_CALLS = 20_000;
const WARM_UP_CALLS = 100_000;

type Call = (payload: Payload) => Promise<unknown>;

const text = 'x'.repeat(64);

async function roundTrips(call: Call, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let id = 0; id < count; id++) {
    const start = performance.now();
    await call({ id, text });
    times.push((performance.now() - start) * 1000);
  }
  return times;
}

/** Keeps `inFlight` calls in flight: each answer is followed by the next call. Returns calls per second. */
async function pipelined(call: Call, inFlight: number, count: number): Promise<number> {
  let left = count;
  const worker = async () => {
    while (left-- > 0) await call({ id: left, text });
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  return (count * 1000) / (performance.now() - start);
}

/** User and system time of both processes so far, µs. */
async function cpuTime(server: ChildProcess): Promise<number> {
  server.send('cpu');
  const [other] = (await once(server, 'message')) as [NodeJS.CpuUsage];
  const own = process.cpuUsage();
  return own.user + own.system + other.user + other.system;
}

async function measure(call: Call, server: ChildProcess): Promise<Figures> {
  const times = await roundTrips(call, ROUND_TRIPS);
  const callsPerSecond100 = await pipelined(call, 100, PIPELINED_CALLS);
  const cpuBefore = await cpuTime(server);
  const callsPerSecond1000 = await pipelined(call, 1000, PIPELINED_CALLS);
  return {
    roundTripP50: quantile(times, 0.5),
    roundTripP99: quantile(times, 0.99),
    callsPerSecond100,
    callsPerSecond1000,
    cpuPerCall: ((await cpuTime(server)) - cpuBefore) / PIPELINED_CALLS,
  };
}

const contender = findContender(process.argv[2]);
const server = spawn(
  process.execPath,
  [fileURLToPath(new URL('./server.js', import.meta.url)), contender.name],
  {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'ipc'],
  },
);
const call = contender.connect(server.stdio[3] as unknown as Socket);
await roundTrips(call, ROUND_TRIPS);
await pipelined(call, 1000, WARM_UP_CALLS);
process.on('message', async () => process.send?.(await measure(call, server)));
process.on('disconnect', () => process.exit());
process.send?.('ready');
