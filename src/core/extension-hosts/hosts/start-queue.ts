/** A start under way, as far as the queue is concerned. */
export interface QueuedStart {
  /** It is to begin; resolves when the next one may. */
  readonly begin: () => Promise<void>;
}

/**
 * Lets hosts start a few at a time. Each start holds the core up for some milliseconds, and many at once would cost it a video frame;
 * all of them together are active no sooner, since they share the machine's processors.
 */
export class StartQueue {
  private readonly waiting: QueuedStart[] = [];
  private running = 0;

  constructor(private readonly atOnce: number) {}

  /** Begins at once if there is room. */
  add(start: QueuedStart): void {
    this.waiting.push(start);
    this.next();
  }

  /** Forgets one that has not begun. @returns whether there was one. */
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
