import { isExtraKind, type StreamTag } from '../../../media/stream-tag.js';
import { displayUrl } from '../../../rtmp/rtmp-url.js';
import type { AskedDestination } from '../backup/backup-destination.js';
import type { MediaSession } from '../media-session.js';
import type { PublicationEnd } from '../publication.js';
import { type OutputTimings, type PublishAttempt, PublishedOutput } from '../published-output.js';
import { answers } from './ask-server.js';
import { isPermanent, Refusals } from './refusals.js';
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

const DEFAULT_TIMINGS: OutputTimings = {
  openMs: 10_000,
  holdMs: 50,
  settleMs: 300,
  stallMs: 6_000,
  mostStallMs: 60_000,
  sustainedMs: 5_000,
  sustainedBytes: 4096,
  reconnectRequestMs: 10_000,
};

/** What is kept by default while a server cannot be sent to, ms. */
const CATCH_UP_MS = 20_000;

export interface RtmpOutputOptions extends OutputAddress {
  readonly id: string;
  /** How much is kept while the server cannot be sent to, s. */
  readonly catchUpSeconds?: number | undefined;
  /** For tests. */
  readonly timings?: Partial<OutputTimings>;
}

/** Publishes to one RTMP server. */
export class RtmpOutput extends PublishedOutput {
  /**
   * @param snapshot see `PublishedOutput`
   * @param openSession creates each session; replaced in tests
   * @throws {BulkheadError} `config.invalid` for an invalid address
   */
  constructor(
    options: RtmpOutputOptions,
    snapshot: () => StreamTag[],
    openSession: OpenMediaSession = RtmpSession.open,
  ) {
    super(options.id, new RtmpDestination(options, openSession), snapshot);
  }
}

/** One RTMP server. */
export class RtmpDestination implements AskedDestination {
  readonly shownUrl: string;
  readonly timings: OutputTimings;
  readonly catchUpMs: number;
  readonly tellsFlow = true;
  /** As it is published to by this output's settings. */
  readonly configured: RtmpTarget;
  private readonly where: string;
  /** Of the latest attempt. A redirect of the server is tried once: after that, the configured address is used again. */
  private target: RtmpTarget;

  /**
   * @param shown the target of the settings, if it is another one: see `Refusals`
   * @throws {BulkheadError} `config.invalid` for an invalid address
   */
  constructor(
    options: RtmpOutputOptions,
    private readonly openSession: OpenMediaSession = RtmpSession.open,
    private readonly shown?: RtmpTarget,
  ) {
    this.where = `outputs.${options.id}`;
    this.configured = parseOutputAddress(options, this.where);
    this.target = this.configured;
    this.shownUrl = displayUrl(this.configured);
    this.timings = { ...DEFAULT_TIMINGS, ...options.timings };
    this.catchUpMs = options.catchUpSeconds === undefined ? CATCH_UP_MS : options.catchUpSeconds * 1000;
  }

  takes({ kind }: StreamTag): boolean {
    return this.configured.multitrack || !isExtraKind(kind);
  }

  answers(): Promise<boolean> {
    return answers(this.configured, this.configured.host);
  }

  attempt(last: PublicationEnd | undefined): PublishAttempt {
    if (last?.kind !== 'reconnect') this.target = this.configured;
    else if (last.tcUrl) this.target = redirectedTarget(this.target, last.tcUrl) ?? this.target;
    const { target } = this;
    const refusals = new Refusals(target, this.where, this.shown ?? this.configured);
    return {
      open: (signal) => this.openSession(target, refusals, signal),
      failed: (error) => refusals.from(error, 'connecting'),
      isPermanent,
      stalled: (seconds) => refusals.stalled(seconds),
      closedAtOnce: () => refusals.closedAtOnce(),
      slow: () => refusals.slow(),
    };
  }
}
