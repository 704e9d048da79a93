import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Backoff, type BackoffOptions } from '../../base/backoff.js';
import type { BroadcastConfig } from '../../config/schema.js';
import { showOf } from '../../config/show-state.js';
import { ControlClient } from '../../control-client/control-client.js';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../../protocol/errors.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { KeptReport } from '../../protocol/report.js';
import type { BroadcastState } from '../../protocol/status/status.js';
import type { CliContext } from '../cli-context.js';
import type { CoreExit, CoreProcess } from '../core-process.js';
import { loadBroadcast } from '../load-broadcast.js';
import type { LiveOptions } from '../options.js';
import { reportOf, showReport } from '../report/report.js';
import { type StopSignals, whenAborted } from '../stop-signals.js';
import { reportEnd } from './broadcast-end.js';
import { type BroadcastEnd, BroadcastFollower, STATUS_INTERVAL_MS } from './broadcast-follower.js';
import { type BroadcastView, viewOf } from './broadcast-view.js';
import { followConfiguration } from './configuration-follower.js';
import { killIfUnresponsive } from './core-watchdog.js';
import { asOnAir, type OnAirBefore, onAirIn, withoutEdited } from './on-air-before.js';

/** Deadline for a core to end in order before it is killed, ms. */
const ORDERLY_END_MS = 15_000;
/** The same for one whose control channel has closed. */
const LOST_CHANNEL_MS = 2000;
/** A core that crashes this often before a broadcast was ever set up will not work. */
const MAX_FAILED_STARTS = 3;
const LOST_CODES: ReadonlySet<ErrorCode> = new Set([ErrorCodes.rpcClosed, ErrorCodes.rpcTimeout]);

export interface OwnedBroadcastOptions {
  /** The first core, already starting. */
  readonly core: CoreProcess;
  readonly startCore: () => CoreProcess;
  readonly configFile: string | undefined;
  readonly options: LiveOptions;
  readonly context: CliContext;
  readonly signals: StopSignals;
}

/**
 * `live` in `spawn` and `hybrid` mode: runs the broadcast on its own core, restarts that when it crashes, and ends both
 * on request. Resolves with the exit code.
 */
export async function runOwned(owned: OwnedBroadcastOptions): Promise<number> {
  const { options, context } = owned;
  const config = await loadBroadcast(owned.configFile, options, context);
  const view = viewOf(options.address, context);
  try {
    return await new OwnedBroadcast(owned, config, showOf(owned.configFile, context.cwd), view).run();
  } finally {
    view.finish();
  }
}

/** A core that was on air for this long did not crash because of its start, ms. */
const STABLE_MS = 60_000;
/** Delays between the starts of a core that crashes repeatedly. */
export const CORE_RESTARTS: BackoffOptions = { baseMs: 500, capMs: 10_000, jitter: 0 };

type RunEnd =
  | Extract<BroadcastEnd, { kind: 'ended' }>
  | { readonly kind: 'core-exited'; readonly exit: CoreExit }
  | { readonly kind: 'stop' };

class OwnedBroadcast {
  private readonly backoff = new Backoff(CORE_RESTARTS);
  private crashes = 0;
  private crashedAtMs: number | undefined;
  private liveSinceMs: number | undefined;
  /** Whether a core has ever set up the broadcast. */
  private hasBegun = false;
  /** What a core that has died is restarted with besides the configuration. */
  private onAir: OnAirBefore = {};
  /** Has the core's broadcast follow the configuration; undefined while it has none. */
  private follow: (() => Promise<unknown>) | undefined;

  constructor(
    private readonly owned: OwnedBroadcastOptions,
    /** As it was read last. */
    private configured: BroadcastConfig,
    private readonly show: string,
    private readonly view: BroadcastView,
  ) {}

  async run(): Promise<number> {
    const following = followConfiguration(this.owned.configFile, this.owned, this.view, async (config) => {
      this.onAir = withoutEdited(this.onAir, this.configured, config);
      this.configured = config;
      await this.follow?.();
    });
    try {
      return await this.runCores();
    } finally {
      following.dispose();
    }
  }

  private async runCores(): Promise<number> {
    for (let core = this.owned.core; ; core = this.owned.startCore()) {
      let exitCode: number | undefined;
      try {
        exitCode = await this.runOn(core);
      } finally {
        await core.end();
      }
      if (exitCode !== undefined) return exitCode;
      const waitMs = this.backoff.next();
      await delay(waitMs, undefined, { signal: this.owned.signals.requested }).catch(() => {});
      if (this.owned.signals.requested.aborted) return ExitCodes.ok;
    }
  }

  /** The exit code when everything has ended; undefined if the core has crashed and is to be restarted. */
  private async runOn(core: CoreProcess): Promise<number | undefined> {
    const client = new ControlClient(core.control);
    const follower = new BroadcastFollower(client, this.view, (state) => this.stateChanged(state));
    const lines = createInterface({ input: core.stderr }).on('line', (line) => this.view.print(line));
    const watchdog = killIfUnresponsive(client, core, () =>
      this.view.print('The core does not respond; killing it.'),
    );
    try {
      const end = await this.untilEnd(core, client, follower);
      if (end.kind === 'ended') {
        const { report } = await this.endInOrder(core, client);
        const exitCode = reportEnd(end, this.view, this.owned.context);
        await showReport(report, this.view, this.owned.options.report);
        return exitCode;
      }
      if (end.kind === 'stop') return await this.stop(core, client);
      return this.coreExited(end.exit, follower);
    } finally {
      this.follow = undefined;
      watchdog.dispose();
      lines.close();
      follower.dispose();
      client.dispose();
    }
  }

  private async untilEnd(
    core: CoreProcess,
    client: ControlClient,
    follower: BroadcastFollower,
  ): Promise<RunEnd> {
    const toRunEnd = (exit: CoreExit): RunEnd => ({ kind: 'core-exited', exit });
    const followed = this.begin(client, follower).then(
      // A core without its channel exits by itself, and its exit is more specific.
      async (end) => (end.kind === 'disconnected' ? toRunEnd(await core.endWithin(LOST_CHANNEL_MS)) : end),
    );
    return Promise.race([
      followed,
      core.exited.then(toRunEnd),
      whenAborted<RunEnd>(this.owned.signals.requested, { kind: 'stop' }),
    ]);
  }

  private async begin(client: ControlClient, follower: BroadcastFollower): Promise<BroadcastEnd> {
    const { configured } = this;
    try {
      const [, status] = await Promise.all([
        client.subscribe(STATUS_INTERVAL_MS),
        client.startBroadcast(this.config, this.show),
      ]);
      this.hasBegun = true;
      follower.follow(status);
      this.follow = () => client.reconfigureBroadcast(this.config);
      // Saved while the broadcast was being set up. What is wrong with it is seen at the next save.
      if (this.configured !== configured) this.follow().catch(() => {});
      return await follower.ended;
    } catch (error) {
      const lost = error instanceof BulkheadError && LOST_CODES.has(error.code);
      if (!lost) throw error;
      return { kind: 'disconnected' };
    }
  }

  private get config(): BroadcastConfig {
    return asOnAir(this.configured, this.onAir);
  }

  private stateChanged(state: BroadcastState): void {
    if (state !== 'live') return;
    this.liveSinceMs = performance.now();
    if (this.crashedAtMs === undefined) return;
    const outageMs = performance.now() - this.crashedAtMs;
    this.view.print(`On air again after ${(outageMs / 1000).toFixed(1)} s.`);
    this.crashedAtMs = undefined;
  }

  private coreExited({ code, signal }: CoreExit, { lastStatus }: BroadcastFollower): number | undefined {
    this.view.finish();
    // Neither is fixed by a retry; the core has printed the reason on its standard error.
    if (code === ExitCodes.badSettings || code === ExitCodes.versionMismatch) return code;
    // Another client's `bulkhead stop --core`.
    if (code === ExitCodes.ok) {
      this.view.print('The core was stopped; the broadcast has ended.');
      return ExitCodes.ok;
    }
    const stableMs = this.liveSinceMs === undefined ? 0 : performance.now() - this.liveSinceMs;
    this.liveSinceMs = undefined;
    if (stableMs >= STABLE_MS) {
      this.crashes = 0;
      this.backoff.reset();
    }
    this.crashes += 1;
    if (!this.hasBegun && this.crashes === MAX_FAILED_STARTS) {
      throw new BulkheadError(
        ErrorCodes.processFailed,
        `the core died ${this.crashes} times during startup`,
        {
          remedy: 'Its output above shows the cause; "bulkhead doctor" checks the installation.',
        },
      );
    }
    this.crashedAtMs ??= performance.now();
    // What was changed on air lasts until the broadcast ends.
    if (lastStatus !== undefined) this.onAir = { ...this.onAir, ...onAirIn(lastStatus) };
    this.view.print(`The core died (${signal ?? `exit code ${code}`}); restarting it.`);
    return undefined;
  }

  private async stop(core: CoreProcess, client: ControlClient): Promise<number> {
    this.view.print('Ending the broadcast; press Ctrl-C again to end it at once.');
    const forced = whenAborted(this.owned.signals.forced, 'forced' as const);
    const end = await Promise.race([this.endInOrder(core, client), forced]);
    this.view.finish();
    if (end === 'forced') {
      core.kill();
      return ExitCodes.interrupted;
    }
    if (end.exit.signal === 'SIGKILL') {
      this.view.print('The core did not stop in time and was killed.');
      return ExitCodes.unavailable;
    }
    this.view.print('The broadcast has ended.');
    await showReport(end.report, this.view, this.owned.options.report);
    return ExitCodes.ok;
  }

  private async endInOrder(
    core: CoreProcess,
    client: ControlClient,
  ): Promise<{ readonly exit: CoreExit; readonly report: KeptReport | undefined }> {
    let report: KeptReport | undefined;
    // The answers may come after the end of the channel, or never: only the exit counts.
    const ending = async () => {
      await client.stopBroadcast().catch(() => {});
      report = await reportOf(client);
      await client.shutdownCore();
    };
    ending().catch(() => {});
    const exit = await core.endWithin(ORDERLY_END_MS);
    return { exit, report };
  }
}
