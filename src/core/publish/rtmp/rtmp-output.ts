import { Backoff, type BackoffOptions } from '../../../base/backoff.js';
import { Emitter, type Event } from '../../../base/event.js';
import { withDeadline } from '../../../base/with-deadline.js';
import { isExtraKind, type StreamTag } from '../../../media/stream-tag.js';
import type { OutputState, OutputStatus } from '../../../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { displayUrl } from '../../../rtmp/rtmp-url.js';
import type { MediaSession } from '../media-session.js';
import type { Output } from '../output.js';
import { Publication, type PublicationEnd, type PublicationTimings } from '../publication.js';
import { OutputClock } from '../queue/output-clock.js';
import { SendQueue } from '../queue/send-queue.js';
import { TransitTimes } from '../queue/transit-times.js';
import { isPermanent, NoAnswerError, Refusals } from './refusals.js';
import { RtmpSession } from './rtmp-session.js';
import { type OutputAddress, parseOutputAddress, type RtmpTarget, redirectedTarget } from './rtmp-target.js';

/**
 * Connects and publishes; logs in if the server asks for it.
 * @param signal aborts; a `NoAnswerError` as its reason means that the deadline has passed
 * @throws {BulkheadError} with the reason of a failure
 */
export type OpenMediaSession = (
  target: RtmpTarget,
  refusals: Refusals,
  signal: AbortSignal,
) => Promise<MediaSession>;

export interface RtmpOutputTimings extends PublicationTimings {
  /** Deadline for connecting, logging in and being accepted, ms. */
  readonly openMs: number;
}

const DEFAULT_TIMINGS: RtmpOutputTimings = {
  openMs: 10_000,
  holdMs: 50,
  settleMs: 300,
  stallMs: 8_000,
  sustainedMs: 5_000,
  sustainedBytes: 4096,
  reconnectRequestMs: 10_000,
};

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

export interface RtmpOutputOptions extends OutputAddress {
  readonly id: string;
  /** For tests. */
  readonly timings?: Partial<RtmpOutputTimings>;
}

/**
 * Publishes to one RTMP server, and retries until it is stopped. Only a refusal before the output has ever been live ends it
 * (`failed`): such settings never worked.
 *
 * It is `live` once the server has accepted the stream, media has been sent, and the server has either acknowledged data or
 * not closed for 300 ms: node-media-server and SRS accept a key that is in use and then close. `sessions` counts these. Tags
 * pushed while there is no session are not kept: a new session starts from the snapshot.
 */
export class RtmpOutput implements Output {
  readonly id: string;
  private readonly changeEmitter = new Emitter<void>();
  readonly onDidChange: Event<void> = this.changeEmitter.event;

  private readonly target: RtmpTarget;
  private readonly where: string;
  private readonly timings: RtmpOutputTimings;
  private readonly queue = new SendQueue();
  private readonly clock = new OutputClock();
  private readonly transit = new TransitTimes();
  private readonly backoff = new Backoff(RECONNECTING);

  private state: OutputState = 'idle';
  private error: BulkheadError | undefined;
  private sessions = 0;
  private bytesOfPastSessions = 0;
  private publication: Publication | undefined;
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
   * @param openSession creates each session; replaced in tests
   * @throws {BulkheadError} `config.invalid` for an invalid address
   */
  constructor(
    options: RtmpOutputOptions,
    private readonly snapshot: () => StreamTag[],
    private readonly openSession: OpenMediaSession = RtmpSession.open,
  ) {
    this.id = options.id;
    this.where = `outputs.${options.id}`;
    this.target = parseOutputAddress(options, this.where);
    this.timings = { ...DEFAULT_TIMINGS, ...options.timings };
  }

  start(): void {
    if (this.state !== 'idle') return;
    this.change('connecting', undefined);
    this.running = this.run().catch((error) => this.change('failed', BulkheadError.from(error)));
  }

  push(tag: StreamTag): void {
    if (!this.over && this.takes(tag)) this.publication?.push(tag);
  }

  stop(deadlineMs: number): Promise<void> {
    this.stopped ??= this.finish(deadlineMs);
    return this.stopped;
  }

  status(): OutputStatus {
    return {
      id: this.id,
      url: displayUrl(this.target),
      state: this.state,
      sessions: this.sessions,
      bytesSent: this.bytesOfPastSessions + (this.publication?.bytesTaken ?? 0),
      droppedFrames: this.queue.droppedFrames,
      queueMs: this.queue.durationMs,
      error: this.error?.toData(),
    };
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

  private async finish(deadlineMs: number): Promise<void> {
    this.over = true;
    this.waiting.abort();
    await this.publication?.endStream(deadlineMs);
    await this.running;
    this.change('stopped', this.error);
  }

  private async run(): Promise<void> {
    let target = this.target;
    for (;;) {
      const end = await this.publish(target);
      if (this.over || end.kind === 'stopped') return;
      if (end.kind === 'reconnect') {
        target = (end.tcUrl && redirectedTarget(target, end.tcUrl)) || target;
        this.change('reconnecting', undefined);
      } else {
        // A redirect of the server is tried once: after that, the configured address is used again.
        target = this.target;
        if (this.sessions === 0 && isPermanent(end.error)) {
          this.change('failed', end.error);
          return;
        }
        this.change(this.sessions === 0 ? 'connecting' : 'reconnecting', end.error);
      }
      await this.pause(end);
      if (this.over) return;
    }
  }

  private takes({ kind }: StreamTag): boolean {
    return this.target.multitrack || !isExtraKind(kind);
  }

  /** Opens a session and sends until it ends. */
  private async publish(target: RtmpTarget): Promise<PublicationEnd> {
    const refusals = new Refusals(target, this.where, this.target);
    let session: MediaSession;
    try {
      session = await this.open(target, refusals);
    } catch (error) {
      return { kind: 'lost', error: refusals.from(error, 'connecting'), atOnce: false };
    }
    if (this.over) {
      session.dispose();
      return { kind: 'stopped' };
    }
    const publication = new Publication(
      session,
      this.queue,
      this.clock,
      this.transit,
      refusals,
      this.timings,
      {
        onLive: () => {
          this.sessions++;
          this.change('live', undefined);
        },
        onSustained: () => this.backoff.reset(),
        onSlow: (slow) => this.change('live', slow ? refusals.slow() : undefined),
      },
    );
    this.publication = publication;
    publication.start(
      () => this.snapshot().filter((tag) => this.takes(tag)),
      this.closedAtOnce ? this.timings.settleMs : this.timings.holdMs,
    );
    const end = await publication.ended;
    this.bytesOfPastSessions += publication.bytesTaken;
    this.publication = undefined;
    this.queue.restart([]);
    this.closedAtOnce = end.kind === 'lost' && end.atOnce;
    return end;
  }

  private async open(target: RtmpTarget, refusals: Refusals): Promise<MediaSession> {
    const waiting = new AbortController();
    this.waiting = waiting;
    const opening = this.openSession(target, refusals, waiting.signal);
    return withDeadline(opening, this.timings.openMs, () => {
      waiting.abort(new NoAnswerError());
      return opening;
    });
  }

  private async pause(end: PublicationEnd): Promise<void> {
    const keyInUse = end.kind === 'lost' && end.error.code === ErrorCodes.outputKeyInUse;
    const delayMs = this.backoff.next(performance.now(), keyInUse ? KEY_IN_USE_CAP_MS : undefined);
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
