import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc/node';
import { Emitter, type Event } from '../../base/event.js';
import { onUnexpectedError } from '../../base/unexpected-error.js';
import type { BroadcastConfig, OutputConfig } from '../../config/schema.js';
import type {
  BroadcastMarker,
  BroadcastState,
  NoticeParams,
  Status,
  TimelineStatus,
} from '../../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { type BroadcastSpliceParams, isOnAir } from '../../protocol/plugin-broadcast.js';
import { CoreOptions } from '../core-options.js';
import { answering } from '../disk/answering.js';
import { ExtensionHosts } from '../extension-hosts/hosts/extension-hosts.js';
import { Log } from '../log/log.js';
import type { Output } from '../publish/output.js';
import { OutputFactory } from '../publish/output-protocols.js';
import { Dialogs } from '../streamer/dialogs.js';
import { NoticeSink } from '../streamer/notice-sink.js';
import { EncoderStub } from '../stubs/encoder-stub.js';
import { isOfInput } from '../stubs/input-watch.js';
import { LiveServerStub } from '../stubs/live-server-stub.js';
import { Markers } from './markers.js';
import { OnAir } from './on-air.js';
import { withSecrets } from './secrets.js';

/** Time that an output gets to write what it has queued and to say goodbye, ms. */
const GOODBYE_MS = 2000;

const NO_TIMELINE: TimelineStatus = {
  videoFrames: 0,
  audioFrames: 0,
  lastTimestampMs: 0,
  splices: 0,
  lastGapMs: 0,
  maxGapMs: 0,
  transitP99Ms: 0,
};

/**
 * The broadcast: `idle → starting → live ⇄ reconnecting → stopping → idle`. It joins the encoder's epochs to the
 * outputs and outlives the failure of any of them: once it has been live, only a stop or the input's end ends it.
 */
@injectable()
export class Broadcast implements Disposable {
  private currentState: BroadcastState = 'idle';
  private lastResidentBytes = 0;
  private onAir: OnAir | undefined;
  /** What it was started with the last time. */
  private config: BroadcastConfig | undefined;
  private stopped: Promise<void> | undefined;
  /** While the secrets for a start are read; a stop aborts it. */
  private preparation: AbortController | undefined;
  private error: BulkheadError | undefined;
  /** Whether the embedded live server is on its way: while it is, outputs that have failed are not all there are. */
  private liveServerStarting = false;
  private liveServerOutput: Output | undefined;
  private readonly stateEmitter = new Emitter<BroadcastState>();
  readonly onDidChangeState: Event<BroadcastState> = this.stateEmitter.event;
  private readonly spliceEmitter = new Emitter<BroadcastSpliceParams>();
  /** The stream went on with another encoder. */
  readonly onDidSplice: Event<BroadcastSpliceParams> = this.spliceEmitter.event;
  readonly markers = new Markers();

  constructor(
    @inject(CoreOptions) private readonly options: CoreOptions,
    @inject(EncoderStub) private readonly encoder: EncoderStub,
    @inject(ExtensionHosts) private readonly extensionHosts: ExtensionHosts,
    @inject(LiveServerStub) private readonly liveServer: LiveServerStub,
    @inject(OutputFactory) private readonly createOutput: OutputFactory,
    @inject(Dialogs) private readonly dialogs: Dialogs,
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Log) private readonly log: Log,
  ) {
    encoder.onDidFinish(() => void this.stop());
    encoder.onDidGiveUp((error) => void this.end(error));
    encoder.onDidCrash((error) => this.report('warning', isOfInput(error) ? 'input' : 'encoder', error));
    encoder.onDidRecoverInput((lostMs) =>
      this.tell(
        'info',
        'input',
        `It delivers, after ${Math.max(1, Math.round(lostMs / 1000))} s without a frame.`,
      ),
    );
    encoder.onDidFallBehind((error) => this.report('warning', 'encoder', error));
    liveServer.onDidMove((publishUrl) => this.followLiveServer(publishUrl));
  }

  /**
   * Goes on air. Resolves as soon as the secrets have been read and everything has been set in motion.
   *
   * @throws `broadcast.state` when already on air, or stopped meanwhile; `config.secretNotFound`, `config.invalid` or
   * `plugin.invalid` before anything has been started.
   */
  async start(config: BroadcastConfig): Promise<Status> {
    if (this.onAir !== undefined || this.preparation !== undefined) {
      const state = this.onAir === undefined ? 'starting' : this.currentState;
      throw new BulkheadError(ErrorCodes.broadcastState, `a broadcast is already ${state}`, {
        remedy: 'End it with "bulkhead stop" first.',
      });
    }
    const preparation = new AbortController();
    this.preparation = preparation;
    let outputs: readonly OutputConfig[];
    try {
      await Promise.all(config.plugins.map(answering));
      outputs = await Promise.all(config.outputs.map(withSecrets));
    } finally {
      this.preparation = undefined;
    }
    if (preparation.signal.aborted) {
      throw new BulkheadError(ErrorCodes.broadcastState, 'the broadcast was stopped before it had started');
    }
    return this.goOnAir(config, outputs);
  }

  /** @param configured with the secrets in them */
  private async goOnAir(config: BroadcastConfig, configured: readonly OutputConfig[]): Promise<Status> {
    const onAir = new OnAir();
    let outputs: readonly Output[] = [];
    try {
      outputs = configured.map((output) => this.createOutput(output, onAir.startingPoint));
      this.extensionHosts.setPlugins(
        config.plugins,
        config.pluginSettings,
        config.allowApiProposals,
        config.profile,
      );
      onAir.onDidChangeOutput((output) => this.outputChanged(onAir, output));
      onAir.onDidSplice((splice) => this.spliceEmitter.fire(splice));
      this.markers.clear();
      this.onAir = onAir;
      this.config = config;
      this.error = undefined;
      this.setState('starting');
      this.encoder.start(
        {
          settings: { input: config.input, video: config.video, audio: config.audio },
          ...(config.ffmpeg === undefined ? {} : { ffmpegPath: config.ffmpeg }),
        },
        () => onAir.beginEpoch(),
      );
      for (const output of outputs) onAir.add(output);
    } catch (error) {
      if (this.onAir === onAir) await this.end(undefined);
      else onAir.dispose();
      // Those that it has not got to.
      for (const output of outputs) output.dispose();
      throw error;
    }
    if (config.liveServer.enabled ?? config.outputs.length === 0)
      void this.publishToLiveServer(onAir, config);
    return this.status();
  }

  /**
   * Goes on air as it was configured the last time.
   *
   * @throws as `start` does; `broadcast.state` also when there has been no broadcast.
   */
  async startAgain(): Promise<Status> {
    if (this.config !== undefined) return this.start(this.config);
    throw new BulkheadError(
      ErrorCodes.broadcastState,
      'there has been no broadcast that could be started again',
      {
        remedy: 'Start one with "bulkhead start".',
      },
    );
  }

  /**
   * Gives this moment of the broadcast a name.
   *
   * @param label One line.
   * @param plugin Who does; the streamer without one.
   * @throws `broadcast.state` when it is not on air, or has too many already.
   */
  addMarker(label: string, plugin?: string): BroadcastMarker {
    if (this.onAir === undefined || !isOnAir(this.currentState, false)) {
      throw new BulkheadError(
        ErrorCodes.broadcastState,
        `the broadcast is ${this.currentState}: there is nothing to mark`,
        {
          where: plugin,
          remedy: 'Set markers while it is live.',
        },
      );
    }
    const marker = this.markers.add(label, this.onAir.positionMs, plugin);
    this.log.info(`marker: ${label}`, {
      timestampMs: marker.timestampMs,
      ...(plugin === undefined ? {} : { plugin }),
    });
    return marker;
  }

  /** Ends the broadcast in order; resolves when it is idle. Harmless when it already is. */
  async stop(): Promise<Status> {
    this.preparation?.abort();
    await this.end(undefined);
    return this.status();
  }

  status(): Status {
    const liveServer = this.liveServer.status;
    const input = this.encoder.inputStatus();
    const { version, logFile } = this.options;
    return {
      state: this.currentState,
      mode: this.options.mode,
      address: this.options.address,
      uptimeMs: this.onAir?.uptimeMs ?? 0,
      core: {
        pid: process.pid,
        rssBytes: this.residentBytes(),
        version,
        ...(logFile === undefined ? {} : { logFile }),
      },
      ...(input === undefined ? {} : { input }),
      encoder: this.encoder.status(),
      extensionHosts: this.extensionHosts.status(),
      outputs: this.onAir?.outputStatuses() ?? [],
      timeline: this.onAir?.timelineStatus() ?? NO_TIMELINE,
      markers: this.markers.list(),
      questions: this.dialogs.questions.list(),
      progress: this.dialogs.progress.list(),
      ...(liveServer === undefined ? {} : { liveServer }),
      ...(this.error === undefined ? {} : { error: this.error.toData() }),
    };
  }

  /** Reading it takes a file descriptor; without one it is what it was. */
  private residentBytes(): number {
    try {
      this.lastResidentBytes = process.memoryUsage.rss();
    } catch {}
    return this.lastResidentBytes;
  }

  /** The embedded live server is a destination like any other, once it has said where it listens. */
  private async publishToLiveServer(onAir: OnAir, { liveServer }: BroadcastConfig): Promise<void> {
    this.liveServerStarting = true;
    try {
      const { publishUrl } = await this.liveServer.start(liveServer);
      if (!this.isRunning(onAir)) return;
      this.liveServerStarting = false;
      this.followLiveServer(publishUrl);
    } catch (error) {
      // A stop ends its start, too.
      if (!this.isRunning(onAir)) return;
      this.liveServerStarting = false;
      const failure = BulkheadError.from(error, ErrorCodes.processFailed);
      this.report('error', 'live-server', failure);
      if (onAir.outputStatuses().length === 0) void this.end(failure);
      else if (onAir.failure !== undefined) void this.end(onAir.failure);
    }
  }

  /** Publishes to where the embedded live server listens: at first, and whenever another process of it does. */
  private followLiveServer(publishUrl: string): void {
    const { onAir } = this;
    if (onAir === undefined || !this.isRunning(onAir)) return;
    const output = this.createOutput(
      { id: 'live-server', type: 'rtmp', url: publishUrl },
      onAir.startingPoint,
    );
    if (this.liveServerOutput !== undefined) onAir.remove(this.liveServerOutput);
    this.liveServerOutput = output;
    onAir.add(output);
  }

  private isRunning(onAir: OnAir): boolean {
    return this.onAir === onAir && this.stopped === undefined;
  }

  private outputChanged(onAir: OnAir, output: Output): void {
    if (!this.isRunning(onAir)) return;
    if (onAir.failure !== undefined && !this.liveServerStarting) {
      void this.end(onAir.failure);
      return;
    }
    const news = onAir.newsOf(output);
    if (news !== undefined) this.tell(news.severity, output.id, news.message, output.status().error?.code);
    if (onAir.isLive) this.setState('live');
    else if (this.currentState === 'live') this.setState('reconnecting');
  }

  private end(error: BulkheadError | undefined): Promise<void> {
    this.stopped ??= this.tearDown(error).finally(() => {
      this.stopped = undefined;
    });
    return this.stopped;
  }

  private async tearDown(error: BulkheadError | undefined): Promise<void> {
    const onAir = this.onAir;
    if (onAir === undefined) return;
    this.error = error;
    // Whoever watches hears of it with the state.
    if (error !== undefined) this.log.error(`the broadcast ends: ${error.sentence}`, { code: error.code });
    this.setState('stopping');
    const ends = [
      () => this.encoder.stop(),
      () => onAir.sayGoodbye(GOODBYE_MS),
      () => this.liveServer.stop(),
      () => onAir.dispose(),
    ];
    for (const end of ends) {
      try {
        await end();
      } catch (failure) {
        // The broadcast is over all the same, and the next one can be started.
        onUnexpectedError(failure);
      }
    }
    this.onAir = undefined;
    this.liveServerStarting = false;
    this.liveServerOutput = undefined;
    this.setState('idle');
  }

  private setState(state: BroadcastState): void {
    if (state === this.currentState) return;
    this.log.info(`broadcast: ${this.currentState} → ${state}`);
    this.currentState = state;
    this.stateEmitter.fire(state);
  }

  private report(severity: 'warning' | 'error', source: string, error: BulkheadError): void {
    this.tell(severity, source, error.sentence, error.code);
  }

  /** To the streamer and to the log. */
  private tell(severity: NoticeParams['severity'], source: string, message: string, code?: string): void {
    this.notices.notice({ severity, source, message });
    const level = severity === 'warning' ? 'warn' : severity;
    this.log[level](`${source}: ${message}`, code === undefined ? {} : { code });
  }

  dispose(): void {
    this.onAir?.dispose();
    this.markers.dispose();
    this.spliceEmitter.dispose();
    this.stateEmitter.dispose();
  }
}
