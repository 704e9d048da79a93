import { readFileSync, writeFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { checkValue } from '../../../base/check-value.js';
import { RateLimiter } from '../../../base/rate-limiter.js';
import { isPipeName } from '../../../config/address.js';
import { boundedList, boundedRecord } from '../../../protocol/bounded.js';
import type { Log } from '../../log/log.js';

/** Shortest time between two writes, ms. */
const INTERVAL_MS = 200;
const MAX_BYTES = 256 * 1024;

const Id = z.string().max(400);
const Entries = z.object({
  /** When each plugin's host crashed, within the time that counts, ms since 1970. */
  crashes: boundedRecord(boundedList(z.number(), 100), 1000),
  /** Plugins that were at work within the last second. */
  active: boundedList(Id, 1000),
  /** The suspects that were being tried alone. */
  onTrial: boundedList(Id, 1000),
});

export type JournalEntries = z.infer<typeof Entries>;

/** Beside the control socket; where that is a pipe, nothing is kept. */
export function journalPath(address: string): string | undefined {
  return isPipeName(address) ? undefined : `${address}.plugins.json`;
}

const NOTHING: JournalEntries = { crashes: {}, active: [], onTrial: [] };

/**
 * What must be known of plugins when the core has died: how often each has crashed, and which were at work. In a small file beside
 * the control socket, which an orderly end removes: one that is found there is a dead core's.
 */
export class CrashJournal {
  /** Of the core that ran here before and died; empty after an orderly end. */
  readonly before: JournalEntries;
  /** Writing at once holds the core up. */
  private readonly limiter = new RateLimiter({ burst: 2, perSecond: 1 });
  private entries: () => JournalEntries = () => NOTHING;
  private written = '';
  private writing: Promise<void> | undefined;
  private readonly timer: NodeJS.Timeout | undefined;

  /** @param path The file; nothing is kept without one. */
  constructor(
    private readonly path: string | undefined,
    private readonly log: Pick<Log, 'debug' | 'warn'>,
  ) {
    this.before = path === undefined ? NOTHING : this.read(path);
    if (path === undefined) return;
    this.timer = setInterval(() => this.update(path), INTERVAL_MS);
    this.timer.unref();
  }

  /** Takes who is asked for what is to be kept. */
  keep(entries: () => JournalEntries): void {
    this.entries = entries;
  }

  /** Writes at once, for a core that may be about to end. */
  writeNow(): void {
    if (this.path === undefined || !this.limiter.take()) return;
    try {
      writeFileSync(this.path, JSON.stringify(this.entries()), { mode: 0o600 });
    } catch {
      // What was written last has to do.
    }
  }

  /** An orderly end: nobody is suspected of anything. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
    if (this.path !== undefined) await rm(this.path, { force: true }).catch(() => {});
  }

  private update(path: string): void {
    if (this.writing !== undefined) return;
    const text = JSON.stringify(this.entries());
    if (text === this.written) return;
    this.written = text;
    this.writing = this.write(path, text).finally(() => {
      this.writing = undefined;
    });
  }

  private async write(path: string, text: string): Promise<void> {
    const temporary = `${path}.new`;
    try {
      await writeFile(temporary, text, { mode: 0o600 });
      await rename(temporary, path);
    } catch (error) {
      this.log.debug(`the journal of crashes was not written: ${(error as Error).message}`);
    }
  }

  /** Before the core goes on air: it may take a moment. */
  private read(path: string): JournalEntries {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch {
      return NOTHING;
    }
    const parsed = text.length > MAX_BYTES ? undefined : checkValue(Entries, parseOrUndefined(text));
    if (parsed?.success) return parsed.data;
    this.log.warn(`the journal of crashes ${path} is damaged and was left as it is`);
    return NOTHING;
  }
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
