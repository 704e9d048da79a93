import type { FakeBrowser } from '@bulkhead/extension-api/testing';
import type { Browser } from '../core/streamer/browser.js';
import type { CallbackAddresses } from '../core/streamer/callback-addresses.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

/** A browser that the test steers: no page is opened, and nothing listens. */
export class SteeredBrowser implements Browser, FakeBrowser {
  readonly opened: string[] = [];
  isAvailable = true;
  /** What takes the query of a visit, by address. */
  private readonly waiting = new Map<string, (query: string | null) => void>();
  private last = 0;

  constructor(private readonly settle: () => Promise<void>) {}

  async open(url: string): Promise<boolean> {
    this.opened.push(url);
    return true;
  }

  readonly callbacks: CallbackAddresses = {
    open: async (timeoutMs) => {
      this.last += 1;
      const url = `http://127.0.0.1:${this.last}/callback`;
      let end: (query: string | null) => void = () => {};
      const query = new Promise<string | null>((resolve) => {
        const deadline = setTimeout(() => end(null), timeoutMs);
        end = (found) => {
          clearTimeout(deadline);
          this.waiting.delete(url);
          resolve(found);
        };
      });
      this.waiting.set(url, end);
      return { url, query, dispose: () => end(null) };
    },
  };

  async visit(url: string): Promise<void> {
    const [address = '', query = ''] = url.split(/\?(.*)/s);
    const take = this.waiting.get(address);
    if (take === undefined) {
      const open = [...this.waiting.keys()].join(', ') || 'none';
      throw new BulkheadError(
        ErrorCodes.configInvalid,
        `the plugin has no callback address ${address} open`,
        {
          remedy: `Open: ${open}.`,
        },
      );
    }
    take(query);
    await this.settle();
  }
}
