import type { Disposable } from 'vscode-jsonrpc';
import { withDeadline } from '../../base/with-deadline.js';
import type { StreamTag } from '../../media/stream-tag.js';
import { type BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { MediaSession, SessionAlternative, SessionErrors } from './media-session.js';
import type { OutputFlow } from './output.js';
import { DropWatch } from './queue/drop-watch.js';
import type { OutputClock } from './queue/output-clock.js';
import type { Patience } from './queue/patience.js';
import type { SendQueue } from './queue/send-queue.js';
import type { TransitTimes } from './queue/transit-times.js';
import { SessionDoubt } from './session-doubt.js';

export interface PublicationTimings {
  /**
   * How long nothing is sent after the server has accepted, ms. node-media-server accepts a key that is in use, closes,
   * and still sends the media received in between to the other publisher's viewers.
   */
  readonly holdMs: number;
  /** How long a server that has accepted must not close for the stream to count as live, ms. */
  readonly settleMs: number;
  /**
   * How long the socket may accept nothing before the stream counts as interrupted, ms. The kernel's buffers fill up first: see AckWatch. Whether the
   * session is given up then, `SessionDoubt` says.
   */
  readonly stallMs: number;
  /** How long it may accept nothing in any case, ms. */
  readonly mostStallMs: number;
  /** How long a session must be up to end an outage, ms; and how much it must have sent by then, bytes. */
  readonly sustainedMs: number;
  readonly sustainedBytes: number;
  /** How long to wait for a keyframe after a server's request to reconnect, ms. */
  readonly reconnectRequestMs: number;
}

/** Why a publication has ended: it was lost, the server requested a reconnect, it has moved to another server, or it was stopped. */
export type PublicationEnd =
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'lost';
      readonly error: BulkheadError;
      /** Closed before it was live: the key may be in use by another publisher. */
      readonly atOnce: boolean;
    }
  | { readonly kind: 'reconnect'; readonly tcUrl: string | undefined }
  | { readonly kind: 'moved' };

export interface PublicationHooks {
  /** The stream is on air as far as can be determined. */
  onLive(): void;
  /** It has been on air for a while. */
  onSustained(): void;
  /** Media has just been handed to the network. */
  onSent(): void;
  /** Frames are dropped because the server is too slow; or, with false, no longer. */
  onSlow(slow: boolean): void;
  /** The server has taken nothing for so long, s, and is waited for; or, with undefined, takes data again. */
  onStalled(seconds: number | undefined): void;
}

const WATCH_MS = 250;
/** A server that closes within this time of accepting, plus the settle time, has not really accepted, ms. */
const AT_ONCE_MS = 1000;
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
  private readonly doubt: SessionDoubt;
  private stalled = false;
  private readonly timer: NodeJS.Timeout;
  private holding: NodeJS.Timeout | undefined;
  private resuming = false;
  /** What is pushed is the next session's. */
  private moving = false;

  constructor(
    private readonly session: MediaSession,
    private readonly queue: SendQueue,
    private readonly patience: Patience,
    private readonly clock: OutputClock,
    private readonly transit: TransitTimes,
    private readonly errors: SessionErrors & SessionAlternative,
    private readonly timings: PublicationTimings,
    private readonly hooks: PublicationHooks,
  ) {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    this.doubt = new SessionDoubt({ stallMs: timings.stallMs, mostMs: timings.mostStallMs });
    session.hooks = { onFlush: () => this.onFlush(), onDrain: () => this.pump() };
    void session.ended.then((error) => this.onEnded(error));
    this.timer = setInterval(() => this.watch(), WATCH_MS);
  }

  /** Whether the stream has been on air as far as can be determined. */
  get hasBeenLive(): boolean {
    return this.live;
  }

  /** How the server takes what it is sent; undefined while that is not on air. */
  flow(): OutputFlow | undefined {
    if (!this.live || this.leaving) return undefined;
    const stalledMs = this.session.stalledMs(performance.now());
    return { lateMs: this.queue.lateMs, stalledMs, takenBytes: this.bytesTaken };
  }

  get bytesTaken(): number {
    return this.session.progress.bytesTaken;
  }

  get ackDelayMs(): number | undefined {
    return this.session.ackDelayMs;
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

  /** Starts after `holdMs` with what the session before has not sent. Tags are kept until then. */
  resume(holdMs: number): void {
    this.resuming = true;
    this.holding = setTimeout(() => this.goOn(), holdMs);
  }

  private goOn(): void {
    this.holding = undefined;
    this.resuming = false;
    this.clock.rewind(this.queue.resume());
    this.pump();
  }

  push(tag: StreamTag): void {
    if (this.resuming || this.moving) {
      this.queue.push(tag, this.patience.interrupt());
      return;
    }
    if (this.leaving || this.holding !== undefined || this.runUp?.has(tag)) return;
    this.runUp = undefined;
    if (tag.kind === 'keyframe' && this.session.reconnectRequest !== undefined) {
      void this.leave();
      return;
    }
    const stalledMs = this.session.stalledMs(performance.now());
    this.queue.push(tag, this.patience.take(this.queue, stalledMs));
    this.pump();
  }

  /** Sends the queue, then ends the stream at the server; after `deadlineMs` at the latest. */
  async endStream(deadlineMs: number): Promise<void> {
    const until = performance.now() + deadlineMs;
    this.leaving = true;
    clearTimeout(this.holding);
    if (this.resuming) this.goOn();
    await this.drained(deadlineMs);
    await this.session.endStream(Math.max(0, until - performance.now()));
    this.dispose();
    this.end({ kind: 'stopped' });
  }

  /** Goes on with another session, as after a ReconnectRequest. */
  reconnect(): void {
    if (!this.leaving) void this.leave();
  }

  /** Drops the connection without ending the stream. */
  dispose(): void {
    this.clearTimers();
    this.session.hooks = undefined;
    this.session.dispose();
  }

  private pump(): void {
    while (!this.moving && !this.session.progress.busy) {
      const entry = this.queue.shift();
      if (entry === undefined) {
        this.emptied?.();
        return;
      }
      const tag = this.clock.next(entry.tag, entry.runUp);
      if (tag === undefined) continue;
      this.session.send(tag.kind, tag.timestampMs, tag.payload);
      this.queue.sent.add(entry.tag, tag.timestampMs, this.session.progress.bytesWritten);
      if (!entry.runUp) this.readTimes.push(tag.readAtMs);
      this.firstMediaAtMs ??= performance.now();
    }
  }

  private onFlush(): void {
    this.hooks.onSent();
    const now = performance.now();
    for (const readAt of this.readTimes) this.transit.add(now - readAt);
    this.readTimes = [];
  }

  private watch(): void {
    const now = performance.now();
    const { settleMs, sustainedMs, sustainedBytes, reconnectRequestMs } = this.timings;
    const stalledMs = this.session.stalledMs(now);
    if (this.isLost(stalledMs, now)) return;
    this.noteReceived();
    const request = this.session.reconnectRequest;
    if (request !== undefined && !this.leaving && now - request.atMs > reconnectRequestMs) void this.leave();
    if (this.firstMediaAtMs === undefined) return;
    if (this.live && !this.leaving && this.errors.movesOn?.()) void this.moveOn();
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

  /** Of a server that does not acknowledge, it cannot be known what it has: then that is all that was sent. */
  private noteReceived(): void {
    const { receivedBytes = Number.POSITIVE_INFINITY, receivedSoundMs } = this.session;
    if (this.live) this.queue.sent.received(receivedBytes, receivedSoundMs);
  }

  /** Looks whether the session stands still. @returns whether it is given up, since waiting would not help */
  private isLost(stalledMs: number, now: number): boolean {
    const silentMs = this.session.silentMs(now);
    const seconds = Math.max(stalledMs, silentMs) / 1000;
    switch (this.doubt.judge(stalledMs, silentMs, now)) {
      case 'give up':
        this.session.fail(this.errors.stalled(seconds));
        return true;
      case 'ask':
        for (const asked of [this.session.askServer?.(), this.errors.askOther?.()]) {
          void asked?.then((answers) => {
            if (answers) this.doubt.answered(performance.now());
          });
        }
        break;
    }
    const stalled = this.live && !this.leaving && stalledMs > this.timings.stallMs;
    if (stalled !== this.stalled) this.hooks.onStalled(stalled ? seconds : undefined);
    this.stalled = stalled;
    return false;
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

  /** Leaves what is queued to the next session, at another server. The stream is not ended, since it goes on there. */
  private async moveOn(): Promise<void> {
    this.leaving = true;
    this.moving = true;
    try {
      await this.session.close(LEAVE_MS);
    } finally {
      this.noteReceived();
      this.dispose();
      this.end({ kind: 'moved' });
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
    this.noteReceived();
    // A ReconnectRequest that is being followed ends by itself.
    if (this.leaving) return;
    const atOnce =
      !this.live &&
      error.code === ErrorCodes.outputClosed &&
      performance.now() - this.acceptedAtMs < AT_ONCE_MS + this.timings.settleMs;
    this.end({ kind: 'lost', error: atOnce ? this.errors.closedAtOnce() : error, atOnce });
  }
}
