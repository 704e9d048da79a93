/** How one direction of a link behaves. What is absent is as on a cable: nothing is limited, late or lost. */
export interface LinkCondition {
  /** kbit/s. */
  readonly rateKbps?: number;
  /** How much waits in front of the link before packets are dropped, ms of its rate; 250 by default. */
  readonly bufferMs?: number;
  /** ms. */
  readonly delayMs?: number;
  /** What is added to the delay at most, at random for each packet, ms. Packets stay in order, as in most networks. */
  readonly jitterMs?: number;
  /** Share of packets that are lost at random, 0 to 1. */
  readonly loss?: number;
  /** Nothing passes. */
  readonly down?: boolean;
}

const DEFAULT_BUFFER_MS = 250;

/** When packets leave one direction of a link. Knows no clock: the caller says what time it is. */
export class Link {
  private condition: LinkCondition = {};
  /** When the last packet has left the sender, and when it arrives. */
  private sentAtMs = 0;
  private arrivesAtMs = 0;
  dropped = 0;

  /** @param random in [0, 1) */
  constructor(private readonly random: () => number) {}

  set(condition: LinkCondition): void {
    this.condition = condition;
  }

  /** @returns when a packet of `bytes` that is sent now arrives; undefined if it is lost */
  arrival(bytes: number, nowMs: number): number | undefined {
    const {
      rateKbps,
      bufferMs = DEFAULT_BUFFER_MS,
      delayMs = 0,
      jitterMs = 0,
      loss = 0,
      down,
    } = this.condition;
    // Drawn for each packet, so that what is lost depends on the number of packets alone.
    const [lost, late] = [this.random() < loss, this.random()];
    const beginsAtMs = Math.max(nowMs, this.sentAtMs);
    const waits = rateKbps !== undefined && beginsAtMs - nowMs > bufferMs;
    if (down === true || lost || waits) {
      this.dropped++;
      return undefined;
    }
    this.sentAtMs = rateKbps === undefined ? nowMs : beginsAtMs + (bytes * 8) / rateKbps;
    this.arrivesAtMs = Math.max(this.arrivesAtMs, this.sentAtMs + delayMs + jitterMs * late);
    return this.arrivesAtMs;
  }
}

/** Random numbers in [0, 1) that are the same for each seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
