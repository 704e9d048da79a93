/** How long the messages of all connections together may take in one turn of the event loop, ms. */
const TURN_MS = 4;
/** Time of a turn that is not worth an immediate, which would delay each single message: it counts into the next one. */
const SHORT_MS = 0.5;

/**
 * Shares the event loop among the connections of a process, and leaves most of it to other work: otherwise many fast peers
 * would block it for a slice each.
 */
class Turns {
  /** Connections that need more time; first come, first served. */
  private waiting: (() => void)[] = [];
  private usedMs = 0;
  private scheduled = false;

  /** Time left in this turn, ms. */
  get leftMs(): number {
    return this.waiting.length === 0 ? TURN_MS - this.usedMs : 0;
  }

  /** Records time spent on messages. */
  spend(ms: number): void {
    this.usedMs += ms;
    if (this.usedMs > SHORT_MS) this.schedule();
  }

  /** Calls `step` in a later turn, after those already waiting. */
  wait(step: () => void): void {
    this.waiting.push(step);
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(this.begin);
  }

  private readonly begin = (): void => {
    this.scheduled = false;
    this.usedMs = 0;
    const steps = this.waiting;
    this.waiting = [];
    let next = 0;
    for (; next < steps.length && this.usedMs < TURN_MS; next++) steps[next]?.();
    this.waiting = [...steps.slice(next), ...this.waiting];
    if (this.waiting.length > 0) this.schedule();
  };
}

export const turns = new Turns();
