import type { Duplex } from 'node:stream';
import { inspect } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc/node';
import { checkValue } from '../../base/check-value.js';
import { DisposableStore } from '../../base/disposable-store.js';
import { Emitter, type Event } from '../../base/event.js';
import { RateLimiter } from '../../base/rate-limiter.js';
import * as z from '../../base/zod.js';
import { ProcessorWait } from '../../process-host/processor-wait.js';
import { boundedRecord } from '../../protocol/bounded.js';
import { CORE_END } from '../../protocol/channel-limits.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  PartLogNotification,
  type PartLogParams,
  type PartRole,
  PROTOCOL_VERSION,
  ShutdownRequest,
} from '../../protocol/lifecycle.js';
import { readMark } from '../../protocol/printed-lines.js';
import { CheckedChannel } from '../../rpc/checked-channel.js';
import { type CloseReason, RpcConnection } from '../../rpc/rpc-connection.js';
import { launch } from './failed-launch.js';
import { HeartbeatMonitor } from './heartbeat-monitor.js';
import { exitFailure, isFatalExit, partFailure, versionMismatch } from './part-failure.js';
import type { PartExit, PartInstance, PartLauncher } from './part-launcher.js';

import type { SupervisionLimits } from './supervision-limits.js';

/**
 * A run ends when both the part's exit (the cause) and the close of its channel (its last messages) have been seen, or
 * this long after the first of them, ms. When a process crashes its exit follows the close within 0.3 to 2.4 ms
 * (measured), so the wait does not delay a restart; before a part is ready there is more time.
 */
const EXIT_SETTLE_MS = 20;
const EXIT_SETTLE_STARTING_MS = 1000;

/** How long the operating system may take to end a killed process, ms. */
const KILL_DEADLINE_MS = 500;

/** How much log one run may write, characters; and how often the number of dropped lines is reported, ms. */
const LOG_BYTES = { burst: 256 * 1024, perSecond: 16 * 1024 };
const DROPPED_REPORT_MS = 10_000;
const MAX_LINE = 8192;

/** Validated like all outside data, since some parts run plugins. */
const InitializeResultSchema = z.object({
  protocolVersion: z.int(),
  pid: z.int(),
  apiVersion: z.string().max(100).optional(),
  capabilities: boundedRecord(z.boolean(), 100),
});
const PartLogSchema = z.object({
  level: z.enum(['trace', 'debug', 'info', 'warn', 'error']),
  message: z.string().transform((text) => (text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text)),
});

/** How a run ended. */
export interface RunEnd {
  /** Undefined if the run did not wait for the part's exit. */
  readonly exit: PartExit | undefined;
  /** Undefined if the end was requested. */
  readonly reason: BulkheadError | undefined;
  /** Restarting the part cannot help: wrong settings, or another protocol version. */
  readonly fatal: boolean;
}

export interface PartRunOptions {
  readonly launcher: PartLauncher;
  readonly limits: SupervisionLimits;
  readonly logLevel: string;
  /** Registers handlers before the part's first message is read. */
  readonly configure?: ((connection: RpcConnection) => void) | undefined;
}

/**
 * One instance of a part from its launch to its end: handshake, heartbeat, ladder, orderly shutdown. It ends once, as
 * soon as it is unusable, which may be shortly before its process has exited.
 */
export class PartRun implements Disposable {
  private readonly emitters = new DisposableStore();
  private readonly readyEmitter = this.emitters.add(new Emitter<void>());
  private readonly endEmitter = this.emitters.add(new Emitter<RunEnd>());
  private readonly responsiveEmitter = this.emitters.add(new Emitter<boolean>());
  private readonly logEmitter = this.emitters.add(new Emitter<PartLogParams>());
  /** `initialize` was answered and `initialized` sent. */
  readonly onDidBecomeReady: Event<void> = this.readyEmitter.event;
  /** Fires once. The connection is closed by then, and the process, if it still runs, has been sent SIGKILL. */
  readonly onDidEnd: Event<RunEnd> = this.endEmitter.event;
  readonly onDidChangeResponsive: Event<boolean> = this.responsiveEmitter.event;
  readonly onDidLog: Event<PartLogParams> = this.logEmitter.event;

  readonly connection: RpcConnection;
  /** Resolves once the instance has exited, or could not be killed in time. */
  readonly gone: Promise<void>;

  private readonly instance: PartInstance;
  private readonly role: PartRole;
  private readonly limits: SupervisionLimits;
  private readonly logBudget = new RateLimiter(LOG_BYTES);
  private dropped: NodeJS.Timeout | undefined;
  private readonly timers = new Set<NodeJS.Timeout>();
  private reportGone: () => void = () => {};
  private heartbeat: HeartbeatMonitor | undefined;
  private answer: InitializeResult | undefined;
  private responsive = true;
  private exit: PartExit | undefined;
  private settling = false;
  private ended = false;
  /** Set once the ladder has decided to end it. */
  private killReason: BulkheadError | undefined;
  /** Deadline of an orderly shutdown, by `performance.now()`. */
  private shutdownEndsAtMs: number | undefined;

  constructor({ launcher, limits, logLevel, configure }: PartRunOptions) {
    this.role = launcher.role;
    this.limits = limits;
    this.gone = new Promise((resolve) => {
      this.reportGone = () => {
        resolve();
        this.emitters.dispose();
      };
    });
    this.instance = launch(launcher);
    this.instance.onDidExit((exit) => this.didExit(exit));
    // Output outside of the protocol is written by a crash, by a library or by a plugin.
    this.instance.onDidLog((line) => {
      const { level, message } = readMark(line);
      this.log(level, message);
    });
    this.connection = new RpcConnection(this.instance.control, { ...CORE_END, peer: launcher.role });
    this.connection.onDidClose((reason) => this.didClose(reason));
    new CheckedChannel(this.connection, launcher.role).receive(
      PartLogNotification.type,
      PartLogSchema,
      ({ level, message }) => this.log(level, message),
    );
    this.connection.onDidFailHandler(({ method, error }) => this.reportFailure(method, error));
    try {
      configure?.(this.connection);
    } catch (error) {
      // Deferred until the creator of this run has registered its listeners.
      this.after(0, () => this.kill(partFailure(this.role, `could not be set up: ${String(error)}`, error)));
      return;
    }
    this.connection.listen();
    void this.initialize(logLevel);
  }

  get pid(): number {
    return this.instance.pid;
  }

  /** Where a host of plugins sends their frames, or a relay gets its media. */
  get frames(): Duplex | undefined {
    return this.instance.frames;
  }

  /** Defined once the run is ready. */
  get initializeResult(): InitializeResult | undefined {
    return this.answer;
  }

  /** Whether it answers, or is starting: false while heartbeats are missed, and once it is ending. */
  get usable(): boolean {
    return this.responsive && this.exit === undefined && !this.connection.closed;
  }

  /** Ends the run immediately, with SIGKILL; without a `reason` the end was requested. */
  kill(reason?: BulkheadError, fatal = false): void {
    this.end({ exit: undefined, reason, fatal });
  }

  /**
   * Ends the part in order: `shutdown`, `exit`, then SIGTERM and SIGKILL, all within `deadlineMs`. Of several calls the
   * earliest deadline applies. A part that is not ready is killed.
   */
  shutDown(deadlineMs: number): void {
    const endsAtMs = performance.now() + deadlineMs;
    if (this.ended || endsAtMs >= (this.shutdownEndsAtMs ?? Number.POSITIVE_INFINITY)) return;
    if (deadlineMs <= 0 || this.answer === undefined) {
      this.kill();
      return;
    }
    const isFirstCall = this.shutdownEndsAtMs === undefined;
    this.shutdownEndsAtMs = endsAtMs;
    this.heartbeat?.dispose();
    this.clearTimers();
    this.after(deadlineMs * 0.6, () => this.instance.kill('SIGTERM'));
    this.after(deadlineMs * 0.8, () => this.kill());
    if (isFirstCall) void this.requestShutdown(deadlineMs);
  }

  dispose(): void {
    this.kill();
  }

  private async initialize(logLevel: string): Promise<void> {
    try {
      const answer = await this.connection.sendRequest(
        InitializeRequest.type,
        { protocolVersion: PROTOCOL_VERSION, role: this.role, parentPid: process.pid, logLevel },
        { deadlineMs: this.limits.startDeadlineMs },
      );
      const { success, data, error } = checkValue(InitializeResultSchema, answer);
      if (!success) this.kill(partFailure(this.role, 'answered "initialize" with something else', error));
      else if (data.protocolVersion === PROTOCOL_VERSION) this.becomeReady(data);
      else this.kill(versionMismatch(this.role, data.protocolVersion), true);
    } catch (thrown) {
      // A closed channel is reported by its own event.
      if (this.connection.closed) return;
      const error = BulkheadError.from(thrown);
      if (error.code === ErrorCodes.versionMismatch) this.kill(error, true);
      else this.kill(partFailure(this.role, `did not start: ${this.startFailure(error)}`, error));
    }
  }

  private startFailure(error: BulkheadError): string {
    return error.code === ErrorCodes.rpcTimeout
      ? `no response within ${this.limits.startDeadlineMs} ms`
      : withoutStop(error.message);
  }

  private becomeReady(result: InitializeResult): void {
    if (this.ended) return;
    this.answer = result;
    this.connection.sendNotification(InitializedNotification.type, {});
    const processor = ProcessorWait.of(result.pid);
    this.heartbeat = new HeartbeatMonitor(this.connection, {
      intervalMs: this.limits.heartbeatIntervalMs,
      wasStarved: () => processor.wasStarved(),
      mostExcused: this.limits.mostStarved,
    });
    this.heartbeat.onDidChangeMissed((missed) => this.didMissHeartbeats(missed));
    this.readyEmitter.fire();
  }

  private didMissHeartbeats(missed: number): void {
    const { heartbeatIntervalMs, warnAfterMissed, terminateAfterMissed, terminateGraceMs } = this.limits;
    const silence = `has not responded for ${missed * heartbeatIntervalMs} ms`;
    const responsive = missed < warnAfterMissed;
    if (responsive !== this.responsive) {
      this.responsive = responsive;
      this.log('warn', partFailure(this.role, responsive ? 'answers again' : silence).message);
      this.responsiveEmitter.fire(responsive);
    }
    if (missed < terminateAfterMissed || this.ended) return;
    this.heartbeat?.dispose();
    const killReason = partFailure(this.role, silence);
    this.killReason = killReason;
    if (terminateGraceMs === 0) {
      this.kill(killReason);
    } else {
      this.instance.kill('SIGTERM');
      this.after(terminateGraceMs, () => this.kill(killReason));
    }
  }

  private async requestShutdown(deadlineMs: number): Promise<void> {
    try {
      await this.connection.sendRequest(ShutdownRequest.type, undefined, { deadlineMs });
    } catch {
      // The part is ended by `exit` or a signal instead.
    }
    this.connection.sendNotification(ExitNotification.type);
  }

  private didClose({ error }: CloseReason): void {
    if (this.ended) return;
    // A message truncated by the part's exit is not a protocol error.
    if (error instanceof BulkheadError && error.code === ErrorCodes.rpcFlooded) {
      this.kill(
        partFailure(this.role, 'sent messages faster than the core reads them, and did not stop', error),
      );
    } else if (error instanceof BulkheadError && !this.instance.control.readableEnded) {
      this.kill(partFailure(this.role, `broke the control channel: ${withoutStop(error.message)}`, error));
    } else {
      this.settle();
    }
  }

  private didExit(exit: PartExit): void {
    this.exit = exit;
    if (!this.ended) {
      this.settle();
      return;
    }
    this.clearTimers();
    this.reportGone();
  }

  private settle(): void {
    if (this.exit !== undefined && this.connection.closed) {
      this.endAfterExit();
    } else if (!this.settling && (this.shutdownEndsAtMs === undefined || this.exit !== undefined)) {
      this.settling = true;
      const starting = this.answer === undefined;
      this.after(starting ? EXIT_SETTLE_STARTING_MS : EXIT_SETTLE_MS, () => this.endAfterExit());
    }
  }

  private endAfterExit(): void {
    const exit = this.exit;
    if (this.shutdownEndsAtMs !== undefined) {
      this.end({ exit, reason: undefined, fatal: false });
      return;
    }
    const cause =
      exit === undefined
        ? partFailure(this.role, 'closed its control channel')
        : exitFailure(this.role, exit);
    this.end({
      exit,
      reason: this.killReason ?? cause,
      fatal: exit !== undefined && isFatalExit(exit),
    });
  }

  private end(end: RunEnd): void {
    if (this.ended) return;
    this.ended = true;
    this.clearTimers();
    this.heartbeat?.dispose();
    if (this.exit === undefined) {
      this.instance.kill('SIGKILL');
      this.after(KILL_DEADLINE_MS, () => {
        this.instance.dispose();
        this.reportGone();
      });
    }
    this.connection.dispose();
    this.endEmitter.fire(end);
    if (this.exit !== undefined) this.reportGone();
  }

  /** A message of the part that could not be handled: its mistake, or a defect of a handler. */
  private reportFailure(method: string, error: unknown): void {
    const what = error instanceof BulkheadError ? error.message : inspect(error);
    this.log('error', `${method} from ${this.role} was not handled: ${what}`);
  }

  /** A part that exceeds its log limit has its further lines counted instead. */
  private log(level: PartLogParams['level'], message: string): void {
    if (this.logBudget.take(message.length)) this.logEmitter.fire({ level, message });
    else this.dropped ??= this.after(DROPPED_REPORT_MS, () => this.reportDropped());
  }

  private reportDropped(): void {
    this.dropped = undefined;
    const message = `${this.logBudget.takeRefused()} lines came too fast and were dropped`;
    this.logEmitter.fire({ level: 'warn', message });
  }

  private after(delayMs: number, action: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      action();
    }, delayMs);
    this.timers.add(timer);
    return timer;
  }

  private clearTimers(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    if (this.dropped !== undefined) this.reportDropped();
  }
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
