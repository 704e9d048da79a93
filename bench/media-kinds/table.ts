import type { Verdict } from './judge.js';

const COLUMNS = [
  ['kind', 28],
  ['restarts', 8],
  ['sound − frames', 14],
  ['offset median', 13],
  ['worst', 6],
  ['length', 6],
  ['silence', 7],
  ['still', 6],
] as const;

export function tableHead(): string {
  return `${COLUMNS.map(([name, width], index) => pad(name, width, index)).join('  ')}  (ms)`;
}

export function tableRow(verdict: Verdict): string {
  const { kind, mode, restarts, endMs, medianMs, worstMs, lengthMs, longestSilenceMs, longestStillMs } =
    verdict;
  const ms = (value: number | undefined) =>
    value === undefined || Number.isNaN(value) ? '–' : value.toFixed(0);
  const cells = [
    `${kind}, ${mode}`,
    String(restarts),
    ...[endMs, medianMs, worstMs, lengthMs, longestSilenceMs, longestStillMs].map(ms),
  ];
  const row = cells.map((cell, index) => pad(cell, COLUMNS[index]?.[1] ?? 0, index)).join('  ');
  return verdict.misses.length === 0 ? `${row}  passes` : `${row}  MISSED: ${verdict.misses.join(', ')}`;
}

function pad(text: string, width: number, index: number): string {
  return index === 0 ? text.padEnd(width) : text.padStart(width);
}
