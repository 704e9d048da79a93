import type { Packet } from './read-packets.js';

/** Times of a track's packets, ms. */
export interface TrackTimes {
  readonly packets: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** When the last packet has been played. */
  readonly endMs: number;
  /** Packets whose DTS is not greater than that of the one before. */
  readonly stepsBack: number;
  /** Longest time from one packet to the next, by PTS. */
  readonly longestGapMs: number;
}

export function trackTimes(packets: readonly Packet[]): TrackTimes {
  const shown = [...packets].sort((a, b) => a.ptsMs - b.ptsMs);
  const lastMs = shown.at(-1)?.ptsMs ?? 0;
  return {
    packets: packets.length,
    firstMs: shown[0]?.ptsMs ?? 0,
    lastMs,
    endMs: lastMs + (shown.at(-1)?.durationMs ?? 0),
    stepsBack: steps(packets, ({ dtsMs }) => dtsMs).filter((step) => step <= 0).length,
    longestGapMs: steps(shown, ({ ptsMs }) => ptsMs).reduce((most, step) => Math.max(most, step), 0),
  };
}

/** The usual time from one frame to the next, ms: the mean of the steps that are no gaps. */
export function frameLength(packets: readonly Packet[]): number {
  const times = packets.map(({ ptsMs }) => ptsMs).sort((a, b) => a - b);
  const all = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const median = [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
  const usual = all.filter((step) => Math.abs(step - median) <= 1.5);
  return usual.length === 0 ? median : usual.reduce((sum, step) => sum + step, 0) / usual.length;
}

function steps(packets: readonly Packet[], of: (packet: Packet) => number): number[] {
  return packets.slice(1).map((packet, index) => of(packet) - of(packets[index] ?? packet));
}
