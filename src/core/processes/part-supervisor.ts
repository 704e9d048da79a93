import type { Duplex } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { Backoff } from '../../base/backoff.js';
import { DisposableStore } from '../../base/disposable-store.js';
import { Emitter, type Event } from '../../base/event.js';
import { withDeadline } from '../../base/with-deadline.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { InitializeResult, PartLogParams, PartRole, PartState } from '../../protocol/lifecycle.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import { CrashWindow } from './crash-window.js';
import { notePartEnd } from './part-ends.js';
import { partName } from './part-failure.js';
import type { PartExit, PartLauncher } from './part-launcher.js';
import { PartRun, type RunEnd } from './part-run.js';
import { RESTART_JITTER, type SupervisionLimits, supervisionLimits } from './supervision-limits.js';

/** How long after its deadline a stop waits for the operating system to end killed processes, ms. */
const STOP_SLACK_MS = 500;

/** Reason for a part whose crashes were counted by a core that has since exited. */
const CORE_ENDED = new BulkheadError(ErrorCodes.processFailed, 'The core died while it was at work.');

/** Maximum delay before a spare that keeps crashing is launched again, ms. */
const SPARE_BACKOFF_CAP_MS = 30_000;

export interface PartSupervisorOptions {
  readonly launcher: PartLauncher;
  readonly logLevel: string;
  /** Keep one initialized, idle instance as a warm spare, to take over when the active one crashes. */
  readonly spare: boolean;
  /**
   * Registers handlers on each instance's connection before its first message is read, including the spare's, long before its
   * connection becomes {@link ReadyPart.connection}.
   */
  readonly configure?: (connection: RpcConnection) => void;
  /** When the part crashed before this supervisor was created, by `performance.now()`: counted at its first start. */
  readonly crashesBefore?: readonly number[];
  /** Differences from the role's default limits. */
  readonly limits?: Partial<SupervisionLimits>;
  /** In [0, 1), for the jitter of restarts. */
  readonly random?: () => number;
}

/** An instance that has become the active one. */
export interface ReadyPart {
  readonly connection: RpcConnection;
  /** Where a host of plugins sends their frames. */
  readonly frames?: Duplex | undefined;
  readonly pid: number;
  readonly initializeResult: InitializeResult;
  /** 1 for the supervisor's first active instance, incremented for each next one. */
  readonly generation: number;
}

export interface PartEnd {
  /** Undefined if it ended before it became the active instance. */
  readonly part: ReadyPart | undefined;
  /** Undefined if the supervisor stopped waiting for its exit. */
  readonly exit: PartExit | undefined;
  /** Undefined if the end was requested. */
  readonly reason: BulkheadError | undefined;
  readonly expected: boolean;
}

export interface PartLogEntry extends PartLogParams {
  readonly pid: number;
}

/**
 * Keeps one part running: launches it, monitors it, kills it if it hangs, and restarts it if it crashes.
 *
 * When the active instance ends the following happens in one turn, in this order: `active` becomes undefined, its connection is
 * closed, `state` changes (`restarting`, `quarantined`, `failed`), {@link onDidEnd} fires; then, if there is a warm spare and
 * the part has not been crashing repeatedly, `active` and `state` (`running`) change and {@link onDidBecomeReady} fires.
 * Without a spare the last step is the launch, and the rest follows the handshake. So the end of an instance is always reported
 * before the start of the next, and a listener always sees the state that goes with its event.
 *
 * The process may not have exited yet when its end is reported: it has been sent SIGKILL, and only `stop` waits for its exit.
 */
export class PartSupervisor implements Disposable {
  private readonly emitters = new DisposableStore();
  private readonly readyEmitter = this.emitters.add(new Emitter<ReadyPart>());
  private readonly spareEmitter = this.emitters.add(new Emitter<RpcConnection>());
  private readonly endEmitter = this.emitters.add(new Emitter<PartEnd>());
  private readonly stateEmitter = this.emitters.add(new Emitter<PartState>());
  private readonly logEmitter = this.emitters.add(new Emitter<PartLogEntry>());
  /** An instance has become the active one and can be given its task. */
  readonly onDidBecomeReady: Event<ReadyPart> = this.readyEmitter.event;
  /** A spare has been initialized and can prepare its task, if that is known. */
  readonly onDidWarmSpare: Event<RpcConnection> = this.spareEmitter.event;
  /** The active instance, or one that was about to become it, has ended. */
  readonly onDidEnd: Event<PartEnd> = this.endEmitter.event;
  /** `unresponsive` is the first step of the ladder: the last chance to take a profile of the part. */
  readonly onDidChangeState: Event<PartState> = this.stateEmitter.event;
  /** Log of every instance, including spares. */
  readonly onDidLog: Event<PartLogEntry> = this.logEmitter.event;

  readonly role: PartRole;
  private readonly options: PartSupervisorOptions;
  private readonly limits: SupervisionLimits;
  private readonly backoff: Backoff;
  private readonly spareBackoff: Backoff;
  private readonly crashes: CrashWindow;
  private crashesBefore: readonly number[];
  /** Every run whose process may still exist. */
  private readonly runs = new Set<PartRun>();
  private currentState: PartState = 'stopped';
  private currentError: BulkheadError | undefined;
  /** True from `start` until `stop`, quarantine or a fatal failure. */
  private wanted = false;
  private restartCount = 0;
  private generation = 0;
  /** The active run, or the one that becomes active when it is ready. */
  private main: PartRun | undefined;
  private activePart: ReadyPart | undefined;
  private activeSinceMs = 0;
  private spare: PartRun | undefined;
  private restartTimer: NodeJS.Timeout | undefined;
  private spareTimer: NodeJS.Timeout | undefined;

  constructor(options: PartSupervisorOptions) {
    const { launcher, limits, random } = options;
    this.role = launcher.role;
    this.options = options;
    this.limits = supervisionLimits(launcher.role, limits);
    const { backoffBaseMs: baseMs, backoffCapMs: capMs, maxCrashes, crashWindowMs } = this.limits;
    this.backoff = new Backoff({ baseMs, capMs, jitter: RESTART_JITTER }, random);
    this.spareBackoff = new Backoff({ baseMs, capMs: SPARE_BACKOFF_CAP_MS, jitter: RESTART_JITTER }, random);
    this.crashes = new CrashWindow(maxCrashes, crashWindowMs);
    this.crashesBefore = options.crashesBefore ?? [];
  }

  get state(): PartState {
    return this.currentState;
  }

  /** The active instance; undefined while none is ready. */
  get active(): ReadyPart | undefined {
    return this.activePart;
  }

  /** The connection of the spare, once it has been initialized. */
  get warmSpare(): RpcConnection | undefined {
    return this.spare?.initializeResult === undefined ? undefined : this.spare.connection;
  }

  /** Process id of the active instance or of the one being started; 0 without either. */
  get pid(): number {
    return this.main?.pid ?? 0;
  }

  /** Whether the part runs in a process of its own. */
  get isolated(): boolean {
    return this.options.launcher.isolated;
  }

  /** Number of times an active instance has been replaced since `start`. */
  get restarts(): number {
    return this.restartCount;
  }

  /** Why the part is not running, or why its last instance ended; undefined once an instance is ready again. */
  get error(): BulkheadError | undefined {
    return this.currentError;
  }

  /**
   * Starts the part, even after quarantine or failure: its crash record is cleared. An instance that is still stopping is
   * killed first.
   */
  start(): void {
    if (this.wanted) return;
    this.main?.kill();
    this.wanted = true;
    this.currentError = undefined;
    this.restartCount = 0;
    this.forgetCrashes();
    this.spareBackoff.reset();
    this.setState('starting');
    const tooMany = this.crashesBefore.map((atMs) => this.crashes.add(atMs)).at(-1);
    this.crashesBefore = [];
    if (tooMany === true) this.standDown('quarantined', this.quarantine(CORE_ENDED));
    else this.bringUp();
  }

  /**
   * Ends the part in order, or immediately if `deadlineMs` is 0. Also for a part that has done its work, so that its exit does
   * not count as a crash. Resolves when all of its processes have exited, at the latest half a second past the deadline. A
   * further call with an earlier deadline shortens the wait.
   */
  async stop(deadlineMs: number): Promise<void> {
    this.standDown();
    this.main?.shutDown(deadlineMs);
    await this.allGone(deadlineMs + STOP_SLACK_MS);
    if (!this.wanted && this.currentState !== 'quarantined' && this.currentState !== 'failed')
      this.setState('stopped');
  }

  /** Times of the crashes that count towards quarantine, by `performance.now()`. */
  get recentCrashes(): readonly number[] {
    return this.crashes.within(performance.now());
  }

  /** Clears the crash record: earlier crashes no longer count towards quarantine or delay a restart. */
  forgetCrashes(): void {
    this.crashes.clear();
    this.backoff.reset();
  }

  /** Launches a spare if there is none, in preparation for {@link replace}. */
  prepareSpare(): void {
    if (!this.wanted || this.spare !== undefined) return;
    clearTimeout(this.spareTimer);
    this.spare = this.launch();
  }

  /**
   * Switches to the spare, or to a new instance if there is none, as after a crash but without counting one. The active
   * instance is ended in order, within `deadlineMs`, while the next one already runs. Does nothing without an active instance.
   */
  replace(deadlineMs: number): void {
    const part = this.activePart;
    const main = this.main;
    if (part === undefined || main === undefined) return;
    this.main = undefined;
    this.activePart = undefined;
    this.setState('restarting');
    this.endEmitter.fire({ part, exit: undefined, reason: undefined, expected: true });
    main.shutDown(deadlineMs);
    if (this.wanted && this.main === undefined) this.bringUp();
  }

  /**
   * The owner found the active instance unusable (it is silent, its ffmpeg crashed): kills it and continues as after a crash.
   * Does nothing without an active instance.
   */
  fail(error: BulkheadError): void {
    if (this.activePart !== undefined) this.main?.kill(error);
  }

  /** The owner found that no restart can help (input or encoder missing): ends the part with state `failed`. */
  giveUp(error: BulkheadError): void {
    if (!this.wanted) return;
    if (this.main === undefined) this.standDown('failed', error);
    else this.main.kill(error, true);
  }

  dispose(): void {
    this.standDown();
    for (const run of this.runs) run.dispose();
    this.emitters.dispose();
  }

  /** Launches the part or promotes its spare; a spare that is still starting is promoted when it is ready. */
  private bringUp(): void {
    clearTimeout(this.spareTimer);
    const spare = this.spare;
    this.spare = undefined;
    if (spare?.usable) this.spareBackoff.reset();
    else spare?.kill();
    this.main = spare?.usable ? spare : this.launch();
    this.promoteWhenReady(this.main);
  }

  private launch(): PartRun {
    const { launcher, logLevel, configure } = this.options;
    const run = new PartRun({ launcher, limits: this.limits, logLevel, configure });
    this.runs.add(run);
    void run.gone.then(() => this.runs.delete(run));
    run.onDidBecomeReady(() => {
      if (run === this.spare) this.spareEmitter.fire(run.connection);
      else this.promoteWhenReady(run);
    });
    run.onDidEnd((end) => this.didEnd(run, end));
    run.onDidChangeResponsive((responsive) => {
      if (run === this.main && this.wanted) this.setState(responsive ? 'running' : 'unresponsive');
    });
    run.onDidLog((entry) => this.logEmitter.fire({ ...entry, pid: run.pid }));
    return run;
  }

  private promoteWhenReady(run: PartRun): void {
    const { connection, frames, pid, initializeResult } = run;
    if (run !== this.main || initializeResult === undefined) return;
    this.generation += 1;
    if (this.currentState === 'restarting') this.restartCount += 1;
    const part = { connection, frames, pid, initializeResult, generation: this.generation };
    this.activePart = part;
    this.activeSinceMs = performance.now();
    this.currentError = undefined;
    this.setState('running');
    if (this.activePart === part && this.wanted) this.readyEmitter.fire(part);
    if (this.activePart === part) this.launchSpare(this.limits.spareDelayMs);
  }

  private launchSpare(delayMs: number): void {
    if (!this.options.spare || !this.wanted || this.spare !== undefined) return;
    this.spareTimer = setTimeout(() => {
      this.spare = this.launch();
    }, delayMs);
  }

  private didEnd(run: PartRun, end: RunEnd): void {
    if (run === this.main) this.mainEnded(end);
    else if (run === this.spare) this.spareEnded(run, end);
  }

  private spareEnded(run: PartRun, { reason, fatal }: RunEnd): void {
    this.spare = undefined;
    if (reason === undefined) return;
    this.logEmitter.fire({ level: 'warn', message: `As a spare: ${reason.message}`, pid: run.pid });
    // The active instance is running; whether the part can still be started is found out when needed.
    if (!fatal) this.launchSpare(this.limits.spareDelayMs + this.spareBackoff.next());
  }

  private mainEnded({ exit, reason, fatal }: RunEnd): void {
    const part = this.activePart;
    const now = performance.now();
    this.main = undefined;
    this.activePart = undefined;
    if (part !== undefined && now - this.activeSinceMs >= this.limits.stableAfterMs) this.backoff.reset();
    if (this.wanted && reason !== undefined) this.noteCrash(reason, fatal, exit?.notStarted === true, now);
    if (reason !== undefined) notePartEnd(this.role, reason);
    this.endEmitter.fire({ part, exit, reason, expected: reason === undefined });
    if (this.wanted && this.main === undefined) this.restart();
  }

  private noteCrash(reason: BulkheadError, fatal: boolean, notStarted: boolean, nowMs: number): void {
    if (fatal) this.standDown('failed', reason);
    // A machine without resources for a process is not the part's fault: starting is retried until there are some.
    else if (!notStarted && this.crashes.add(nowMs)) this.standDown('quarantined', this.quarantine(reason));
    else {
      this.currentError = reason;
      if (this.currentState !== 'starting') this.setState('restarting');
    }
  }

  private restart(): void {
    const delayMs = this.backoff.next();
    clearTimeout(this.restartTimer);
    if (delayMs === 0) this.bringUp();
    else this.restartTimer = setTimeout(() => this.bringUp(), delayMs);
  }

  /** Stops starting instances; sets `state` unless the end was requested. */
  private standDown(state?: 'quarantined' | 'failed', error?: BulkheadError): void {
    this.wanted = false;
    clearTimeout(this.restartTimer);
    clearTimeout(this.spareTimer);
    this.spare?.kill();
    if (state === undefined) return;
    this.currentError = error;
    this.setState(state);
  }

  private quarantine(last: BulkheadError): BulkheadError {
    const { maxCrashes, crashWindowMs } = this.limits;
    return new BulkheadError(
      ErrorCodes.processQuarantined,
      `T${partName(this.role).slice(1)} crashed ${maxCrashes} times within ${Math.round(crashWindowMs / 1000)} s and stays off. ` +
        `Last error: ${last.message}`,
      { where: this.role, remedy: last.remedy ?? 'The log shows the cause.', cause: last },
    );
  }

  private setState(state: PartState): void {
    if (state === this.currentState) return;
    this.currentState = state;
    this.stateEmitter.fire(state);
  }

  private async allGone(withinMs: number): Promise<void> {
    await withDeadline(Promise.all([...this.runs].map(({ gone }) => gone)), withinMs, () => {});
  }
}
