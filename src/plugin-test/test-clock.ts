import type { TestClock } from '@bulkhead/extension-api/testing';
import { install } from '@sinonjs/fake-timers';
import { takeStrayError } from './stray-errors.js';

const realTimeout = globalThis.setTimeout;

/** The time in a test. */
export interface InstalledTestClock extends TestClock {
  uninstall(): void;
}

/**
 * Time that only advances on request: for timers and `Date` of everything in the process, including the fake core.
 */
export class VirtualClock implements InstalledTestClock {
  private readonly clock: ReturnType<typeof install>;

  /** @param settle Resolves when the work started by a timer is done. */
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
    // Timers that became due at the very end, after the timer of this method.
    this.clock.tick(0);
    await this.settle();
  }

  /** An error thrown by a timer is uncaught, as with real time. */
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
