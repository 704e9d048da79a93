import type { TestClock } from '@bulkhead/extension-api/testing';
import { install } from '@sinonjs/fake-timers';

const realTimeout = globalThis.setTimeout;

/** What the time does in a test. */
export interface InstalledTestClock extends TestClock {
  uninstall(): void;
}

/** Time that stands still until it is moved: timers and `Date` of everything in the process, the fake core's too. */
export class VirtualClock implements InstalledTestClock {
  private readonly clock: ReturnType<typeof install>;

  /** @param settle Resolves when what a timer has set off is done. */
  constructor(private readonly settle: () => Promise<void>) {
    this.clock = install({
      now: Date.now(),
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    });
  }

  get nowMs(): number {
    return this.clock.now;
  }

  async advance(ms: number): Promise<void> {
    const endMs = this.clock.now + ms;
    await this.settle();
    for (;;) {
      const dueMs = this.nextDueMs();
      if (dueMs === undefined || dueMs > endMs) break;
      this.clock.tick(Math.max(0, dueMs - this.clock.now));
      await this.settle();
    }
    this.clock.tick(Math.max(0, endMs - this.clock.now));
    await this.settle();
  }

  uninstall(): void {
    this.clock.uninstall();
  }

  /** When the next timer comes due, ms since 1970. */
  private nextDueMs(): number | undefined {
    const { timers } = this.clock as unknown as {
      readonly timers?: Readonly<Record<string, { readonly callAt: number }>>;
    };
    const due = Object.values(timers ?? {}).map(({ callAt }) => callAt);
    return due.length === 0 ? undefined : Math.min(...due);
  }
}

/** The real time. */
export class RealClock implements InstalledTestClock {
  constructor(private readonly settle: () => Promise<void>) {}

  get nowMs(): number {
    return Date.now();
  }

  async advance(ms: number): Promise<void> {
    await new Promise((resolve) => realTimeout(resolve, ms));
    await this.settle();
  }

  uninstall(): void {}
}
