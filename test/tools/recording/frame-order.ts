/** A frame with the number that it shows; undefined if it shows none. */
export interface NumberedFrame {
  readonly ptsMs: number;
  readonly number: number | undefined;
}

export interface FrameOrder {
  /** Frames without a number among numbered ones. */
  readonly unreadable: number;
  readonly missing: number;
  readonly repeated: number;
  readonly outOfOrder: number;
  /** Seams of a looped clip. */
  readonly seams: number;
  /** Longest time for which one number is shown, ms. */
  readonly longestFreezeMs: number;
  /** Where the number is not the one that follows, as far as {@link MOST_EVENTS}. */
  readonly events: readonly { readonly ptsMs: number; readonly from: number; readonly to: number }[];
}

const MOST_EVENTS = 200;

/**
 * @param frameMs time from one frame to the next
 * @param step how far numbers rise from one frame to the next, if the clip's frame rate is not the recording's
 * @param loop frames of the clip, if it is looped
 */
export function frameOrder(
  frames: readonly NumberedFrame[],
  { frameMs, step = 1, loop }: { frameMs: number; step?: number; loop?: number | undefined },
): FrameOrder {
  const [least, most] = [Math.floor(step + 1e-6), Math.ceil(step - 1e-6)];
  const events: { ptsMs: number; from: number; to: number }[] = [];
  let [unreadable, missing, repeated, outOfOrder, seams, longestFreezeMs] = [0, 0, 0, 0, 0, 0];
  let last: number | undefined;
  let shownSinceMs = frames[0]?.ptsMs ?? 0;
  for (const { ptsMs, number } of frames) {
    if (number === undefined) {
      unreadable += 1;
      continue;
    }
    if (last !== undefined) {
      const rise = loop === undefined ? number - last : shortest(number - last, loop);
      if (loop !== undefined && number < last && rise > 0) seams += 1;
      if (rise < 0) outOfOrder += 1;
      else if (rise < least) repeated += 1;
      else missing += Math.max(0, rise - most);
      const isNext = rise >= least && rise <= most;
      if (!isNext && events.length < MOST_EVENTS) events.push({ ptsMs, from: last, to: number });
    }
    if (number !== last) shownSinceMs = ptsMs;
    longestFreezeMs = Math.max(longestFreezeMs, ptsMs - shownSinceMs + frameMs);
    last = number;
  }
  return { unreadable, missing, repeated, outOfOrder, seams, longestFreezeMs, events };
}

/** The step on a ring of `loop` numbers, from -loop/2 to loop/2. */
function shortest(step: number, loop: number): number {
  const rest = ((step % loop) + loop) % loop;
  return rest > loop / 2 ? rest - loop : rest;
}
