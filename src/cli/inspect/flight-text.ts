import type { Flight, ReadEntry } from '../../core/flight/flight-file.js';
import { formatBytes } from '../status-text.js';

/** Packets of a time are one line, ms. */
const TOGETHER_MS = 1000;
const MOST_LINE = 300;

/** A flight record for people, line by line. @param showsPackets each packet, rather than how many there were in a second */
export function flightLines({ header, entries, isCut }: Flight, showsPackets: boolean): string[] {
  const { reason, writtenAt, core, atMs } = header;
  const media = entries.filter(({ tag }) => tag !== undefined);
  const [first] = media;
  const lines = [
    `${reason}`,
    `written ${writtenAt} by the core ${core.version}, pid ${core.pid}, ${core.platform}, Node ${core.node}`,
    `${entries.length} entries${isCut ? '; the end of the file is missing' : ''}`,
    ...(first === undefined
      ? []
      : [`the encoder's media from ${seconds(first.atMs - atMs)} s on, ${media.length} packets`]),
    '',
  ];
  if (showsPackets) return [...lines, ...entries.map((entry) => line(entry, atMs))];
  let together: ReadEntry[] = [];
  const flush = () => {
    if (together.length > 0) lines.push(...summaries(together, atMs));
    together = [];
  };
  for (const entry of entries) {
    if (entry.kind === 'packet' || entry.kind === 'air') {
      if (entry.atMs - (together[0]?.atMs ?? entry.atMs) > TOGETHER_MS) flush();
      together.push(entry);
      continue;
    }
    // What happened is seen between the packets before and after it.
    if (entry.kind !== 'rpc' && entry.kind !== 'outputs') flush();
    lines.push(line(entry, atMs));
  }
  flush();
  return lines;
}

function summaries(entries: readonly ReadEntry[], atMs: number): string[] {
  const groups = new Map<string, ReadEntry[]>();
  for (const entry of entries) {
    const group = entry.kind === 'air' ? 'on air' : `epoch ${text(entry['epoch'])}`;
    groups.set(group, [...(groups.get(group) ?? []), entry]);
  }
  return [...groups].map(([group, list]) => {
    const bytes = list.reduce((sum, { bytes: one }) => sum + Number(one), 0);
    const count = (kind: RegExp) => list.filter(({ tagKind }) => kind.test(text(tagKind))).length;
    const frames = count(/^(keyframe|interframe|disposable)$/);
    const keyframes = count(/^keyframe$/);
    const [first, last] = [list[0], list.at(-1)];
    const what = `${frames} frames${keyframes > 0 ? `, ${keyframes} of them keyframes` : ''}, ${count(/^audio$/)} of sound, ${formatBytes(bytes)}`;
    return `${at(first, atMs)}  packets  ${group}: ${what}, at ${text(first?.['ms'])} to ${text(last?.['ms'])} ms`;
  });
}

function line(entry: ReadEntry, atMs: number): string {
  const { kind } = entry;
  return `${at(entry, atMs)}  ${kind.padEnd(7)}  ${describe(entry)}`.slice(0, MOST_LINE);
}

function describe({ atMs: _, kind, ...entry }: ReadEntry): string {
  switch (kind) {
    case 'log':
      return `${text(entry['level'])}: ${text(entry['message'])}`;
    case 'crash':
      return text(entry['reason']);
    case 'rpc': {
      const arrow = entry['direction'] === 'sent' ? '→' : '←';
      const took = entry['ms'] === undefined ? '' : ` after ${text(entry['ms'])} ms`;
      const what =
        entry['method'] === undefined
          ? `answer ${text(entry['answer'])}${took}${entry['error'] === undefined ? '' : `, error ${text(entry['error'])}`}`
          : `${text(entry['method'])}${entry['id'] === undefined ? '' : ` ${text(entry['id'])}`} ${json(entry['params'])}`;
      return `${arrow} ${text(entry['peer'])}: ${what}, ${text(entry['bytes'])} bytes`;
    }
    case 'outputs':
      return (entry['outputs'] as Record<string, unknown>[])
        .map(
          ({ id, state, queueMs, droppedFrames }) =>
            `${text(id)} ${text(state)}, queue ${text(queueMs)} ms, ${text(droppedFrames)} dropped`,
        )
        .join('; ');
    default: {
      const { tag: _media, tagKind, ...details } = entry;
      return `${text(tagKind)} ${json(details)}`;
    }
  }
}

function at(entry: ReadEntry | undefined, atMs: number): string {
  return seconds((entry?.atMs ?? atMs) - atMs).padStart(8);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function text(value: unknown): string {
  return value === undefined ? '' : typeof value === 'string' ? value : json(value);
}

function json(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value);
}
