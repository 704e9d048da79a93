import { readFileSync, writeFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { checkValue } from '../../../base/check-value.js';
import { RateLimiter } from '../../../base/rate-limiter.js';
import * as z from '../../../base/zod.js';
import { isPipeName } from '../../../config/address.js';
import { boundedList, boundedRecord } from '../../../protocol/bounded.js';
import type { Log } from '../../log/log.js';

/** Minimum time between two writes, ms. */
const INTERVAL_MS = 200;
const MAX_BYTES = 256 * 1024;

const Id = z.string().max(400);
const Entries = z.object({
  /** When each plugin's host crashed, within the window, ms since 1970. */
  crashes: boundedRecord(boundedList(z.number(), 100), 1000),
  /** Plugins that were active within the last second. */
  active: boundedList(Id, 1000),
  /** The suspects being tried alone. */
  onTrial: boundedList(Id, 1000),
});

export type JournalEntries = z.infer<typeof Entries>;

/** Next to the control socket; if that is a pipe, nothing is stored. */
export function journalPath(address: string): string | undefined {
  return isPipeName(address) ? undefined : `${address}.plugins.json`;
}

const NOTHING: JournalEntries = { crashes: {}, active: [], onTrial: [] };

/**
 * What the next core must know about plugins if this one crashes: how often each has crashed, and which were active. Stored in
 * a small file next to the control socket, which is removed at an orderly end: a file found there is from a core that crashed.
 */
export class CrashJournal {
  /** Entries of a core that crashed here before; empty after an orderly end. */
  readonly before: JournalEntries;
  /** A synchronous write blocks the core. */
  private readonly limiter = new RateLimiter({ burst: 2, perSecond: 1 });
  private entries: () => JournalEntries = () => NOTHING;
  private written = '';
  private writing: Promise<void> | undefined;
  private readonly timer: NodeJS.Timeout | undefined;

  /** @param path The file; nothing is stored if undefined. */
  constructor(
    private readonly path: string | undefined,
    private readonly log: Pick<Log, 'debug' | 'warn'>,
  ) {
    this.before = path === undefined ? NOTHING : this.read(path);
    if (path === undefined) return;
    this.timer = setInterval(() => this.update(path), INTERVAL_MS);
    this.timer.unref();
  }

  /** Sets the provider of the entries. */
  keep(entries: () => JournalEntries): void {
    this.entries = entries;
  }

  /** Writes synchronously, for a core that may be about to exit. */
  writeNow(): void {
    if (this.path === undefined || !this.limiter.take()) return;
    try {
      writeFileSync(this.path, JSON.stringify(this.entries()), { mode: 0o600 });
    } catch {
      // The last successful write has to suffice.
    }
  }

  /** An orderly end: no plugin is a suspect. */
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

  /** Synchronous, since it is called before the core goes on air. */
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
