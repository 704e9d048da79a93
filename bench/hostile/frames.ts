import type { ViewedPacket } from '../../test/support/live-viewer.js';

/** A time in which frames may be missing for a reason of its own, by `performance.now()`. */
export interface Excused {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Frames that are missing between two that a viewer got, by their timestamps, outside of the times that are excused. */
export function missingFrames(
  packets: readonly ViewedPacket[],
  fps: number,
  excused: readonly Excused[],
): { readonly frames: number; readonly missing: number; readonly excused: number } {
  const video = packets.filter(({ stream }) => stream === 'video');
  let missing = 0;
  let forgiven = 0;
  for (const [index, packet] of video.entries()) {
    const before = video[index - 1];
    if (before === undefined) continue;
    const lost = Math.round(((packet.dtsMs - before.dtsMs) * fps) / 1000) - 1;
    if (lost <= 0) continue;
    const isExcused = excused.some(
      ({ fromMs, toMs }) => before.arrivedAtMs <= toMs && packet.arrivedAtMs >= fromMs,
    );
    if (isExcused) forgiven += lost;
    else missing += lost;
  }
  return { frames: video.length, missing, excused: forgiven };
}
