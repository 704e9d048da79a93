import type { PluginCode } from './plugin-code.js';

type Timers = Pick<typeof globalThis, 'setTimeout' | 'setInterval' | 'clearTimeout' | 'clearInterval'>;

interface PendingTimer {
  readonly timer: NodeJS.Timeout;
  readonly where: string;
}

/** Pending timers set by a plugin's code, with the location where each was set. */
export class TimerWatch {
  private readonly pending = new Map<number, PendingTimer>();
  private readonly before: Timers;

  /** Starts watching, on any installed clock. */
  constructor(private readonly code: PluginCode) {
    const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
    this.before = { setTimeout, setInterval, clearTimeout, clearInterval };
    globalThis.setTimeout = this.watched(setTimeout, true);
    globalThis.setInterval = this.watched(setInterval, false);
    globalThis.clearTimeout = this.forgetting(clearTimeout);
    globalThis.clearInterval = this.forgetting(clearInterval);
  }

  /** Where each was set, as a line of a stack. */
  list(): readonly string[] {
    return [...this.pending.values()].map(({ where }) => where);
  }

  /** Clears all of them. */
  clear(): void {
    for (const { timer } of [...this.pending.values()]) clearTimeout(timer);
    this.pending.clear();
  }

  dispose(): void {
    Object.assign(globalThis, this.before);
  }

  private watched<F extends typeof setTimeout | typeof setInterval>(set: F, once: boolean): F {
    const apply = (target: F, self: unknown, [callback, ...rest]: unknown[]): unknown => {
      const where = this.code.caller(apply);
      if (where === undefined || typeof callback !== 'function') {
        return Reflect.apply(target, self, [callback, ...rest]);
      }
      const fire = (...args: unknown[]) => {
        if (once) this.pending.delete(id);
        return Reflect.apply(callback, undefined, args);
      };
      const timer: NodeJS.Timeout = Reflect.apply(target, self, [fire, ...rest]);
      const id = Number(timer);
      this.pending.set(id, { timer, where });
      return timer;
    };
    // Properties of the function, such as its promise version, are kept.
    return new Proxy(set, { apply });
  }

  private forgetting<F extends typeof clearTimeout>(clear: F): F {
    const apply = (target: F, self: unknown, [timer]: unknown[]): unknown => {
      if (timer !== undefined && timer !== null) this.pending.delete(Number(timer));
      return Reflect.apply(target, self, [timer]);
    };
    return new Proxy(clear, { apply });
  }
}
