import type { StreamTag } from '../media/stream-tag.js';

export interface GateLimits {
  /** When more than this waits for a viewer, it loses frames, bytes. */
  readonly dropAbove: number;
  /** It gets frames again, from a keyframe on, when no more than this waits, bytes. */
  readonly resumeBelow: number;
  /** A viewer that has lost all frames for so long is cut off, ms. */
  readonly patienceMs: number;
}

/** About 12 s of a 2.5 Mbit/s stream: a viewer that far behind gains nothing from what still waits for it. */
const DEFAULT_LIMITS: GateLimits = {
  dropAbove: 4 * 1024 * 1024,
  resumeBelow: 512 * 1024,
  patienceMs: 5000,
};

/**
 * Decides what a viewer is sent that reads too slowly: it loses whole GOPs, and its connection when that does not help. So
 * what waits for it is bounded, and the others lose nothing.
 */
export class ViewerGate {
  private readonly limits: GateLimits;
  /** Since when frames are dropped, `performance.now()`. */
  private droppingSinceMs: number | undefined;

  /** @param backlog how much waits for the viewer, bytes */
  constructor(
    private readonly backlog: () => number,
    limits: Partial<GateLimits> = {},
  ) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** What to do with the next tag. */
  judge({ kind }: Pick<StreamTag, 'kind'>): 'send' | 'drop' | 'cut off' {
    const { dropAbove, resumeBelow, patienceMs } = this.limits;
    const backlog = this.backlog();
    if (this.droppingSinceMs === undefined) {
      if (backlog <= dropAbove) return 'send';
      this.droppingSinceMs = performance.now();
      return 'drop';
    }
    if (backlog <= resumeBelow && kind === 'keyframe') {
      this.droppingSinceMs = undefined;
      return 'send';
    }
    if (performance.now() - this.droppingSinceMs > patienceMs && backlog > resumeBelow) return 'cut off';
    // Headers are small, and what follows cannot be decoded without them.
    return kind.endsWith('header') ? 'send' : 'drop';
  }
}
