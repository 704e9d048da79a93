/** A pending start. */
export interface QueuedStart {
  /** Begins the start; resolves when the next one may begin. */
  readonly begin: () => Promise<void>;
}

/**
 * Limits how many hosts start at the same time. Each start blocks the core for some milliseconds, and many at once would cost
 * it a video frame; starting all together would not be faster in total, since they share the machine's processors.
 */
export class StartQueue {
  private readonly waiting: QueuedStart[] = [];
  private running = 0;

  constructor(private readonly atOnce: number) {}

  /** Begins immediately if the limit allows. */
  add(start: QueuedStart): void {
    this.waiting.push(start);
    this.next();
  }

  /** Removes a start that has not begun. @returns whether there was one. */
  remove(start: QueuedStart): boolean {
    const index = this.waiting.indexOf(start);
    if (index !== -1) this.waiting.splice(index, 1);
    return index !== -1;
  }

  private next(): void {
    if (this.running >= this.atOnce) return;
    const start = this.waiting.shift();
    if (start === undefined) return;
    this.running += 1;
    void start.begin().finally(() => {
      this.running -= 1;
      this.next();
    });
  }
}
