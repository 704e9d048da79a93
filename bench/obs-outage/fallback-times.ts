import { setTimeout as delay } from 'node:timers/promises';
import type { Bulkhead } from '../../test/support/bulkhead.js';

const EVERY_MS = 100;

/** When no publisher was on air, as Bulkhead's status says. */
export class FallbackTimes {
  private readonly spans: { readonly fromMs: number; toMs: number }[] = [];
  private watching = true;
  private readonly done: Promise<void>;

  constructor(private readonly bulkhead: Bulkhead) {
    this.done = this.watch();
  }

  holds(atMs: number): boolean {
    return this.spans.some(({ fromMs, toMs }) => atMs >= fromMs && atMs <= toMs);
  }

  async stop(): Promise<void> {
    this.watching = false;
    await this.done;
  }

  private async watch(): Promise<void> {
    let open: { readonly fromMs: number; toMs: number } | undefined;
    while (this.watching) {
      const nowMs = performance.now();
      const { ingests } = await this.bulkhead.status();
      if (ingests[0]?.state === 'live') {
        open = undefined;
      } else if (open === undefined) {
        open = { fromMs: nowMs, toMs: nowMs };
        this.spans.push(open);
      } else {
        open.toMs = nowMs;
      }
      await delay(EVERY_MS);
    }
  }
}
