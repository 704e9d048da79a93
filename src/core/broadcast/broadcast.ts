import { isDeepStrictEqual } from 'node:util';
import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc/node';
import { DisposableStore } from '../../base/disposable-store.js';
import { Emitter, type Event } from '../../base/event.js';
import { onUnexpectedError } from '../../base/unexpected-error.js';
import { encodeSettingsOf } from '../../config/ingests.js';
import type { BroadcastConfig } from '../../config/schema.js';
import { GopCache } from '../../media/gop-cache.js';
import type { MixLevels } from '../../protocol/audio.js';
import type { SourceStatus } from '../../protocol/encoder.js';
import type { EncoderSettings, EncoderSettingsChange } from '../../protocol/encoder-settings.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { IngestSettings } from '../../protocol/live-server.js';
import { DEFAULT_SHOW } from '../../protocol/outputs.js';
import {
  type BroadcastSpliceParams,
  type BroadcastTarget,
  isOnAir,
} from '../../protocol/plugin-broadcast.js';
import type { BroadcastReport } from '../../protocol/report.js';
import type { BroadcastMarker, BroadcastState, TimelineStatus } from '../../protocol/status/status.js';
import { FlightRecorder } from '../flight/flight-recorder.js';
import { Ingests } from '../ingest/ingests.js';
import { Log } from '../log/log.js';
import { Recordings } from '../recording/recordings.js';
import { Replays } from '../replay/replays.js';
import { NoticeSink } from '../streamer/notice-sink.js';
import { EncoderStub } from '../stubs/encoder-stub.js';
import { type IngestHandler, LiveServerStub } from '../stubs/live-server-stub.js';
import { AdaptiveBitrate } from './adaptive/adaptive-bitrate.js';
import { BroadcastFeeds } from './broadcast-feeds.js';
import { BroadcastNews } from './broadcast-news.js';
import type {
  BroadcastEncoder,
  BroadcastFlight,
  BroadcastIngests,
  BroadcastLiveServer,
  BroadcastRecordings,
  BroadcastReplays,
} from './broadcast-parts.js';
import { encodedTo, targetOf } from './broadcast-target.js';
import type { BroadcastStatus, BroadcastView } from './broadcast-view.js';
import { LiveCollection } from './collection/live-collection.js';
import type { PreparedCollection } from './collection/prepare-collection.js';
import { type ShowChanges, ShowState } from './kept/show-state.js';
import { Markers } from './markers.js';
import { OnAir } from './on-air.js';
import { isShownHere } from './outputs/output-settings.js';
import { END_DEADLINE_MS, type OutputSlot } from './outputs/output-slot.js';
import { Outputs, type PreparedOutputs } from './outputs/outputs.js';
import { Renditions } from './outputs/renditions.js';

const NO_TIMELINE: TimelineStatus = {
  videoFrames: 0,
  audioFrames: 0,
  lastTimestampMs: 0,
  splices: 0,
  slates: 0,
  lastGapMs: 0,
  maxGapMs: 0,
  transitP99Ms: 0,
};

/** What the broadcast says of itself when it ends. */
export interface BroadcastEnd extends Omit<BroadcastReport, 'version' | 'endedAtMs' | 'parts'> {
  readonly recorderRestarts: number;
}

/** What has been read before a broadcast starts. */
interface Prepared {
  readonly collection: PreparedCollection;
  readonly outputs: PreparedOutputs;
  readonly ingests: readonly IngestSettings[];
  readonly kept: KeptPluginSettings & Pick<ShowChanges, 'recording' | 'replay'>;
}

/** What is kept of plugins' settings. */
export type KeptPluginSettings = Pick<ShowChanges, 'settings' | 'upgrades'>;

/** An additional step of a start. */
export interface StartStep {
  /** Called before anything else is read; if it rejects, the start fails with that error. */
  check(): Promise<void>;
  /**
   * Called when everything else is valid, and nothing has been started; if it throws, the start fails with that error.
   *
   * @param kept what was changed of plugins' settings before
   */
  apply(kept: KeptPluginSettings): void;
}

/**
 * The broadcast: `idle → starting → live ⇄ reconnecting → stopping → idle`. It connects the encoder's epochs to the
 * outputs and survives the failure of any of them: once it has been live, only a stop or the input's end ends it.
 */
@injectable()
export class Broadcast implements BroadcastView, Disposable {
  private currentState: BroadcastState = 'idle';
  private onAir: OnAir | undefined;
  /** What it was last started with. */
  private last:
    | {
        readonly config: BroadcastConfig;
        readonly step: StartStep;
        readonly show: string;
        /** The encoder's settings, where they were changed since. */
        readonly settings?: EncoderSettings;
      }
    | undefined;
  private stopped: Promise<void> | undefined;
  /** Set while the secrets for a start are read; a stop aborts it. */
  private preparation: AbortController | undefined;
  private error: BulkheadError | undefined;
  private readonly stateEmitter = new Emitter<BroadcastState>();
  readonly onDidChangeState: Event<BroadcastState> = this.stateEmitter.event;
  private encoded: BroadcastTarget | undefined;
  private readonly targetEmitter = new Emitter<BroadcastTarget | undefined>();
  readonly onDidChangeTarget: Event<BroadcastTarget | undefined> = this.targetEmitter.event;
  private readonly spliceEmitter = new Emitter<BroadcastSpliceParams>();
  /** The stream continued with another encoder. */
  readonly onDidSplice: Event<BroadcastSpliceParams> = this.spliceEmitter.event;
  private readonly endEmitter = new Emitter<BroadcastEnd>();
  /** All outputs and recordings have ended. */
  readonly onWillEnd: Event<BroadcastEnd> = this.endEmitter.event;
  /** How loud it is, 20 times a second with scenes. */
  readonly onDidMeasure: Event<MixLevels>;
  /** `status().sources` is as the encoder has just reported it. */
  readonly onDidReportSources: Event<void>;
  readonly markers = new Markers();
  private readonly news: BroadcastNews;
  private feeds: BroadcastFeeds | undefined;
  private readonly watching: DisposableStore;

  constructor(
    @inject(EncoderStub) private readonly encoder: BroadcastEncoder,
    @inject(LiveServerStub) private readonly liveServer: BroadcastLiveServer,
    @inject(Ingests) private readonly ingests: BroadcastIngests,
    @inject(Outputs) private readonly outputs: Outputs,
    @inject(LiveCollection) private readonly collection: LiveCollection,
    @inject(Recordings) private readonly recordings: BroadcastRecordings,
    @inject(Replays) private readonly replays: BroadcastReplays,
    @inject(ShowState) private readonly state: ShowState,
    @inject(FlightRecorder) private readonly flight: BroadcastFlight,
    @inject(NoticeSink) notices: NoticeSink,
    @inject(Log) private readonly log: Log,
    @inject(AdaptiveBitrate) private readonly adaptive: AdaptiveBitrate,
  ) {
    this.onDidMeasure = encoder.onDidMeasure;
    this.onDidReportSources = encoder.onDidReportSources;
    this.news = new BroadcastNews(encoder, liveServer, notices, log);
    this.watching = new DisposableStore([
      this.news,
      encoder.onDidFinish(() => void this.stop()),
      encoder.onDidGiveUp((error) => this.encoderGaveUp(error)),
      replays.onDidSave(({ path }) => void this.showReplay(path)),
      liveServer.onDidMove((publishUrl) => outputs.placeEmbedded(publishUrl)),
    ]);
  }

  /**
   * Goes on air. Resolves as soon as the secrets have been read and everything has been set in motion.
   *
   * @param step What else is checked and made ready; it is taken again by `startAgain`.
   * @param show Whose changes on air are restored and kept: see `Outputs`.
   * @throws `broadcast.state` when already on air, or stopped meanwhile; `config.secretNotFound`, `config.invalid` or what
   * `step` fails with, before anything has been started.
   */
  async start(config: BroadcastConfig, step: StartStep, show = DEFAULT_SHOW): Promise<void> {
    if (this.onAir !== undefined || this.preparation !== undefined) {
      const state = this.onAir === undefined ? 'starting' : this.currentState;
      throw new BulkheadError(ErrorCodes.broadcastState, `a broadcast is already ${state}`, {
        remedy: 'End it with "bulkhead stop" first.',
      });
    }
    const preparation = new AbortController();
    this.preparation = preparation;
    let prepared: Prepared;
    try {
      await step.check();
      const { changes, problem } = await this.state.read(show);
      if (problem !== undefined) this.news.report('warning', 'broadcast', problem);
      const collection = this.collection.prepare(config, show, changes.collection);
      const [outputs, ingests] = await Promise.all([
        this.outputs.prepare(config, show, changes.outputs),
        this.ingests.prepare(collection.config),
      ]);
      prepared = { collection, outputs, ingests, kept: changes };
    } finally {
      this.preparation = undefined;
    }
    if (preparation.signal.aborted) {
      throw new BulkheadError(ErrorCodes.broadcastState, 'the broadcast was stopped before it had started');
    }
    await this.goOnAir({ config, step, show }, prepared);
  }

  private async goOnAir(start: NonNullable<Broadcast['last']>, prepared: Prepared): Promise<void> {
    const { step, show } = start;
    const { config } = prepared.collection;
    const gopCache = new GopCache();
    const renditions = new Renditions(gopCache, config.canvases);
    const outputs = this.outputs.open(prepared.outputs, renditions);
    let onAir: OnAir | undefined;
    let ingest: IngestHandler | undefined;
    try {
      step.apply(prepared.kept);
      const takers = [this.recordings, this.replays, this.flight];
      const next = new OnAir(gopCache, outputs, takers, renditions, this.flight);
      onAir = next;
      outputs.onDidChange((output) => this.outputChanged(next, output));
      next.onDidSplice((splice) => this.spliceEmitter.fire(splice));
      this.markers.clear();
      this.onAir = next;
      this.last = start;
      this.error = undefined;
      // Before there are scenes, nothing has to be changed for it.
      void this.collection.showReplay(prepared.kept.replay?.file);
      this.collection.open(prepared.collection);
      this.setTarget(targetOf(config));
      this.setState('starting');
      ingest = this.ingests.start(
        config,
        prepared.ingests,
        (options) => next.beginEpoch(options),
        () => this.outputs.takeMultitrack,
      );
      if (config.input.type !== 'ingest') {
        const settings = encodeSettingsOf(config);
        const { stage } = this.collection;
        const task = { settings, ffmpegPath: config.ffmpeg, ...(stage === undefined ? {} : { stage }) };
        const more = renditions.settings.length === 0 ? {} : { renditions: renditions.settings };
        this.encoder.start({ ...task, ...more }, () => next.beginEpoch({ hasRenditions: true }));
        renditions.onDidChange(() => this.setRenditions(renditions));
        // What takes an encode of its own says nothing of the programme's bitrate.
        this.adaptive.start(config, () => outputs.all.filter(({ rendition }) => rendition === undefined));
      }
      this.feeds?.dispose();
      this.feeds = new BroadcastFeeds({
        ...{ renditions, ingests: this.ingests, config, beganAtMs: () => next.beganAtMs },
        sources: () => this.collection.sources,
      });
      this.recordings.begin({
        feeds: this.feeds,
        config: config.recording,
        profile: config.profile,
        snapshot: () => gopCache.snapshot(),
        scene: () => this.collection.status?.programme,
        buses: () => this.collection.stage?.mixer.buses ?? [],
        positionMs: () => next.positionMs,
        kept: prepared.kept.recording,
        keep: (recording) => this.state.write(show, { recording }),
      });
      this.replays.begin({
        config: config.replay,
        folder: config.recording.folder,
        profile: config.profile,
        snapshot: () => gopCache.snapshot(),
        scene: () => this.collection.status?.programme,
        buses: () => this.collection.stage?.mixer.buses ?? [],
        kept: prepared.kept.replay,
        keep: (replay) => this.state.write(show, { replay }),
      });
      this.outputs.begin(prepared.outputs);
      this.setState(outputs.state);
    } catch (error) {
      if (onAir !== undefined) {
        await this.end(undefined);
      } else {
        outputs.dispose();
        renditions.dispose();
        await Promise.all([this.outputs.close(), this.collection.close()]);
      }
      throw error;
    }
    if (ingest !== undefined || isShownHere(config)) void this.startLiveServer(onAir, config, ingest);
  }

  /**
   * Goes on air with the last configuration.
   *
   * @throws like `start`; also `broadcast.state` if there has been no broadcast.
   */
  async startAgain(): Promise<void> {
    if (this.last !== undefined) {
      const { config, step, show } = this.last;
      return this.start(config, step, show);
    }
    throw new BulkheadError(
      ErrorCodes.broadcastState,
      'there has been no broadcast that could be started again',
      {
        remedy: 'Start one with "bulkhead start".',
      },
    );
  }

  /**
   * Adds a marker at this moment.
   *
   * @param label One line.
   * @param plugin The plugin that sets it; undefined for the streamer.
   * @throws `broadcast.state` if not on air, or if there are too many already.
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
    this.recordings.mark(marker.timestampMs, label);
    this.log.info(`marker: ${label}`, {
      timestampMs: marker.timestampMs,
      plugin,
    });
    return marker;
  }

  /**
   * Goes on with other settings of the encoder; see `EncoderManagement`. A broadcast that is started again has them, too.
   *
   * @throws BulkheadError like `EncoderStub.reconfigure`
   */
  async setEncoder({ ffmpeg: ffmpegPath, ...change }: EncoderSettingsChange): Promise<EncoderSettings> {
    const before = this.last;
    const { settings, ffmpegPath: ffmpeg } = await this.adaptive.pausedFor(
      () => this.encoder.reconfigure({ ...change, ffmpegPath }),
      () => change.video?.bitrateKbps,
    );
    const { audio } = settings;
    // What the network carries at present is no setting.
    const video = { ...settings.video, bitrateKbps: this.adaptive.mostKbps ?? settings.video.bitrateKbps };
    const now = {
      video,
      audio: { bitrateKbps: audio.bitrateKbps },
      ...(ffmpeg === undefined ? {} : { ffmpeg }),
    };
    if (before !== undefined && this.last === before)
      this.last = { ...before, config: { ...before.config, ...now }, settings: now };
    if (this.encoded !== undefined) this.setTarget(encodedTo(now));
    return now;
  }

  private async showReplay(path: string): Promise<void> {
    try {
      await this.collection.showReplay(path);
    } catch (error) {
      this.news.report('warning', 'replay', BulkheadError.from(error));
    }
  }

  get target(): BroadcastTarget | undefined {
    return this.encoded;
  }

  private setTarget(target: BroadcastTarget | undefined): void {
    if (isDeepStrictEqual(target, this.encoded)) return;
    this.encoded = target;
    this.targetEmitter.fire(target);
  }

  /**
   * The configuration says something else now: the broadcast that is started again has it. What was set of the encoder on air stays.
   *
   * @param step what is taken then
   */
  noteConfiguration(config: BroadcastConfig, step: StartStep): void {
    if (this.last === undefined) return;
    const { settings } = this.last;
    const { width, height, fps } = config.video;
    const video = { ...config.video, ...settings?.video, width, height, fps };
    this.last = { ...this.last, step, config: { ...config, ...settings, video } };
  }

  /** Ends the broadcast in order; resolves when it is idle. Does nothing if it already is. */
  async stop(): Promise<void> {
    this.preparation?.abort();
    await this.end(undefined);
  }

  status(): BroadcastStatus {
    const isShown = this.last !== undefined && isShownHere(this.last.config);
    const liveServer = isShown ? this.liveServer.status : undefined;
    // With scenes there are many: their states are in `sources`.
    const hasScenes = this.collection.stage !== undefined;
    const input = this.ingests.inputStatus() ?? (hasScenes ? undefined : this.encoder.inputStatus());
    return {
      state: this.currentState,
      uptimeMs: this.onAir?.uptimeMs ?? 0,
      input,
      encoder: {
        ...this.encoder.status(),
        settings: this.last?.settings,
        adaptive: this.adaptive.status(),
      },
      sources: this.encoder.sources().map((source) => this.withSound(source)),
      audio: this.encoder.levels?.mix,
      canvases: this.encoder
        .canvases()
        .flatMap((main) => [
          { ...main, ...this.collection.status },
          ...this.collection.sideCanvases.map((canvas) => ({ ...canvas, fps: main.fps })),
        ]),
      ingests: this.ingests.status(),
      outputs: this.onAir?.outputs.statuses() ?? [],
      timeline: this.onAir?.timelineStatus() ?? NO_TIMELINE,
      markers: this.markers.list(),
      recording: this.recordings.status(),
      replay: this.replays.status(),
      liveServer,
      error: this.error?.toData(),
    };
  }

  private withSound(source: SourceStatus): SourceStatus {
    const { mixer } = this.collection.stage ?? {};
    if (mixer === undefined) return source;
    const { id } = source;
    const { peakDbfs = null } = this.encoder.levels?.sources[id] ?? {};
    return { ...source, peakDbfs, muted: mixer.sources[id]?.muted === true };
  }

  /**
   * Starts the embedded live server, which accepts publishers, and becomes a destination like any other when it listens.
   */
  private async startLiveServer(
    onAir: OnAir,
    config: BroadcastConfig,
    ingest: IngestHandler | undefined,
  ): Promise<void> {
    const isShown = isShownHere(config);
    try {
      const { publishUrl } = await this.liveServer.start({ ...config.liveServer, ingest });
      if (this.isRunning(onAir)) this.outputs.placeEmbedded(publishUrl);
    } catch (error) {
      // The broadcast was stopped during the start.
      if (!this.isRunning(onAir)) return;
      const failure = BulkheadError.from(error, ErrorCodes.processFailed);
      if (!isShown || config.input.type === 'ingest') this.news.report('error', 'live-server', failure);
      if (config.input.type === 'ingest') void this.end(failure);
      else this.outputs.failEmbedded(failure);
    }
  }

  /**
   * Settings that cannot work end the broadcast, unless it passes a publisher's stream through, which needs no encoder.
   */
  private encoderGaveUp(error: BulkheadError): void {
    if (this.ingests.carries) this.news.report('error', 'encoder', error);
    else void this.end(error);
  }

  private setRenditions({ settings }: Renditions): void {
    this.encoder
      .setRenditions(settings)
      .catch((error: unknown) => this.news.report('warning', 'encoder', BulkheadError.from(error)));
  }

  private isRunning(onAir: OnAir): boolean {
    return this.onAir === onAir && this.stopped === undefined;
  }

  private outputChanged(onAir: OnAir, output: OutputSlot): void {
    if (!this.isRunning(onAir)) return;
    const { failure, state } = onAir.outputs;
    if (failure !== undefined) {
      void this.end(failure);
      return;
    }
    const { code } = output.status().error ?? {};
    for (const { severity, message } of output.takeNotices())
      this.news.tell(severity, output.id, message, code);
    this.setState(state);
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
    // Clients get the error with the state.
    if (error !== undefined) this.log.error(`the broadcast failed: ${error.sentence}`, { code: error.code });
    this.setState('stopping');
    const closed = Promise.all([this.outputs.close(), this.collection.close()]);
    const ends = [
      () => this.ingests.stop(),
      async () => this.adaptive.stop(),
      () => this.encoder.stop(),
      // A slow disk keeps no viewer waiting.
      () =>
        Promise.all([onAir.outputs.endStreams(END_DEADLINE_MS), this.recordings.end(), this.replays.end()]),
      () => this.endEmitter.fire(this.summaryOf(onAir)),
      () => this.liveServer.stop(),
      () => onAir.dispose(),
      () => this.feeds?.dispose(),
      () => onAir.outputs.dispose(),
      () => closed,
    ];
    for (const end of ends) {
      try {
        await end();
      } catch (failure) {
        // The broadcast has ended even so, and the next one can be started.
        onUnexpectedError(failure);
      }
    }
    this.onAir = undefined;
    this.setTarget(undefined);
    this.setState('idle');
  }

  private summaryOf(onAir: OnAir): BroadcastEnd {
    const recordings = this.recordings.reports();
    return {
      startedAtMs: onAir.startedAtMs,
      durationMs: Math.round(onAir.uptimeMs),
      ...(this.error === undefined ? {} : { error: this.error.toData() }),
      outputs: onAir.outputs.reports(),
      timeline: onAir.timelineStatus(),
      recordings: recordings.map(({ restarts: _, ...recording }) => recording),
      recorderRestarts: recordings.reduce((sum, { restarts }) => sum + restarts, 0),
    };
  }

  private setState(state: BroadcastState): void {
    if (state === this.currentState) return;
    this.log.info(`broadcast: ${this.currentState} → ${state}`);
    this.currentState = state;
    this.stateEmitter.fire(state);
  }

  dispose(): void {
    this.watching.dispose();
    this.feeds?.dispose();
    this.onAir?.dispose();
    this.onAir?.outputs.dispose();
    this.markers.dispose();
    this.targetEmitter.dispose();
    this.spliceEmitter.dispose();
    this.endEmitter.dispose();
    this.stateEmitter.dispose();
  }
}
