import sinon, { type SinonFakeTimers } from 'sinon';

/** Not `setImmediate` and `nextTick`: in-memory channels work while the clock stands still. */
const FAKED = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] as const;

/** Turns of the event loop after which all messages on in-memory channels have been delivered. */
const TURNS = 20;

/** A clock that advances only on request. */
export class FakeClock {
  private readonly timers: SinonFakeTimers = sinon.useFakeTimers({ toFake: [...FAKED] });

  /** Lets pending work happen without advancing the clock. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Advances the clock in steps of at most `stepMs`, so that answers arrive between the timers. */
  async pass(ms: number, stepMs = 100): Promise<void> {
    await this.settle();
    for (let left = ms; left > 0; left -= stepMs) {
      this.timers.tick(Math.min(left, stepMs));
      await this.settle();
    }
  }

  /** Advances the clock in one step: only its timers run in between. */
  tick(ms: number): void {
    this.timers.tick(ms);
  }

  /** Advances the clock like that of a suspended computer: each due timer runs once, late. */
  jump(ms: number): void {
    this.timers.jump(ms);
  }

  /** Number of pending timers. */
  get pending(): number {
    return this.timers.countTimers();
  }

  restore(): void {
    this.timers.restore();
  }
}
