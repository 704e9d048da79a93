import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import type { Log } from '../../log/log.js';
import type { PartEnd } from '../../processes/part-supervisor.js';
import type { NoticeSink } from '../../streamer/notice-sink.js';
import type { ProfileOutcome } from '../isolation/host-launchers.js';

interface Told {
  readonly severity?: 'warning' | 'error';
  /** Without it where the log has it already. */
  readonly withStack?: boolean;
}

/** Says to the streamer and in the log what goes wrong in one host, by the names of its plugins. */
export class HostReports {
  /** @param plugins Their ids and their folders. */
  constructor(
    private readonly plugins: readonly { readonly id: string; readonly path: string }[],
    private readonly notices: NoticeSink,
    private readonly log: Pick<Log, 'info' | 'warn' | 'error'>,
  ) {}

  /** Whom a failure is put down to where nothing tells which of the plugins it was. */
  get subject(): string {
    const [first, ...others] = this.plugins.map(({ id }) => `"${id}"`);
    return others.length === 0
      ? `the plugin ${first}`
      : `one of the plugins ${[first, ...others].join(', ')}, which share a process,`;
  }

  /** Whose host it is. */
  get name(): string {
    return this.plugins.map(({ id }) => id).join(', ');
  }

  /** The first rung of the ladder: it may be about to be ended. */
  unresponsive(): void {
    this.notices.notice({
      severity: 'warning',
      source: this.name,
      message: `${this.subject} does not respond. If that goes on, it is ended and started again.`,
    });
  }

  /** @returns the profile's path, where there is one. */
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
      ...(withStack && !isRefusal ? { stack: stackOf(failure) } : {}),
    });
  }

  /**
   * The host has crashed, or has been ended.
   *
   * @param fault What it is put down to, where that is known.
   * @param staysOff Whether it is given up.
   */
  ended(
    reason: BulkheadError,
    fault: BulkheadError | undefined,
    { staysOff, withStack }: { readonly staysOff: boolean; readonly withStack: boolean },
  ): void {
    const where = fault?.where ?? this.name;
    const others = this.plugins.filter(({ id }) => id !== fault?.where).map(({ id }) => `"${id}"`);
    const sharing = this.plugins.length === 1 ? '' : ` with all that share its process: ${others.join(', ')}`;
    const failure = new BulkheadError(
      ErrorCodes.pluginFailed,
      fault?.message ?? `${this.subject} failed: ${reason.message}`,
      {
        where,
        remedy: staysOff ? `It stays off until the next broadcast${sharing}.` : `Restarting it${sharing}.`,
        cause: fault?.cause ?? reason,
      },
    );
    this.failed(where, failure, { severity: staysOff ? 'error' : 'warning', withStack });
  }

  /** The failure of a host that was interrupted, by the place in the plugin where it was; undefined for any other. */
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

/** The innermost stack: the plugin's own. */
function stackOf(error: Error): string | undefined {
  const { cause } = error;
  return cause instanceof Error ? stackOf(cause) : error.stack;
}
