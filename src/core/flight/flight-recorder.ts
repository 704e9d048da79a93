import type { Disposable } from 'vscode-jsonrpc';
import { Message } from 'vscode-jsonrpc/node';
import { RateLimiter } from '../../base/rate-limiter.js';
import { withDeadline } from '../../base/with-deadline.js';
import type { StreamTag } from '../../media/stream-tag.js';
import type { RpcTrace } from '../../rpc/rpc-trace.js';
import { keepNewest } from '../disk/keep-newest.js';
import type { EpochTag } from '../timeline/epoch.js';
import { FlightEntries } from './flight-entries.js';
import { FLIGHT_EXTENSION, FLIGHT_PREFIX, type FlightHeader, writeFlight } from './flight-file.js';
import { outline } from './outline.js';

/** From the crash until the record is written, so that it has what followed, ms. */
const AFTERMATH_MS = 1000;
/** Records at once, and how often another one. */
const FILES = { burst: 3, perSecond: 1 / 60 };
const KEPT = { count: 10, bytes: 200_000_000 };
/** Messages that are noted, in a second; others are counted. */
const MESSAGES = { burst: 200, perSecond: 100 };
const WRITE_DEADLINE_MS = 15_000;
const MOST_AWAITED = 1000;
const MOST_REASON = 300;

export interface FlightOptions {
  readonly folder: string;
  readonly version: string;
  /** A record was written, or could not be. */
  readonly onWritten: (path: string, reason: string) => void;
  readonly onFailed: (error: Error) => void;
}

/**
 * Remembers the last minute of what happened in the core, and writes it to a file when something has crashed. It never throws, never waits
 * for a disk, and holds no key: of texts in messages only lengths are left.
 */
export class FlightRecorder implements Disposable {
  private readonly entries = new FlightEntries();
  private readonly files = new RateLimiter(FILES);
  private readonly messages = new RateLimiter(MESSAGES);
  /** When requests were sent or received that have no answer yet. */
  private readonly awaited = new Map<string, number>();
  private pending:
    | { readonly timer: NodeJS.Timeout; readonly reason: string; readonly atMs: number }
    | undefined;
  private writing: Promise<void> = Promise.resolve();
  private isWriting = false;

  constructor(private readonly options: FlightOptions) {}

  note(kind: string, details: object): void {
    this.entries.add({ atMs: now(), kind, ...details });
  }

  /** What an encoder or a publisher has delivered, before the timeline takes it. */
  packet(epoch: number, { kind, track, rawMs, compositionMs, payload, readAtMs }: EpochTag): void {
    const tag: StreamTag = {
      kind,
      ...(track === undefined ? {} : { track }),
      timestampMs: rawMs,
      payload,
      readAtMs,
    };
    const details = { epoch, tagKind: kind, ms: rawMs, compositionMs, bytes: payload.length };
    this.entries.add(
      { atMs: readAtMs, kind: 'packet', ...details, ...(track === undefined ? {} : { track }) },
      tag,
    );
  }

  /** What is on air. */
  push({ kind, track, timestampMs, payload }: StreamTag): void {
    const details = { tagKind: kind, ms: timestampMs, bytes: payload.length };
    this.entries.add({ atMs: now(), kind: 'air', ...details, ...(track === undefined ? {} : { track }) });
  }

  readonly trace: RpcTrace = (peer, direction, message, bytes) => {
    if (!this.messages.take()) return;
    const omitted = this.messages.takeRefused();
    const common = { peer, direction, bytes, ...(omitted === 0 ? {} : { omitted }) };
    if (Message.isResponse(message)) {
      // The request went the other way.
      const key = `${peer} ${direction === 'sent' ? 'received' : 'sent'} ${message.id}`;
      const sinceMs = this.awaited.get(key);
      this.awaited.delete(key);
      const ms = sinceMs === undefined ? {} : { ms: Math.round((now() - sinceMs) * 10) / 10 };
      const error = message.error === undefined ? {} : { error: message.error.code };
      this.note('rpc', { ...common, answer: message.id, ...ms, ...error });
      return;
    }
    const { method, params } = message as { method?: string; params?: unknown };
    const id = Message.isRequest(message) ? message.id : undefined;
    if (id !== undefined && id !== null) this.await(`${peer} ${direction} ${id}`);
    this.note('rpc', {
      ...{ ...common, method },
      ...(id === undefined ? {} : { id }),
      ...(params === undefined ? {} : { params: outline(params) }),
    });
  };

  /** Has the last minute written, with what follows within a second. Several crashes in a row are one record. */
  crashed(what: string, reason: string): void {
    const text = `${what}: ${reason}`.slice(0, MOST_REASON);
    this.note('crash', { reason: text });
    if (this.pending !== undefined || this.isWriting || !this.files.take()) return;
    const timer = setTimeout(() => this.write(), AFTERMATH_MS);
    this.pending = { timer, reason: text, atMs: now() };
  }

  /** Resolves when nothing is being written. */
  async settle(deadlineMs: number): Promise<void> {
    if (this.pending !== undefined) this.write();
    await withDeadline(this.writing, deadlineMs, () => {});
  }

  private write(): void {
    const { pending, options } = this;
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    this.pending = undefined;
    this.isWriting = true;
    const { reason, atMs } = pending;
    const at = new Date();
    const header: FlightHeader = {
      ...{ bulkhead: 'flight', version: 1, reason, writtenAt: at.toISOString(), atMs },
      core: { version: options.version, pid: process.pid, platform: process.platform, node: process.version },
    };
    const name = `${FLIGHT_PREFIX}${at.toISOString().replace(/[:.]/g, '-')}-${process.pid}${FLIGHT_EXTENSION}`;
    const written = writeFlight(options.folder, name, header, this.entries.list());
    this.writing = withDeadline(written, WRITE_DEADLINE_MS, () => {
      throw new Error('the disk does not respond');
    })
      .then(
        (path) => options.onWritten(path, reason),
        (error: Error) => options.onFailed(error),
      )
      // One that hangs is not followed by others.
      .then(() => written.catch(() => {}))
      .then(() => keepNewest(options.folder, FLIGHT_PREFIX, KEPT))
      .catch(() => {})
      .finally(() => {
        this.isWriting = false;
      });
  }

  private await(key: string): void {
    this.awaited.set(key, now());
    const [oldest] = this.awaited.keys();
    if (this.awaited.size > MOST_AWAITED && oldest !== undefined) this.awaited.delete(oldest);
  }

  dispose(): void {
    clearTimeout(this.pending?.timer);
    this.pending = undefined;
    this.entries.clear();
  }
}

function now(): number {
  return performance.now();
}
