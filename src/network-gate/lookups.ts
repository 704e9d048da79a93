import { lookup } from 'node:dns/promises';

/** Most at a time: each blocks one of the gate's threads, and names of one plugin that nobody answers must not stop the others. */
const MOST = 3;

type Find = (name: string) => Promise<readonly { readonly address: string }[]>;

/** Looks up the names of one door, a few at a time. */
export class Lookups {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param lookUp for tests, which have no names of their own */
  constructor(private readonly lookUp: Find = (name) => lookup(name, { all: true, verbatim: true })) {}

  /** @returns the addresses, in the order of the system's resolver @throws as Node does, such as `ENOTFOUND` */
  async find(name: string): Promise<string[]> {
    if (this.running >= MOST) await new Promise<void>((begin) => this.waiting.push(begin));
    else this.running += 1;
    try {
      const found = await this.lookUp(name);
      return found.map(({ address }) => address);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running -= 1;
      else next();
    }
  }
}
