import type { Duplex } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../base/event.js';
import type { BroadcastConfig } from '../config/schema.js';
import {
  AudioLevelsNotification,
  type AudioManagement,
  FollowAudioRequest,
  type MixLevels,
} from '../protocol/audio.js';
import { type AvailableCommand, ListAvailableCommandsRequest } from '../protocol/available-commands.js';
import { TO_CORE_LIMITS } from '../protocol/channel-limits.js';
import {
  NoticeNotification,
  type NoticeParams,
  ReconfigureBroadcastRequest,
  type Reconfigured,
  RunCommandRequest,
  ShutdownCoreRequest,
  StartBroadcastRequest,
  StatusRequest,
  StopBroadcastRequest,
} from '../protocol/control.js';
import type { DelayManagement } from '../protocol/delay.js';
import {
  type EncoderManagement,
  type EncoderSettings,
  type EncoderSettingsChange,
  SetEncoderRequest,
} from '../protocol/encoder-settings.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import type { KeyManagement } from '../protocol/keybindings.js';
import type { OutputManagement } from '../protocol/outputs.js';
import type { OverlayManagement } from '../protocol/overlays.js';
import type { PluginRecords } from '../protocol/plugin-details.js';
import type { PluginManagement } from '../protocol/plugin-management.js';
import { type Answer, AnswerQuestionRequest } from '../protocol/questions.js';
import type { RecordingManagement } from '../protocol/recording.js';
import type { ReplayManagement } from '../protocol/replay.js';
import { type KeptReport, ReportRequest } from '../protocol/report.js';
import type { SceneManagement } from '../protocol/scenes.js';
import type { SettingManagement } from '../protocol/settings.js';
import type { SourceManagement } from '../protocol/sources.js';
import type { Status } from '../protocol/status/status.js';
import {
  applyChanges,
  StatusChangedNotification,
  type StatusChangedParams,
  SubscribeRequest,
} from '../protocol/status-changes.js';
import { type CloseReason, RpcConnection } from '../rpc/rpc-connection.js';
import { connectToCore } from './connect-to-core.js';
import { RemoteDevelopment } from './remote-development.js';
import { RemoteKeys } from './remote-keys.js';
import { RemoteOutputs } from './remote-outputs.js';
import { RemotePlugins } from './remote-plugins.js';
import { RemoteRecording } from './remote-recording.js';
import { RemoteRecords } from './remote-records.js';
import { RemoteReplay } from './remote-replay.js';
import { RemoteAudio, RemoteOverlays, RemoteScenes, RemoteSources } from './remote-scenes.js';
import { RemoteSettings } from './remote-settings.js';
import { NO_DEADLINE, whileCoreAnswers } from './while-core-answers.js';

/** Setting up a broadcast and ending it in order may take the core a while, ms. */
const CHANGE_DEADLINE_MS = 30_000;
/** Longer than the core's own deadline, whose error is more specific, ms. */
const COMMAND_DEADLINE_MS = 60_000;

/** The copy of the status that is kept with the core's changes. */
interface Followed {
  status: Status;
  readonly metersIntervalMs: number | undefined;
  /** Whether a new snapshot has been asked for. */
  isBehind: boolean;
}

/** One connection to a core's control API. Every method rejects with a BulkheadError. */
export class ControlClient implements EncoderManagement, Disposable {
  private readonly connection: RpcConnection;
  private readonly statusEmitter = new Emitter<Status>();
  private readonly noticeEmitter = new Emitter<NoticeParams>();
  private readonly behindEmitter = new Emitter<void>();
  private followed: Followed | undefined;
  /** After {@link subscribe}. */
  readonly onDidChangeStatus: Event<Status> = this.statusEmitter.event;
  /** Changes were missed: the last status is out of date until {@link onDidChangeStatus} fires again. */
  readonly onDidFallBehind: Event<void> = this.behindEmitter.event;
  /** After {@link subscribe}; first the notices of before. */
  readonly onDidReceiveNotice: Event<NoticeParams> = this.noticeEmitter.event;
  private readonly levelsEmitter = new Emitter<MixLevels>();
  /** After {@link followAudio}. */
  readonly onDidReceiveLevels: Event<MixLevels> = this.levelsEmitter.event;
  /** Installs, updates and removes plugins while the core runs. */
  readonly plugins: PluginManagement;
  /** Says what one plugin declares and has stored, and takes its secrets. */
  readonly records: PluginRecords;
  /** Changes the outputs of the broadcast on air. */
  readonly outputs: OutputManagement & DelayManagement;
  /** Records the broadcast on air. */
  readonly recordings: RecordingManagement;
  /** Saves the last seconds of it. */
  readonly replays: ReplayManagement;
  /** Changes the scenes of the broadcast on air. */
  readonly scenes: SceneManagement;
  /** Changes the sources of its scenes. */
  readonly sources: SourceManagement;
  /** Changes how their sound is mixed. */
  readonly audio: AudioManagement;
  /** Changes what is drawn above them. */
  readonly overlays: OverlayManagement;
  /** Changes the settings of plugins. */
  readonly settings: SettingManagement;
  /** Presses keys that run commands. */
  readonly keys: KeyManagement;
  /** Runs a plugin from its author's folder. */
  readonly development: RemoteDevelopment;
  /** Fires once, also if the client has been disposed of. */
  readonly onDidClose: Event<CloseReason>;

  /** @param stream A connected control socket, or the pipe to a core started by this process. */
  constructor(stream: Duplex) {
    this.connection = new RpcConnection(stream, { peer: 'the core', send: TO_CORE_LIMITS });
    this.plugins = new RemotePlugins(this.connection);
    this.records = new RemoteRecords(this.connection);
    this.outputs = new RemoteOutputs(this.connection);
    this.recordings = new RemoteRecording(this.connection);
    this.replays = new RemoteReplay(this.connection);
    this.scenes = new RemoteScenes(this.connection);
    this.sources = new RemoteSources(this.connection);
    this.audio = new RemoteAudio(this.connection);
    this.overlays = new RemoteOverlays(this.connection);
    this.settings = new RemoteSettings(this.connection);
    this.keys = new RemoteKeys(this.connection);
    this.development = new RemoteDevelopment(this.connection);
    this.onDidClose = this.connection.onDidClose;
    this.connection.onNotification(StatusChangedNotification.type, (changed) => this.follow(changed));
    this.connection.onNotification(NoticeNotification.type, (notice) => this.noticeEmitter.fire(notice));
    this.connection.onNotification(AudioLevelsNotification.type, (levels) => this.levelsEmitter.fire(levels));
    this.connection.listen();
  }

  /** Connects to the core at `address`. Rejects like {@link connectToCore}. */
  static async connect(address: string): Promise<ControlClient> {
    return new ControlClient(await connectToCore(address));
  }

  get closed(): boolean {
    return this.connection.closed;
  }

  status(deadlineMs?: number): Promise<Status> {
    return this.connection.sendRequest(
      StatusRequest.type,
      {},
      deadlineMs === undefined ? {} : { deadlineMs },
    );
  }

  /**
   * Resolves once the broadcast has been set up, before it is live.
   *
   * @param show whose changes on air are restored and kept: what `showOf` says of the configuration file
   */
  startBroadcast(config: BroadcastConfig, show?: string): Promise<Status> {
    return this.connection.sendRequest(
      StartBroadcastRequest.type,
      { config, ...(show === undefined ? {} : { show }) },
      { deadlineMs: CHANGE_DEADLINE_MS },
    );
  }

  /** Has the broadcast on air follow its configuration, which has been edited. */
  reconfigureBroadcast(config: BroadcastConfig): Promise<Reconfigured> {
    return this.connection.sendRequest(
      ReconfigureBroadcastRequest.type,
      { config },
      { deadlineMs: COMMAND_DEADLINE_MS },
    );
  }

  /** Resolves once the broadcast has ended in order; does nothing if there is none. */
  stopBroadcast(): Promise<Status> {
    return this.connection.sendRequest(StopBroadcastRequest.type, {}, { deadlineMs: CHANGE_DEADLINE_MS });
  }

  /** The report of the core's last broadcast; null if there was none. */
  report(): Promise<KeptReport | null> {
    return this.connection.sendRequest(ReportRequest.type, {}, { deadlineMs: COMMAND_DEADLINE_MS });
  }

  setEncoder(change: EncoderSettingsChange): Promise<EncoderSettings> {
    return this.connection.sendRequest(SetEncoderRequest.type, change, { deadlineMs: COMMAND_DEADLINE_MS });
  }

  /** @param intervalMs how often levels are received, 50 to 10,000; null for no more */
  async followAudio(intervalMs: number | null): Promise<void> {
    await this.connection.sendRequest(FollowAudioRequest.type, { intervalMs });
  }

  /** Ends the broadcast and the core. */
  async shutdownCore(): Promise<void> {
    try {
      await this.connection.sendRequest(ShutdownCoreRequest.type, {}, { deadlineMs: CHANGE_DEADLINE_MS });
    } catch (error) {
      // It has ended before its answer: "bulkhead live" ends its core when the broadcast has ended.
      if (!(error instanceof BulkheadError) || error.code !== ErrorCodes.rpcClosed) throw error;
    }
  }

  /** Runs a command registered by a plugin or the core. Rejects with `command.notFound` or `plugin.failed`. */
  runCommand(command: string, args: readonly unknown[]): Promise<unknown> {
    const params = { command, arguments: args };
    return whileCoreAnswers(
      this.connection,
      this.connection.sendRequest(RunCommandRequest.type, params, NO_DEADLINE),
    );
  }

  /** All commands that can be run, sorted by name. */
  listCommands(): Promise<readonly AvailableCommand[]> {
    return this.connection.sendRequest(ListAvailableCommandsRequest.type, {});
  }

  /**
   * Answers a plugin's question; null dismisses it. Rejects with `question.notFound`, and with `config.invalid` for what does not answer it.
   */
  async answerQuestion(id: number, answer: Answer | null): Promise<void> {
    await this.connection.sendRequest(
      AnswerQuestionRequest.type,
      { id, answer },
      { deadlineMs: COMMAND_DEADLINE_MS },
    );
  }

  /**
   * Follows the status and the notices until the connection closes.
   *
   * @param metersIntervalMs how often what is measured and counted is sent, too; without it only what changes is.
   */
  async subscribe(metersIntervalMs?: number): Promise<Status> {
    const params = metersIntervalMs === undefined ? {} : { metersIntervalMs };
    const status = await this.connection.sendRequest(SubscribeRequest.type, params);
    this.followed = { status, metersIntervalMs, isBehind: false };
    return status;
  }

  /** Changes that do not apply to the status that is held here mean that some were missed: it is asked for again. */
  private follow(changed: StatusChangedParams): void {
    const { followed } = this;
    if (followed === undefined || followed.isBehind) return;
    const status = applyChanges(followed.status, changed);
    if (status === undefined) {
      followed.isBehind = true;
      this.behindEmitter.fire();
      this.subscribe(followed.metersIntervalMs).then(
        (current) => this.statusEmitter.fire(current),
        // The next change asks again, unless the connection has been lost, which `onDidClose` reports.
        () => {
          followed.isBehind = false;
        },
      );
      return;
    }
    followed.status = status;
    this.statusEmitter.fire(status);
  }

  dispose(): void {
    this.connection.dispose();
    this.statusEmitter.dispose();
    this.behindEmitter.dispose();
    this.noticeEmitter.dispose();
    this.levelsEmitter.dispose();
    this.development.dispose();
  }
}
