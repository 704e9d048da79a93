import type { TestClock } from '@bulkhead/extension-api/testing';
import { install } from '@sinonjs/fake-timers';
import { takeStrayError } from './stray-errors.js';

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
    await this.settle();
    let arrived = false;
    this.clock.setTimeout(() => {
      arrived = true;
    }, ms);
    while (!arrived) {
      this.fireNext();
      await this.settle();
    }
    // What came due at the very end, after the timer of this method.
    this.clock.tick(0);
    await this.settle();
  }

  /** What a timer throws is caught by nobody, as with a real one. */
  private fireNext(): void {
    try {
      this.clock.next();
    } catch (error) {
      takeStrayError(error);
    }
  }

  uninstall(): void {
    this.clock.uninstall();
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
