import sinon, { type SinonFakeTimers } from 'sinon';

/** Not `setImmediate` and `nextTick`: what is under way on channels in memory goes on while the clock stands still. */
const FAKED = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] as const;

/** Turns of the event loop within which anything under way on a channel in memory has come to rest. */
const TURNS = 20;

/** A clock that stands still until it is moved. */
export class FakeClock {
  private readonly timers: SinonFakeTimers = sinon.useFakeTimers({ toFake: [...FAKED] });

  /** Lets what is under way happen; the clock stands still. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Moves the clock, in steps of `stepMs` at the most, so that answers come between the timers. */
  async pass(ms: number, stepMs = 100): Promise<void> {
    await this.settle();
    for (let left = ms; left > 0; left -= stepMs) {
      this.timers.tick(Math.min(left, stepMs));
      await this.settle();
    }
  }

  /** Moves the clock at once: nothing but its timers runs in between. */
  tick(ms: number): void {
    this.timers.tick(ms);
  }

  /** Moves the clock as a suspended computer's does: each timer that is due runs once, late. */
  jump(ms: number): void {
    this.timers.jump(ms);
  }

  /** Timers that wait. */
  get pending(): number {
    return this.timers.countTimers();
  }

  restore(): void {
    this.timers.restore();
  }
}
