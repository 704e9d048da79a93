// Calls from one process to another over a socketpair: every contender in turn, each with two processes of its own, in
// many short rounds. Ratios are to the bare echo of the same round, since machines are noisy.
// `node dist/bench/rpc/main.js [rounds]`
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { quantile } from '../support/statistics.js';
import { contenders } from './contenders/index.js';
import type { Figures } from './figures.js';

interface Entrant {
  readonly name: string;
  readonly caller: ChildProcess;
  readonly rounds: Figures[];
}

async function enter(name: string): Promise<Entrant> {
  const caller = spawn(process.execPath, [fileURLToPath(new URL('./caller.js', import.meta.url)), name], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(caller, 'message');
  return { name, caller, rounds: [] };
}

async function measureRound({ caller, rounds }: Entrant): Promise<void> {
  caller.send('measure');
  const [figures] = (await once(caller, 'message')) as [Figures];
  rounds.push(figures);
}

/** The median of the rounds, and the middle half of them. */
function summary(values: readonly number[], digits: number): string {
  const [low, median, high] = [0.25, 0.5, 0.75].map((q) => quantile(values, q).toFixed(digits));
  return `${median} (${low}–${high})`;
}

function row(entrant: Entrant, yardstick: Entrant): string[] {
  const all = (figure: keyof Figures, unit = 1) => entrant.rounds.map((round) => round[figure] / unit);
  const ratios = (figure: keyof Figures) =>
    entrant.rounds.map((round, index) => round[figure] / (yardstick.rounds[index]?.[figure] ?? Number.NaN));
  return [
    entrant.name,
    summary(all('roundTripP50'), 0),
    summary(all('roundTripP99'), 0),
    summary(ratios('roundTripP50'), 2),
    summary(all('callsPerSecond100', 1000), 0),
    summary(ratios('callsPerSecond100'), 2),
    summary(all('callsPerSecond1000', 1000), 0),
    summary(ratios('callsPerSecond1000'), 2),
    summary(all('cpuPerCall'), 1),
  ];
}

function printTable(rows: readonly string[][]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  for (const cells of rows) {
    console.log(cells.map((cell, column) => cell.padEnd(widths?.[column] ?? 0)).join('  '));
  }
}

const rounds = Number(process.argv[2] ?? 15);
const [first, ...others] = contenders;
const yardstick = await enter(first.name);
const entrants = [yardstick];
for (const { name } of others) entrants.push(await enter(name));
for (let round = 0; round < rounds; round++) {
  for (const entrant of entrants) await measureRound(entrant);
}
for (const { caller } of entrants) caller.disconnect();

const load = loadavg()[0]?.toFixed(1);
console.log(
  `node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, load ${load}; ` +
    `${rounds} rounds, median (middle half)\n`,
);
printTable([
  ['', 'round trip', '', '', '100 in flight', '', '1000 in flight', '', ''],
  ['', 'p50 µs', 'p99 µs', 'p50 ÷ echo', '1000 calls/s', '÷ echo', '1000 calls/s', '÷ echo', 'CPU µs/call'],
  ...entrants.map((entrant) => row(entrant, yardstick)),
]);
