import type { StreamTag } from '../../../media/stream-tag.js';
import { type BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import type {
  OutputBackup,
  OutputConnection,
  OutputState,
} from '../../../protocol/status/output-connections.js';
import type { MediaSession } from '../media-session.js';
import type { PublicationEnd } from '../publication.js';
import type { Destination, OutputTimings, PublishAttempt } from '../published-output.js';

/** A destination that can be asked whether its server answers, beside a session or without one. */
export interface AskedDestination extends Destination {
  /** Publishes nothing. Never rejects. */
  answers(): Promise<boolean>;
}

/** How long the primary is tried before the backup, ms: less than is kept to be caught up on, by far. */
const BACKUP_AFTER_MS = 5_000;
/** How long opening a session may take, ms, for the same reason. */
const OPEN_MS = 5_000;
/** How often a primary is asked that is not in use, ms, and after how many answers in a row it is used again. */
const ASK_EVERY_MS = 15_000;
const ANSWERS = 4;
/** A primary that was live for so long works, ms. */
const STEADY_MS = 60_000;
/** After a primary that answered and did not work, so many times as many, at most. */
const MOST_WARINESS = 32;

/** One of the two addresses, and what has become of it. */
interface Place {
  readonly role: OutputConnection['role'];
  readonly destination: AskedDestination;
  sessions: number;
  error: BulkheadError | undefined;
  /** Whether it has refused the settings since the last session. */
  isRefused: boolean;
}

/**
 * Publishes to the backup while the primary cannot be used, and never to both: most platforms take one stream with a key at a time. A
 * session goes on where the one before, at the other address, was lost.
 *
 * What is on the backup stays there until the primary has answered for a minute. The switch is a reconnect, which may show. A primary
 * that answers and then does not take the stream is left at once, and has to answer for twice as long the next time.
 */
export class BackupDestination implements Destination {
  readonly shownUrl: string;
  readonly timings: OutputTimings;
  readonly catchUpMs: number;
  readonly tellsFlow: boolean;
  private readonly primary: Place;
  private readonly backup: Place;
  private current: Place;
  /** Since when nothing has been live for long. */
  private outageSinceMs: number | undefined;
  /** Of the latest attempt, once its server has accepted. */
  private openedAtMs: number | undefined;
  private wariness = 1;
  private asking: Promise<void> | undefined;
  private nextAskMs = 0;
  private answersInARow = 0;

  constructor(primary: AskedDestination, backup: AskedDestination) {
    this.primary = { role: 'primary', destination: primary, sessions: 0, error: undefined, isRefused: false };
    this.backup = { role: 'backup', destination: backup, sessions: 0, error: undefined, isRefused: false };
    this.current = this.primary;
    this.shownUrl = primary.shownUrl;
    this.timings = { ...primary.timings, openMs: Math.min(OPEN_MS, primary.timings.openMs) };
    this.catchUpMs = primary.catchUpMs;
    this.tellsFlow = primary.tellsFlow;
  }

  takes(tag: StreamTag): boolean {
    return this.primary.destination.takes(tag);
  }

  attempt(last: PublicationEnd | undefined): PublishAttempt {
    const stays = this.choose(last, performance.now());
    const place = this.current;
    this.openedAtMs = undefined;
    this.answersInARow = 0;
    this.nextAskMs = performance.now() + ASK_EVERY_MS;
    const attempt = place.destination.attempt(stays ? last : undefined);
    const other = place === this.primary ? this.backup : this.primary;
    return {
      open: (signal) => this.opened(place, attempt.open(signal)),
      failed: (error) => attempt.failed(error),
      stalled: (seconds) => attempt.stalled(seconds),
      closedAtOnce: () => attempt.closedAtOnce(),
      slow: () => attempt.slow(),
      isPermanent: (error) => {
        place.isRefused ||= attempt.isPermanent(error);
        return this.primary.isRefused && this.backup.isRefused;
      },
      // With one of the two, the network works.
      askOther: () => other.destination.answers(),
      ...(place === this.backup ? { movesOn: () => this.isPrimaryBack(performance.now()) } : {}),
    };
  }

  backupStatus(state: OutputState): OutputBackup {
    const connections = [this.primary, this.backup].map((place): OutputConnection => {
      const { role, destination, sessions, error } = place;
      const isUsed = place === this.current;
      return {
        ...{ role, url: destination.shownUrl, state: isUsed ? state : 'standby', sessions },
        ...(isUsed && state === 'live' ? {} : { error: error?.toData() }),
      };
    });
    return { mode: 'on-failure', connections };
  }

  private async opened(place: Place, opening: Promise<MediaSession>): Promise<MediaSession> {
    const session = await opening;
    this.openedAtMs = performance.now();
    place.sessions += 1;
    place.isRefused = false;
    return session;
  }

  /** Says which one is tried next. @returns whether it is the same as before */
  private choose(last: PublicationEnd | undefined, nowMs: number): boolean {
    const before = this.current;
    if (last?.kind === 'moved') {
      this.current = this.primary;
    } else if (last?.kind === 'lost') {
      before.error = last.error;
      const upMs = this.openedAtMs === undefined || last.atOnce ? 0 : nowMs - this.openedAtMs;
      if (upMs >= this.timings.sustainedMs) this.outageSinceMs = nowMs;
      if (upMs >= STEADY_MS && before === this.primary) this.wariness = 1;
      if (!this.isWaitedFor(last.error, nowMs))
        this.current = before === this.primary ? this.backup : this.primary;
    }
    this.outageSinceMs ??= nowMs;
    return this.current === before;
  }

  /** Whether the primary is tried again, as after a short outage. A session that was given up has been waited for already. */
  private isWaitedFor({ code }: BulkheadError, nowMs: number): boolean {
    if (this.current !== this.primary || this.primary.isRefused || this.wariness > 1) return false;
    if (code === ErrorCodes.outputStalled) return false;
    return this.outageSinceMs === undefined || nowMs - this.outageSinceMs < BACKUP_AFTER_MS;
  }

  /** Whether the primary, which is not in use, may be published to again. To be called often; asks it from time to time. */
  private isPrimaryBack(nowMs: number): boolean {
    if (this.answersInARow >= ANSWERS * this.wariness) {
      this.answersInARow = 0;
      this.wariness = Math.min(MOST_WARINESS, 2 * this.wariness);
      return true;
    }
    if (nowMs >= this.nextAskMs) {
      this.nextAskMs = nowMs + ASK_EVERY_MS;
      this.asking ??= this.primary.destination.answers().then((answers) => {
        this.answersInARow = answers ? this.answersInARow + 1 : 0;
        this.asking = undefined;
      });
    }
    return false;
  }
}
