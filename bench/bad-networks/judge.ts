import type { ViewedPacket } from '../../test/support/live-viewer.js';

/** What a viewer beside the server has seen. */
export interface Seen {
  /** Frames that never came, by the timestamps of those that did. */
  readonly framesLost: number;
  /** Sound that never came, s. */
  readonly soundLostS: number;
  /** Longest time without a new frame, s. */
  readonly longestGapS: number;
  /** How long a player that buffers `BUFFER_MS` first has nothing to play in all, s. */
  readonly waitsS: number;
  /** How much later the last second arrived than the first, s. */
  readonly behindS: number;
}

/** As much as players of live streams usually hold. */
const BUFFER_MS = 2000;
/** A session begins with timestamps below this, ms. */
const RESTART_MS = 1000;
/** How long the first packets take to come, ms. */
const BURST_MS = 500;
const AAC_FRAME_MS = 1024 / 48;

/**
 * @param fps as it is encoded
 * @param endMs when the viewer has stopped watching, by `performance.now()`
 */
export function judge(viewed: readonly ViewedPacket[], fps: number, endMs: number): Seen {
  const packets = onOneTimeline(viewed);
  const frames = packets.filter(({ stream }) => stream === 'video');
  const [first] = frames;
  const last = frames.at(-1);
  if (first === undefined || last === undefined) throw new Error('the viewer has seen nothing');
  // Up to the last frame; and each time once: a session that begins again may repeat some.
  let newestMs = Number.NEGATIVE_INFINITY;
  const fresh = frames.filter(({ dtsMs }) => {
    const isNew = dtsMs > newestMs;
    newestMs = Math.max(newestMs, dtsMs);
    return isNew;
  });
  const soundTimes = packets
    .filter(({ stream, dtsMs }) => stream === 'audio' && dtsMs >= first.dtsMs && dtsMs <= last.dtsMs)
    .map(({ dtsMs }) => dtsMs);
  const frameMs = 1000 / fps;
  const missingMs = gaps(
    fresh.map(({ dtsMs }) => dtsMs),
    frameMs,
  );
  const delays = fresh.map(({ arrivedAtMs, dtsMs }) => arrivedAtMs - dtsMs);
  const arrivals = fresh.map(({ arrivedAtMs }) => arrivedAtMs);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    framesLost: Math.round(missingMs / frameMs),
    soundLostS:
      gaps(
        soundTimes.sort((a, b) => a - b),
        AAC_FRAME_MS,
      ) / 1000,
    longestGapS: Math.max(...steps([...arrivals, endMs])) / 1000,
    waitsS: waitsOf(packets, endMs) / 1000,
    behindS: (mean(delays.slice(-fps)) - mean(delays.slice(0, fps))) / 1000,
  };
}

/** A player that plays sound as it comes, and leaves out what is missing once something after it is there, ms. */
function waitsOf(packets: readonly ViewedPacket[], endMs: number): number {
  // What the server had kept, up to a GOP, comes at once: with it, players would begin with different buffers.
  const burstEndMs = (packets[0]?.arrivedAtMs ?? 0) + BURST_MS;
  const steady = packets.filter(({ stream, arrivedAtMs }) => stream === 'audio' && arrivedAtMs > burstEndMs);
  let playedToMs = (steady[0]?.arrivedAtMs ?? 0) + BUFFER_MS;
  let newestMs = Number.NEGATIVE_INFINITY;
  let waitedMs = 0;
  const waitUntil = (ms: number) => {
    waitedMs += Math.max(0, ms - playedToMs);
    playedToMs = Math.max(playedToMs, ms);
  };
  for (const { dtsMs, arrivedAtMs } of steady) {
    if (dtsMs <= newestMs) continue;
    newestMs = dtsMs;
    waitUntil(arrivedAtMs);
    playedToMs += AAC_FRAME_MS;
  }
  waitUntil(endMs);
  return waitedMs;
}

/**
 * Sessions that begin again at 0, as OBS's do, are put behind those before, as if they were live when their first packet arrived: what was not sent
 * in between counts as lost, and none of it as late.
 */
function onOneTimeline(packets: readonly ViewedPacket[]): ViewedPacket[] {
  const [first] = packets;
  let newestMs = 0;
  let offsetMs = 0;
  return packets.map((packet) => {
    if (first !== undefined && packet.dtsMs < RESTART_MS && newestMs > 5 * RESTART_MS) {
      offsetMs = packet.arrivedAtMs - (first.arrivedAtMs - first.dtsMs) - packet.dtsMs;
      newestMs = 0;
    }
    newestMs = Math.max(newestMs, packet.dtsMs);
    return { ...packet, dtsMs: packet.dtsMs + offsetMs };
  });
}

/** How much is missing between times that should be `stepMs` apart, ms. */
function gaps(times: readonly number[], stepMs: number): number {
  return steps(times)
    .filter((step) => step > 1.6 * stepMs)
    .reduce((sum, step) => sum + step - stepMs, 0);
}

function steps(times: readonly number[]): number[] {
  return times.slice(1).map((time, n) => time - (times[n] ?? time));
}
