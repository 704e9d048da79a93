import { RateLimiter } from '../../../base/rate-limiter.js';
import { frameIn } from '../../../base/stack-frames.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { pluginStack } from '../../../rpc/thrown-by-plugin.js';
import type { Log } from '../../log/log.js';
import type { PartEnd } from '../../processes/part-supervisor.js';
import type { NoticeSink } from '../../streamer/notice-sink.js';
import type { ProfileOutcome } from '../isolation/host-launchers.js';
import type { UnhandledRejection } from './host-session.js';

/** Until when a plugin that has been given up stays off, wherever that is said. */
export function untilTriedAgain(plugin: string): string {
  return `until the next broadcast begins or "bulkhead plugin restart ${plugin}"`;
}

interface Told {
  readonly severity?: 'warning' | 'error';
  /** False if the log already has it. */
  readonly withStack?: boolean;
}

/** How often the streamer hears of a host's unhandled rejections, s. The log has them all. */
const REJECTION_SECONDS = 600;

/** Reports errors of one host to the streamer and in the log, with the names of its plugins. */
export class HostReports {
  private readonly rejections = new RateLimiter({ burst: 1, perSecond: 1 / REJECTION_SECONDS });

  /** @param plugins Their ids and folders. */
  constructor(
    private readonly plugins: readonly { readonly id: string; readonly path: string }[],
    private readonly notices: NoticeSink,
    private readonly log: Pick<Log, 'info' | 'warn' | 'error'>,
  ) {}

  /** The source of a failure that cannot be attributed to one of the plugins. */
  get subject(): string {
    const [first, ...others] = this.plugins.map(({ id }) => `"${id}"`);
    return others.length === 0
      ? `the plugin ${first}`
      : `one of the plugins ${[first, ...others].join(', ')}, which share a process,`;
  }

  /** The host's name, by its plugins. */
  get name(): string {
    return this.plugins.map(({ id }) => id).join(', ');
  }

  /** The first step of the ladder: the host may be about to be killed. */
  unresponsive(): void {
    this.notices.notice({
      severity: 'warning',
      source: this.name,
      message: `${this.subject} does not respond. If that goes on, it is ended and started again.`,
    });
  }

  /** The plugin cannot use something that it may use. @param what continues its name */
  leftOut(what: string): void {
    const message = `${this.subject} ${what}`;
    this.notices.notice({ severity: 'warning', source: this.name, message });
    this.log.warn(message, { plugin: this.name });
  }

  /** @returns the profile's path, if there is one. */
  profiled(outcome: ProfileOutcome): string | undefined {
    const { name, subject } = this;
    if ('error' in outcome) {
      const why = BulkheadError.from(outcome.error).message;
      this.log.warn(`there is no CPU profile of ${subject}: ${why}`);
      return undefined;
    }
    const { path } = outcome;
    const message = `what ${subject} did before it was ended: see the CPU profile ${path}`;
    this.notices.notice({ severity: 'info', source: name, message });
    this.log.info(message, { plugin: name });
    return path;
  }

  failed(source: string, failure: BulkheadError, { severity = 'error', withStack = true }: Told = {}): void {
    const message = failure.sentence;
    const isRefusal = failure.code === ErrorCodes.permissionDenied;
    this.notices.notice({ severity, source, message });
    this.log.error(message, {
      plugin: source,
      ...(withStack && !isRefusal ? { stack: pluginStack(failure) ?? stackOf(failure) } : {}),
    });
  }

  /** A promise was rejected that nobody handles. The session has logged it. */
  rejected({ failure, count }: UnhandledRejection): void {
    if (!this.rejections.take()) return;
    const others = count === 1 ? '' : ` It was number ${count}.`;
    this.notices.notice({
      severity: 'warning',
      source: failure.where ?? this.name,
      message: `${this.located(failure)}. It runs on.${others}`,
    });
  }

  /**
   * The host has crashed or has been killed.
   *
   * @param fault The cause, if known.
   * @param staysOff Whether it is not restarted.
   */
  ended(
    reason: BulkheadError,
    fault: BulkheadError | undefined,
    { staysOff, withStack }: { readonly staysOff: boolean; readonly withStack: boolean },
  ): void {
    const where = fault?.where ?? this.name;
    const others = this.plugins.filter(({ id }) => id !== fault?.where).map(({ id }) => `"${id}"`);
    const sharing = this.plugins.length === 1 ? '' : ` with all that share its process: ${others.join(', ')}`;
    const until = untilTriedAgain(fault?.where ?? this.plugins[0]?.id ?? where);
    const failure = new BulkheadError(
      ErrorCodes.pluginFailed,
      fault === undefined ? `${this.subject} failed: ${reason.message}` : this.located(fault),
      {
        where,
        remedy: staysOff ? `It stays off${sharing} ${until}.` : `Restarting it${sharing}.`,
        cause: fault?.cause ?? reason,
      },
    );
    this.failed(where, failure, { severity: staysOff ? 'error' : 'warning', withStack });
  }

  /** The message, with where in the plugin it was. */
  private located({ message, where, cause }: BulkheadError): string {
    const path = this.plugins.find(({ id }) => id === where)?.path;
    const stack = cause instanceof Error ? cause.stack : undefined;
    const frame = path === undefined || stack === undefined ? undefined : frameIn(stack, path);
    return frame === undefined || message.includes(frame) ? message : `${message}, ${frame}`;
  }

  /** The failure of a host that was interrupted, with its location in the plugin; undefined for any other exit. */
  hang({ reason, exit }: PartEnd): BulkheadError | undefined {
    if (reason === undefined || exit?.stack === undefined) return undefined;
    const frames = exit.stack.split('\n');
    const own = frames.find((frame) => this.plugins.some(({ path }) => frame.includes(path)));
    const culprit = this.plugins.find(({ path }) => own?.includes(path));
    const cause = new Error(reason.message);
    cause.stack = `${reason.message}\n${exit.stack}`;
    const what = reason.message.replace(/\.$/, '');
    return new BulkheadError(
      ErrorCodes.pluginFailed,
      `${culprit === undefined ? this.subject : `the plugin "${culprit.id}"`} failed: ${what}; it was ${(own ?? frames[0] ?? '').trim()}`,
      { where: culprit?.id ?? this.name, cause },
    );
  }
}

/** The innermost stack: that of the plugin. */
function stackOf(error: Error): string | undefined {
  const { cause } = error;
  return cause instanceof Error ? stackOf(cause) : error.stack;
}
