import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../core/processes/entry-points.js';

type Timers = Pick<typeof globalThis, 'setTimeout' | 'setInterval' | 'clearTimeout' | 'clearInterval'>;

/** The timers that a plugin's code has set and that are still to come, with the place that each was set at. */
export class TimerWatch {
  private readonly pending = new Map<number, string>();
  private readonly before: Timers;
  private readonly folders: readonly string[];
  private readonly own: readonly string[];

  /** Watches from now on, whatever clock is installed. @param folder The plugin's. */
  constructor(folder: string) {
    this.folders = [folder + sep, `${pathToFileURL(folder).href}/`];
    const root = packageRoot();
    this.own = ['src', 'dist'].flatMap((name) => [
      join(root, name) + sep,
      `${pathToFileURL(join(root, name)).href}/`,
    ]);
    const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
    this.before = { setTimeout, setInterval, clearTimeout, clearInterval };
    globalThis.setTimeout = this.watched(setTimeout, true);
    globalThis.setInterval = this.watched(setInterval, false);
    globalThis.clearTimeout = this.forgetting(clearTimeout);
    globalThis.clearInterval = this.forgetting(clearInterval);
  }

  /** Where each was set, a line of a stack. */
  list(): readonly string[] {
    return [...this.pending.values()];
  }

  dispose(): void {
    Object.assign(globalThis, this.before);
  }

  private watched<F extends typeof setTimeout | typeof setInterval>(set: F, once: boolean): F {
    const apply = (target: F, self: unknown, [callback, ...rest]: unknown[]): unknown => {
      const where = this.caller(apply);
      if (where === undefined || typeof callback !== 'function') {
        return Reflect.apply(target, self, [callback, ...rest]);
      }
      const fire = (...args: unknown[]) => {
        if (once) this.pending.delete(id);
        return Reflect.apply(callback, undefined, args);
      };
      const timer = Reflect.apply(target, self, [fire, ...rest]);
      const id = Number(timer);
      this.pending.set(id, where);
      return timer;
    };
    // What hangs on the function, such as its promise form, stays there.
    return new Proxy(set, { apply });
  }

  private forgetting<F extends typeof clearTimeout>(clear: F): F {
    const apply = (target: F, self: unknown, [timer]: unknown[]): unknown => {
      if (timer !== undefined && timer !== null) this.pending.delete(Number(timer));
      return Reflect.apply(target, self, [timer]);
    };
    return new Proxy(clear, { apply });
  }

  /** The place that calls, when it is in the plugin's folder. */
  private caller(below: object): string | undefined {
    const here: { stack?: string } = {};
    Error.captureStackTrace(here, below as () => unknown);
    const frame = here.stack
      ?.split('\n')
      .slice(1)
      .find((line) => !line.includes('<anonymous>'));
    if (frame === undefined || this.own.some((folder) => frame.includes(folder))) return undefined;
    return this.folders.some((folder) => frame.includes(folder)) ? frame.trim() : undefined;
  }
}
