// Calls between two processes over a socketpair, every contender in turn, in several rounds: ratios to the bare echo
// of the same round, since machines are noisy. `node dist/bench/rpc/main.js [rounds]`
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Contender, Payload } from './contender.js';
import { contenders } from './contenders/index.js';

const ROUNDS = Number(process.argv[2] ?? 9);
const ROUND_TRIPS = 3000;
const PIPELINED_CALLS = 30_000;
/** Calls made in one tick; the next ones follow when all have been answered. */
const BURST = 1000;
const WARM_UP_CALLS = 5000;

interface Figures {
  /** µs */
  readonly roundTripP50: number;
  readonly roundTripP99: number;
  readonly callsPerSecond: number;
  /** User and system time of the calling process for one pipelined call, µs. */
  readonly cpuPerCall: number;
}

interface Entrant {
  readonly name: string;
  readonly server: ChildProcess;
  readonly call: (payload: Payload) => Promise<unknown>;
  readonly rounds: Figures[];
}

const text = 'x'.repeat(64);

function enter(contender: Contender): Entrant {
  const script = fileURLToPath(new URL('./server.js', import.meta.url));
  const server = spawn(process.execPath, [script, contender.name], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  });
  return {
    name: contender.name,
    server,
    call: contender.connect(server.stdio[3] as unknown as Socket),
    rounds: [],
  };
}

async function burst({ call }: Entrant, calls: number): Promise<void> {
  for (let made = 0; made < calls; made += BURST) {
    await Promise.all(Array.from({ length: BURST }, (_, id) => call({ id, text })));
  }
}

async function measure(entrant: Entrant): Promise<Figures> {
  const roundTrips: number[] = [];
  for (let id = 0; id < ROUND_TRIPS; id++) {
    const start = process.hrtime.bigint();
    await entrant.call({ id, text });
    roundTrips.push(Number(process.hrtime.bigint() - start) / 1000);
  }
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  await burst(entrant, PIPELINED_CALLS);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  return {
    roundTripP50: quantile(roundTrips, 0.5),
    roundTripP99: quantile(roundTrips, 0.99),
    callsPerSecond: PIPELINED_CALLS / seconds,
    cpuPerCall: (user + system) / PIPELINED_CALLS,
  };
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
}

/** The median of the rounds, and the lowest and highest of them. */
function summary(values: readonly number[], digits: number): string {
  const [low, median, high] = [0, 0.5, 1].map((q) => quantile(values, q).toFixed(digits));
  return `${median} (${low}–${high})`;
}

function report(entrants: readonly Entrant[]): void {
  const yardstick = entrants[0]?.rounds ?? [];
  const ratios = ({ rounds }: Entrant, figure: keyof Figures) =>
    rounds.map((round, index) => round[figure] / (yardstick[index]?.[figure] ?? Number.NaN));
  const header = ['', 'p50 µs', 'p99 µs', 'calls/s', 'caller CPU µs/call', 'p50 ÷ echo', 'calls/s ÷ echo'];
  const rows = entrants.map((entrant) => {
    const all = (figure: keyof Figures) => entrant.rounds.map((round) => round[figure]);
    return [
      entrant.name,
      summary(all('roundTripP50'), 0),
      summary(all('roundTripP99'), 0),
      summary(
        all('callsPerSecond').map((value) => value / 1000),
        0,
      ).concat(' k'),
      summary(all('cpuPerCall'), 1),
      summary(ratios(entrant, 'roundTripP50'), 2),
      summary(ratios(entrant, 'callsPerSecond'), 2),
    ];
  });
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of [header, ...rows]) {
    console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  }
}

console.log(
  `node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}; ${ROUNDS} rounds of ` +
    `${ROUND_TRIPS} round trips and ${PIPELINED_CALLS} calls in bursts of ${BURST}; median (lowest–highest)\n`,
);
const entrants = contenders.map(enter);
for (const entrant of entrants) await burst(entrant, WARM_UP_CALLS);
for (let round = 0; round < ROUNDS; round++) {
  for (const entrant of entrants) entrant.rounds.push(await measure(entrant));
}
report(entrants);
for (const { server } of entrants) server.kill();
