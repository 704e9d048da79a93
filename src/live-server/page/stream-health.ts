/**
 * A viewer's state: `waiting` for the first frame or for one after a long silence, `live`, `stalled` briefly, or
 * `stuck`: media arrives but does not play, so that only a new connection helps.
 */
export type Health = 'waiting' | 'live' | 'stalled' | 'stuck';

export interface HealthSample {
  readonly nowMs: number;
  /** Playback position, seconds. */
  readonly position: number;
  /** Whether bytes of the stream have arrived recently. */
  readonly receiving: boolean;
}

const STALLED_AFTER_MS = 800;
const WAITING_AFTER_MS = 4000;
const STUCK_AFTER_MS = 5000;

/** Determines the health of one connection from samples taken a few times a second. */
export class StreamHealth {
  private position: number | undefined;
  private hasPlayed = false;
  private movedAtMs: number;
  private receivingSinceMs: number | undefined;

  constructor(connectedAtMs: number) {
    this.movedAtMs = connectedAtMs;
  }

  observe({ nowMs, position, receiving }: HealthSample): Health {
    if (this.position !== undefined && position > this.position) {
      this.hasPlayed = true;
      this.movedAtMs = nowMs;
    }
    this.position = position;
    const stillMs = nowMs - this.movedAtMs;
    this.receivingSinceMs = receiving ? (this.receivingSinceMs ?? nowMs) : undefined;
    const unplayedMs = this.receivingSinceMs === undefined ? 0 : nowMs - this.receivingSinceMs;
    if (Math.min(stillMs, unplayedMs) >= STUCK_AFTER_MS) return 'stuck';
    if (!this.hasPlayed || stillMs >= WAITING_AFTER_MS) return 'waiting';
    return stillMs >= STALLED_AFTER_MS ? 'stalled' : 'live';
  }
}
