import type { StreamTag } from '../media/stream-tag.js';

export interface GateLimits {
  /** Above this backlog a viewer's frames are dropped, bytes. */
  readonly dropAbove: number;
  /** At or below this backlog it gets frames again, from a keyframe on, bytes. */
  readonly resumeBelow: number;
  /** A viewer whose frames have all been dropped for this long is disconnected, ms. */
  readonly patienceMs: number;
}

/** About 12 s of a 2.5 Mbit/s stream: a viewer that far behind does not benefit from its backlog. */
const DEFAULT_LIMITS: GateLimits = {
  dropAbove: 4 * 1024 * 1024,
  resumeBelow: 512 * 1024,
  patienceMs: 5000,
};

/**
 * Decides what is sent to a viewer that reads too slowly: whole GOPs are dropped, and it is disconnected if that does not
 * help. So the backlog is bounded, and other viewers are not affected.
 */
export class ViewerGate {
  private readonly limits: GateLimits;
  /** Since when frames are dropped, `performance.now()`. */
  private droppingSinceMs: number | undefined;

  /** @param backlog size of the viewer's backlog, bytes */
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
    // Headers are small, and required to decode what follows.
    return kind.endsWith('header') ? 'send' : 'drop';
  }
}
