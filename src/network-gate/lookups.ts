import { lookup } from 'node:dns/promises';

/** Most at a time: each blocks one of the gate's threads, and names of one plugin that nobody answers must not stop the others. */
const MOST = 3;

type Find = (name: string) => Promise<readonly { readonly address: string }[]>;

/** Looks up the names of one door, a few at a time. */
export class Lookups {
  /** By what aborts them. */
  private readonly running = new Set<AbortSignal>();
  /** In their order. */
  private readonly waiting = new Set<() => void>();

  /** @param lookUp for tests, which have no names of their own */
  constructor(private readonly lookUp: Find = (name) => lookup(name, { all: true, verbatim: true })) {}

  /** How many go on though they have been aborted: the system's resolver cannot be stopped. */
  get abandoned(): number {
    return [...this.running].filter(({ aborted }) => aborted).length;
  }

  /**
   * @param signal of this call only. A name that still waits for its turn leaves at once.
   * @returns the addresses, in the order of the system's resolver @throws as Node does, such as `ENOTFOUND`
   */
  async find(name: string, signal: AbortSignal): Promise<string[]> {
    signal.throwIfAborted();
    if (this.running.size < MOST) this.running.add(signal);
    else await this.turn(signal);
    try {
      signal.throwIfAborted();
      const found = await this.lookUp(name);
      return found.map(({ address }) => address);
    } finally {
      this.running.delete(signal);
      const [next] = this.waiting;
      next?.();
    }
  }

  private turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.waiting.delete(begin);
        signal.removeEventListener('abort', withdraw);
      };
      const begin = () => {
        leave();
        // Here, so that nobody else takes the place before the promise's continuation runs.
        this.running.add(signal);
        resolve();
      };
      const withdraw = () => {
        leave();
        reject(signal.reason);
      };
      this.waiting.add(begin);
      signal.addEventListener('abort', withdraw);
    });
  }
}
