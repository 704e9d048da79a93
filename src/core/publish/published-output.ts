import { Backoff, type BackoffOptions } from '../../base/backoff.js';
import { Emitter, type Event } from '../../base/event.js';
import { withDeadline } from '../../base/with-deadline.js';
import type { StreamTag } from '../../media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { OutputBackup, OutputState } from '../../protocol/status/output-connections.js';
import type { MediaSession, SessionAlternative, SessionErrors } from './media-session.js';
import type { Output, OutputFlow, OwnStatus } from './output.js';
import { Publication, type PublicationEnd, type PublicationTimings } from './publication.js';
import { GapWatch } from './queue/gap-watch.js';
import { OutputClock } from './queue/output-clock.js';
import { Patience } from './queue/patience.js';
import { SendQueue } from './queue/send-queue.js';
import { TransitTimes } from './queue/transit-times.js';

/** No answer within the deadline. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

export interface OutputTimings extends PublicationTimings {
  /** Deadline for connecting, logging in and being accepted, ms. */
  readonly openMs: number;
}

/** Where an output publishes to, by whichever protocol. */
export interface Destination {
  /** The address without what may be secret. */
  readonly shownUrl: string;
  readonly timings: OutputTimings;
  /** How much is kept while nothing can be sent, to be caught up on, ms. With 0, a session always begins with what is live. */
  readonly catchUpMs: number;
  /** Whether its queue grows where the network carries less than is sent. */
  readonly tellsFlow: boolean;
  /** Whether tags of this kind are sent there. */
  takes(tag: StreamTag): boolean;
  /** Where there is a backup: how both are, while the output is in this state. */
  backupStatus?(state: OutputState): OutputBackup;
  /**
   * The next attempt to publish.
   * @param last how the publication before has ended; undefined for the first attempt
   */
  attempt(last: PublicationEnd | undefined): PublishAttempt;
}

/** One attempt to publish, and the explanation of its failure. */
export interface PublishAttempt extends SessionErrors, SessionAlternative {
  /**
   * Connects and publishes.
   * @param signal aborts; a `NoAnswerError` as its reason means that the deadline has passed
   */
  open(signal: AbortSignal): Promise<MediaSession>;
  /** Why it could not be opened. */
  failed(error: unknown): BulkheadError;
  /** The server accepts less than is sent, so that frames are dropped. */
  slow(): BulkheadError;
  /** Whether another attempt with the same settings cannot help. */
  isPermanent(error: BulkheadError): boolean;
}

/**
 * Retries soon after a short outage, and rarely in a long one. A session that lasts only a moment does not end the outage:
 * some servers accept a publish and close immediately.
 */
export const RECONNECTING: BackoffOptions = { baseMs: 100, capMs: 15_000, jitter: 0.2, shareOfOutage: 0.2 };
/**
 * A server may hold a key for 150 s after a connection that it lost without noticing: this limits the delay until the next
 * attempt after that.
 */
export const KEY_IN_USE_CAP_MS = 5_000;
/** The same soon after a session of ours was lost: the server most likely still holds that one, and lets go of it any moment. */
const OWN_SESSION_CAP_MS = 400;
const OWN_SESSION_MS = 30_000;
/** After a longer outage, a session begins with what is live then, ms: viewers have left, and being late would be all that is gained. */
const FORGET_MS = 60_000;

/**
 * Publishes to one server, and retries until it is stopped. Only a refusal before the output has ever been live ends it
 * (`failed`): such settings never worked.
 *
 * It is `live` once the server has accepted the stream, media has been sent, and the server has either acknowledged data or
 * not closed for 300 ms: node-media-server and SRS accept a key that is in use and then close. `sessions` counts these.
 *
 * The first session starts from the snapshot. After one that was lost, the next one goes on with what that one's server does
 * not have, as far as the destination has it kept.
 */
export class PublishedOutput implements Output {
  private readonly changeEmitter = new Emitter<void>();
  readonly onDidChange: Event<void> = this.changeEmitter.event;

  private readonly queue = new SendQueue();
  private readonly patience: Patience;
  private readonly clock = new OutputClock();
  private readonly transit = new TransitTimes();
  private readonly backoff = new Backoff(RECONNECTING);
  private readonly gaps = new GapWatch();

  private state: OutputState = 'idle';
  private error: BulkheadError | undefined;
  private sessions = 0;
  private bytesOfPastSessions = 0;
  private publication: Publication | undefined;
  /** When the last session was lost, if the next one is to go on with what it has not sent. */
  private lostAtMs: number | undefined;
  /** The last session ended as with a key in use: the next one waits longer before it sends. */
  private closedAtOnce = false;
  /** Aborts the current wait: the delay before the next attempt, or the opening of a session. */
  private waiting = new AbortController();
  private over = false;
  private running: Promise<void> | undefined;
  private stopped: Promise<void> | undefined;

  /**
   * @param snapshot what a new session starts with: `[metadata, video-header, audio-header, keyframe, …]` up to the latest
   * tag; empty before the first tag
   */
  constructor(
    readonly id: string,
    private readonly destination: Destination,
    private readonly snapshot: () => StreamTag[],
  ) {
    this.patience = new Patience(destination.catchUpMs);
  }

  start(): void {
    if (this.state !== 'idle') return;
    this.change('connecting', undefined);
    this.running = this.run().catch((error) => this.change('failed', BulkheadError.from(error)));
  }

  push(tag: StreamTag): void {
    if (this.over || !this.destination.takes(tag)) return;
    if (this.publication !== undefined) this.publication.push(tag);
    else if (this.goesOn()) this.queue.push(tag, this.patience.interrupt());
  }

  stop(deadlineMs: number): Promise<void> {
    this.stopped ??= this.finish(deadlineMs);
    return this.stopped;
  }

  status(): OwnStatus {
    const { framesSent, byKind, keyframeIntervalMs } = this.queue.counts;
    const ackDelayMs = this.publication?.ackDelayMs;
    const backup = this.destination.backupStatus?.(this.state);
    return {
      id: this.id,
      url: this.destination.shownUrl,
      state: this.state,
      sessions: this.sessions,
      bytesSent: this.bytesOfPastSessions + (this.publication?.bytesTaken ?? 0),
      droppedFrames: this.queue.droppedFrames,
      queueMs: this.queue.durationMs,
      framesSent,
      dropped: byKind,
      gaps: this.gaps.gaps(performance.now()),
      ...(keyframeIntervalMs === undefined ? {} : { keyframeIntervalMs }),
      ...(ackDelayMs === undefined ? {} : { ackDelayMs: Math.round(ackDelayMs) }),
      ...(backup === undefined ? {} : { backup }),
      error: this.error?.toData(),
    };
  }

  flow(): OutputFlow | undefined {
    return this.destination.tellsFlow ? this.publication?.flow() : undefined;
  }

  takeTransitTimes(): number[] {
    return this.transit.take();
  }

  /** Ends immediately without closing the stream in order: to the server it looks like a lost connection. */
  dispose(): void {
    this.over = true;
    this.waiting.abort();
    this.publication?.dispose();
    this.changeEmitter.dispose();
  }

  /** Sends what waits, closes, and opens another session, as when a server asks for that. */
  protected reconnect(): void {
    this.publication?.reconnect();
  }

  private async finish(deadlineMs: number): Promise<void> {
    this.over = true;
    this.waiting.abort();
    await this.publication?.endStream(deadlineMs);
    this.gaps.end(performance.now());
    await this.running;
    this.change('stopped', this.error);
  }

  private async run(): Promise<void> {
    let end: PublicationEnd | undefined;
    for (;;) {
      const attempt = this.destination.attempt(end);
      end = await this.publish(attempt);
      if (this.over || end.kind === 'stopped') return;
      if (end.kind === 'reconnect' || end.kind === 'moved') {
        this.change('reconnecting', undefined);
      } else {
        if (this.sessions === 0 && attempt.isPermanent(end.error)) {
          this.change('failed', end.error);
          return;
        }
        this.change(this.sessions === 0 ? 'connecting' : 'reconnecting', end.error);
      }
      await this.pause(end);
      if (this.over) return;
    }
  }

  /** Whether the next session goes on with what the last one has not sent. That is forgotten after a long outage. */
  private goesOn(): boolean {
    if (this.lostAtMs !== undefined && performance.now() - this.lostAtMs > FORGET_MS) {
      this.lostAtMs = undefined;
      if (this.publication === undefined) this.queue.restart([]);
    }
    return this.lostAtMs !== undefined;
  }

  /** Opens a session and sends until it ends. */
  private async publish(attempt: PublishAttempt): Promise<PublicationEnd> {
    const { timings } = this.destination;
    let session: MediaSession;
    try {
      session = await this.open(attempt);
    } catch (error) {
      return { kind: 'lost', error: attempt.failed(error), atOnce: false };
    }
    if (this.over) {
      session.dispose();
      return { kind: 'stopped' };
    }
    const { queue, patience, clock, transit } = this;
    const publication = new Publication(session, queue, patience, clock, transit, attempt, timings, {
      onLive: () => {
        this.sessions++;
        this.gaps.begin(performance.now());
        this.change('live', undefined);
      },
      onSustained: () => this.backoff.reset(),
      onSent: () => this.gaps.sent(performance.now()),
      onSlow: (slow) => this.change('live', slow ? attempt.slow() : undefined),
      onStalled: (seconds) => {
        if (seconds === undefined) this.change('live', undefined);
        else this.change('reconnecting', attempt.stalled(seconds));
      },
    });
    this.publication = publication;
    const holdMs = this.closedAtOnce ? timings.settleMs : timings.holdMs;
    if (this.goesOn()) publication.resume(holdMs);
    else publication.start(() => this.snapshot().filter((tag) => this.destination.takes(tag)), holdMs);
    const end = await publication.ended;
    this.bytesOfPastSessions += publication.bytesTaken;
    this.publication = undefined;
    // A requested reconnect begins with the keyframe that it has waited for.
    if (end.kind !== 'lost' && end.kind !== 'moved') this.lostAtMs = undefined;
    else if (publication.hasBeenLive && this.destination.catchUpMs > 0) this.lostAtMs = performance.now();
    if (!this.goesOn()) queue.restart([]);
    this.closedAtOnce = end.kind === 'lost' && end.atOnce;
    return end;
  }

  private async open(attempt: PublishAttempt): Promise<MediaSession> {
    const waiting = new AbortController();
    this.waiting = waiting;
    const opening = attempt.open(waiting.signal);
    return withDeadline(opening, this.destination.timings.openMs, () => {
      waiting.abort(new NoAnswerError());
      return opening;
    });
  }

  private async pause(end: PublicationEnd): Promise<void> {
    const keyInUse = end.kind === 'lost' && end.error.code === ErrorCodes.outputKeyInUse;
    const now = performance.now();
    const isOurs = this.lostAtMs !== undefined && now - this.lostAtMs < OWN_SESSION_MS;
    const capMs = isOurs ? OWN_SESSION_CAP_MS : KEY_IN_USE_CAP_MS;
    const delayMs = this.backoff.next(now, keyInUse ? capMs : undefined);
    if (delayMs === 0) return;
    this.waiting = new AbortController();
    const { signal } = this.waiting;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private change(state: OutputState, error: BulkheadError | undefined): void {
    const sameError = error?.code === this.error?.code && error?.message === this.error?.message;
    if (state === this.state && sameError) return;
    this.state = state;
    this.error = error;
    this.changeEmitter.fire();
  }
}
