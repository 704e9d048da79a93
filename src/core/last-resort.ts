import { inspect } from 'node:util';
import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../base/disposable-store.js';
import { shorten } from '../base/printable.js';
import { RateLimiter } from '../base/rate-limiter.js';
import { setUnexpectedErrorHandler } from '../base/unexpected-error.js';
import { processFaults } from '../process-host/process-faults.js';
import { FlightRecorder } from './flight/flight-recorder.js';
import { Log } from './log/log.js';
import { NoticeSink } from './streamer/notice-sink.js';

/** Maximum length of an error's message and stack in the log, characters. */
const MAX_TEXT = 4096;
/** Limits repeated errors in the log: this many at once, then one in this many seconds. */
const LOGGED_AT_ONCE = 20;
const LOG_SECONDS = 10;
const NOTICE_SECONDS = 600;

/**
 * Handles errors that nothing in the core has caught: a listener's, an uncaught exception, an unhandled rejection. The
 * error is logged and the streamer gets a notice; the core continues, since exiting would end the session. Both are rate
 * limited: the next line of the log has the number of suppressed errors.
 */
@injectable()
export class LastResort implements Disposable {
  private readonly lines = new RateLimiter({ burst: LOGGED_AT_ONCE, perSecond: 1 / LOG_SECONDS });
  private readonly notes = new RateLimiter({ burst: 1, perSecond: 1 / NOTICE_SECONDS });
  private readonly installed = new DisposableStore();

  constructor(
    @inject(Log) private readonly log: Log,
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(FlightRecorder) private readonly flight: Pick<FlightRecorder, 'crashed'>,
  ) {
    this.installed.add(setUnexpectedErrorHandler((error) => this.report('a listener failed', error)));
    this.installed.add(processFaults.surviveWith(({ kind, error }) => this.report(kind, error)));
  }

  dispose(): void {
    this.installed.dispose();
  }

  private report(kind: string, error: unknown): void {
    try {
      if (!this.lines.take()) return;
      const unlogged = this.lines.takeRefused();
      this.log.error(`${kind}: ${summary(error)}`, {
        ...(error instanceof Error && error.stack !== undefined && { stack: shorten(error.stack, MAX_TEXT) }),
        ...(unlogged > 0 && { unlogged }),
      });
      this.flight.crashed('core', `${kind}: ${summary(error)}`);
      if (!this.notes.take()) return;
      this.notices.notice({
        severity: 'warning',
        source: 'core',
        message: 'An error inside Bulkhead was caught, and the broadcast goes on. The log has the details.',
      });
    } catch {
      // An error thrown here would end the process.
    }
  }
}

/** The error without its other properties, which may be large or contain a secret. */
function summary(error: unknown): string {
  const text =
    error instanceof Error
      ? `${error.name}: ${error.message}`
      : inspect(error, { depth: 1, maxArrayLength: 10, maxStringLength: 500 });
  return shorten(text, MAX_TEXT);
}
