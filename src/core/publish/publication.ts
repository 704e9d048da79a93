import type { Disposable } from 'vscode-jsonrpc';
import { withDeadline } from '../../base/with-deadline.js';
import type { StreamTag } from '../../media/stream-tag.js';
import { type BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { MediaSession, SessionErrors } from './media-session.js';
import { DropWatch } from './queue/drop-watch.js';
import type { OutputClock } from './queue/output-clock.js';
import type { SendQueue } from './queue/send-queue.js';
import type { TransitTimes } from './queue/transit-times.js';

export interface PublicationTimings {
  /**
   * How long nothing is sent after the server has accepted, ms. node-media-server accepts a key that is in use, closes,
   * and still sends the media received in between to the other publisher's viewers.
   */
  readonly holdMs: number;
  /** How long a server that has accepted must not close for the stream to count as live, ms. */
  readonly settleMs: number;
  /** How long the socket may accept nothing, ms. The kernel's buffers fill up first: see AckWatch. */
  readonly stallMs: number;
  /** How long a session must be up to end an outage, ms; and how much it must have sent by then, bytes. */
  readonly sustainedMs: number;
  readonly sustainedBytes: number;
  /** How long to wait for a keyframe after a server's request to reconnect, ms. */
  readonly reconnectRequestMs: number;
}

/** Why a publication has ended: it was lost, the server requested a reconnect, or it was stopped. */
export type PublicationEnd =
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'lost';
      readonly error: BulkheadError;
      /** Closed before it was live: the key may be in use by another publisher. */
      readonly atOnce: boolean;
    }
  | { readonly kind: 'reconnect'; readonly tcUrl: string | undefined };

export interface PublicationHooks {
  /** The stream is on air as far as can be determined. */
  onLive(): void;
  /** It has been on air for a while. */
  onSustained(): void;
  /** Frames are dropped because the server is too slow; or, with false, no longer. */
  onSlow(slow: boolean): void;
}

const WATCH_MS = 250;
/** A server that closes within this time of accepting, plus the settle time, has not really accepted, ms. */
const AT_ONCE_MS = 1000;
/**
 * Missing acknowledgements are a weaker sign than a socket that accepts nothing: their timeout is this many times as
 * long.
 */
const SILENCE_FACTOR = 2;
/** A socket that has accepted nothing for this long is stuck rather than slow, ms. */
const STUCK_MS = 2000;
/** How long a server may take to close after a ReconnectRequest was followed, ms. */
const LEAVE_MS = 1000;

/** One accepted session with its media: sends the queue as fast as the socket accepts it, and monitors the session. */
export class Publication implements Disposable {
  readonly ended: Promise<PublicationEnd>;
  private end: (end: PublicationEnd) => void = () => {};
  private readonly acceptedAtMs = performance.now();
  private firstMediaAtMs: number | undefined;
  private live = false;
  private sustained = false;
  private leaving = false;
  private emptied: (() => void) | undefined;
  /** When the tags were read that have not been passed to the socket yet. */
  private readTimes: number[] = [];
  /** Tags that the session has started with, until the first tag after them: a tag is never sent twice. */
  private runUp: Set<StreamTag> | undefined;
  private readonly drops = new DropWatch();
  private readonly timer: NodeJS.Timeout;
  private holding: NodeJS.Timeout | undefined;

  constructor(
    private readonly session: MediaSession,
    private readonly queue: SendQueue,
    private readonly clock: OutputClock,
    private readonly transit: TransitTimes,
    private readonly errors: SessionErrors,
    private readonly timings: PublicationTimings,
    private readonly hooks: PublicationHooks,
  ) {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    session.hooks = { onFlush: () => this.onFlush(), onDrain: () => this.pump() };
    void session.ended.then((error) => this.onEnded(error));
    this.timer = setInterval(() => this.watch(), WATCH_MS);
  }

  get bytesTaken(): number {
    return this.session.progress.bytesTaken;
  }

  /**
   * Starts sending after `holdMs`: first the result of `snapshot`, `[metadata, headers, keyframe, …]`, then pushed tags.
   */
  start(snapshot: () => StreamTag[], holdMs: number): void {
    this.holding = setTimeout(() => {
      this.holding = undefined;
      const runUp = snapshot();
      this.runUp = new Set(runUp);
      this.queue.restart(runUp);
      this.pump();
    }, holdMs);
  }

  push(tag: StreamTag): void {
    if (this.leaving || this.holding !== undefined || this.runUp?.has(tag)) return;
    this.runUp = undefined;
    if (tag.kind === 'keyframe' && this.session.reconnectRequest !== undefined) {
      void this.leave();
      return;
    }
    this.queue.push(tag);
    this.pump();
  }

  /** Sends the queue, then ends the stream at the server; after `deadlineMs` at the latest. */
  async endStream(deadlineMs: number): Promise<void> {
    const until = performance.now() + deadlineMs;
    this.leaving = true;
    clearTimeout(this.holding);
    await this.drained(deadlineMs);
    await this.session.endStream(Math.max(0, until - performance.now()));
    this.dispose();
    this.end({ kind: 'stopped' });
  }

  /** Drops the connection without ending the stream. */
  dispose(): void {
    this.clearTimers();
    this.session.hooks = undefined;
    this.session.dispose();
  }

  private pump(): void {
    while (!this.session.progress.busy) {
      const entry = this.queue.shift();
      if (entry === undefined) {
        this.emptied?.();
        return;
      }
      const tag = this.clock.next(entry.tag, entry.runUp);
      if (tag === undefined) continue;
      this.session.send(tag.kind, tag.timestampMs, tag.payload);
      if (!entry.runUp) this.readTimes.push(tag.readAtMs);
      this.firstMediaAtMs ??= performance.now();
    }
  }

  private onFlush(): void {
    const now = performance.now();
    for (const readAt of this.readTimes) this.transit.add(now - readAt);
    this.readTimes = [];
  }

  private watch(): void {
    const now = performance.now();
    const { settleMs, stallMs, sustainedMs, sustainedBytes, reconnectRequestMs } = this.timings;
    const stalledMs = this.session.progress.stalledMs(now);
    const silentMs = this.session.silentMs(now);
    if (stalledMs > stallMs || silentMs > SILENCE_FACTOR * stallMs) {
      this.session.fail(this.errors.stalled(Math.max(stalledMs, silentMs) / 1000));
      return;
    }
    const request = this.session.reconnectRequest;
    if (request !== undefined && !this.leaving && now - request.atMs > reconnectRequestMs) void this.leave();
    if (this.firstMediaAtMs === undefined) return;
    const upMs = now - this.firstMediaAtMs;
    if (!this.live && (this.session.acknowledged || upMs >= settleMs)) {
      this.live = true;
      this.hooks.onLive();
    }
    if (!this.sustained && upMs >= sustainedMs && this.bytesTaken >= sustainedBytes) {
      this.sustained = true;
      this.hooks.onSustained();
    }
    // A socket that accepts nothing at all is handled above.
    if (!this.live || stalledMs > STUCK_MS) return;
    const slow = this.drops.take(this.queue.droppedFrames, now);
    if (slow !== undefined) this.hooks.onSlow(slow);
  }

  /** Follows a ReconnectRequest: the GOP is completed, but the stream is not ended, since it continues elsewhere. */
  private async leave(): Promise<void> {
    this.leaving = true;
    const tcUrl = this.session.reconnectRequest?.tcUrl;
    try {
      await this.drained(LEAVE_MS);
      await this.session.close(LEAVE_MS);
    } finally {
      // Even if this failed, the output must not wait for this publication forever.
      this.dispose();
      this.end({ kind: 'reconnect', tcUrl });
    }
  }

  private async drained(deadlineMs: number): Promise<void> {
    const emptied = new Promise<void>((resolve) => {
      this.emptied = resolve;
      if (this.queue.empty) resolve();
    });
    await withDeadline(Promise.race([emptied, this.session.ended]), deadlineMs, () => {});
  }

  private clearTimers(): void {
    clearInterval(this.timer);
    clearTimeout(this.holding);
  }

  private onEnded(error: BulkheadError): void {
    this.clearTimers();
    // A ReconnectRequest that is being followed ends by itself.
    if (this.leaving) return;
    const atOnce =
      !this.live &&
      error.code === ErrorCodes.outputClosed &&
      performance.now() - this.acceptedAtMs < AT_ONCE_MS + this.timings.settleMs;
    this.end({ kind: 'lost', error: atOnce ? this.errors.closedAtOnce() : error, atOnce });
  }
}
