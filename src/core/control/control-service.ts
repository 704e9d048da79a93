import type { Duplex } from 'node:stream';
import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc/node';
import { DisposableStore } from '../../base/disposable-store.js';
import { Emitter, type Event } from '../../base/event.js';
import * as z from '../../base/zod.js';
import { EncoderChangeSchema } from '../../config/encoder-change.js';
import { BroadcastConfigSchema } from '../../config/schema.js';
import { PluginManager } from '../../plugins/library/plugin-manager.js';
import { StoredRecords } from '../../plugins/library/stored-records.js';
import { type AudioManagement, FollowAudioRequest } from '../../protocol/audio.js';
import { ListAvailableCommandsRequest } from '../../protocol/available-commands.js';
import { boundedList, boundedTree } from '../../protocol/bounded.js';
import { CORE_END } from '../../protocol/channel-limits.js';
import {
  NoticeNotification,
  type NoticeParams,
  ReconfigureBroadcastRequest,
  RunCommandRequest,
  ShutdownCoreRequest,
  StartBroadcastRequest,
  StatusRequest,
  StopBroadcastRequest,
} from '../../protocol/control.js';
import type { DelayManagement } from '../../protocol/delay.js';
import { SetEncoderRequest } from '../../protocol/encoder-settings.js';
import { ErrorCodes } from '../../protocol/errors.js';
import type { KeyManagement } from '../../protocol/keybindings.js';
import type { OutputManagement } from '../../protocol/outputs.js';
import type { OverlayManagement } from '../../protocol/overlays.js';
import type { PluginRecords } from '../../protocol/plugin-details.js';
import type { PluginManagement } from '../../protocol/plugin-management.js';
import { AnswerQuestionRequest, MAX_ANSWER_CHARACTERS, MAX_ANSWERS } from '../../protocol/questions.js';
import type { RecordingManagement } from '../../protocol/recording.js';
import type { ReplayManagement } from '../../protocol/replay.js';
import { ReportRequest } from '../../protocol/report.js';
import type { SceneManagement } from '../../protocol/scenes.js';
import type { SettingManagement } from '../../protocol/settings.js';
import type { SourceManagement } from '../../protocol/sources.js';
import { SubscribeRequest } from '../../protocol/status-changes.js';
import { CheckedChannel } from '../../rpc/checked-channel.js';
import { RpcConnection } from '../../rpc/rpc-connection.js';
import { Overlays } from '../broadcast/collection/overlays.js';
import { SceneAudio } from '../broadcast/collection/scene-audio.js';
import { SceneSources } from '../broadcast/collection/scene-sources.js';
import { Scenes } from '../broadcast/collection/scenes.js';
import { Outputs } from '../broadcast/outputs/outputs.js';
import { Log } from '../log/log.js';
import { CommandRegistry } from '../main-thread/command-registry.js';
import { Keybindings } from '../main-thread/keybindings.js';
import { LiveSettings } from '../main-thread/live-settings.js';
import { Recordings } from '../recording/recordings.js';
import { Replays } from '../replay/replays.js';
import { Show } from '../show/show.js';
import { Notices } from '../streamer/notices.js';
import { Questions } from '../streamer/questions.js';
import { AudioFeed } from './audio-feed.js';
import { PluginDevelopment } from './plugin-development.js';
import { serveKeys } from './serve-keys.js';
import { serveOutputs } from './serve-outputs.js';
import { servePluginDetails } from './serve-plugin-details.js';
import { servePlugins } from './serve-plugins.js';
import { serveRecording } from './serve-recording.js';
import { serveReplay } from './serve-replay.js';
import { serveScenes } from './serve-scenes.js';
import { serveSettings } from './serve-settings.js';
import { StatusFeed } from './status-feed.js';

/** Minimum interval at which a client may get the meters, ms. */
const MIN_INTERVAL_MS = 100;
const MAX_INTERVAL_MS = 3_600_000;

const Nothing = z.object({});
/** Maximum number of values in a configuration. */
const MAX_CONFIG_VALUES = 2000;
const Config = z.object({ config: boundedTree(BroadcastConfigSchema, MAX_CONFIG_VALUES) });
const Start = Config.extend({
  show: z.string().min(1).max(4096).optional(),
});
const Run = z.object({
  command: z.string().min(1).max(200),
  arguments: boundedList(z.unknown(), 1000).optional(),
});
/** Values in a change of the encoder's settings. */
const MAX_CHANGE_VALUES = 30;
const SetEncoder = boundedTree(EncoderChangeSchema, MAX_CHANGE_VALUES);
/** Levels are measured every 50 ms. */
const FollowAudio = z.object({ intervalMs: z.number().min(50).max(10_000).nullable() });
const AnswerPart = z.union([z.string().max(MAX_ANSWER_CHARACTERS), z.int()]);
const Answer = z.object({
  id: z.int(),
  answer: z.union([AnswerPart, boundedList(AnswerPart, MAX_ANSWERS)]).nullable(),
});
const Subscribe = z.object({
  metersIntervalMs: z
    .number()
    .transform((ms) => Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, ms)))
    .optional(),
});

/** Serves the control API to each client: the parent's pipe and every connection to the control socket. */
@injectable()
export class ControlService implements Disposable {
  private readonly clients = new Set<RpcConnection>();
  private readonly shutdownEmitter = new Emitter<void>();
  /** A client has requested the shutdown of the core. */
  readonly onDidRequestShutdown: Event<void> = this.shutdownEmitter.event;

  constructor(
    @inject(Show)
    private readonly show: Pick<Show, 'status' | 'start' | 'reconfigure' | 'stop' | 'setEncoder' | 'report'>,
    @inject(StatusFeed) private readonly feed: Pick<StatusFeed, 'subscribe'>,
    @inject(CommandRegistry) private readonly commands: Pick<CommandRegistry, 'describe' | 'execute'>,
    @inject(PluginManager) private readonly plugins: PluginManagement,
    @inject(StoredRecords) private readonly records: PluginRecords,
    @inject(Outputs) private readonly outputs: OutputManagement & DelayManagement,
    @inject(Recordings) private readonly recordings: RecordingManagement,
    @inject(Replays) private readonly replays: ReplayManagement,
    @inject(Scenes) private readonly scenes: SceneManagement,
    @inject(SceneSources) private readonly sources: SourceManagement,
    @inject(SceneAudio) private readonly audio: AudioManagement,
    @inject(Overlays) private readonly overlays: OverlayManagement,
    @inject(LiveSettings) private readonly settings: SettingManagement,
    @inject(Keybindings) private readonly keys: KeyManagement,
    @inject(AudioFeed) private readonly audioFeed: Pick<AudioFeed, 'follow'>,
    @inject(PluginDevelopment) private readonly development: Pick<PluginDevelopment, 'serve'>,
    @inject(Notices) private readonly notices: Pick<Notices, 'recent' | 'onNotice'>,
    @inject(Questions) private readonly questions: Pick<Questions, 'answer' | 'isOpen'>,
    @inject(Log) private readonly log: Pick<Log, 'warn'>,
  ) {}

  /** Serves one client until it disconnects. A client that breaks the protocol only loses its own connection. */
  serve(stream: Duplex, name: string): RpcConnection {
    const client = new RpcConnection(stream, { ...CORE_END, peer: name });
    const channel = new CheckedChannel(client, name, ErrorCodes.configInvalid);
    let following: Disposable | undefined;
    let listening: Disposable | undefined;
    const held = new DisposableStore();
    this.clients.add(client);
    client.onDidClose(({ error }) => {
      held.dispose();
      following?.dispose();
      listening?.dispose();
      this.clients.delete(client);
      if (error !== undefined) this.log.warn(`${name} was disconnected: ${error.message}`);
    });
    channel.serve(StatusRequest.type, Nothing, () => this.show.status());
    channel.serve(StartBroadcastRequest.type, Start, ({ config, show }) => this.show.start(config, show));
    channel.serve(ReconfigureBroadcastRequest.type, Config, ({ config }) => this.show.reconfigure(config));
    channel.serve(StopBroadcastRequest.type, Nothing, () => this.show.stop());
    channel.serve(ReportRequest.type, Nothing, () => this.show.report());
    channel.serve(RunCommandRequest.type, Run, (params) =>
      this.commands.execute(params.command, params.arguments ?? []),
    );
    channel.serve(ListAvailableCommandsRequest.type, Nothing, () => this.commands.describe());
    channel.serve(SetEncoderRequest.type, SetEncoder, (change) => this.show.setEncoder(change));
    servePlugins(channel, this.plugins);
    servePluginDetails(channel, this.records);
    serveOutputs(channel, this.outputs);
    serveRecording(channel, this.recordings);
    serveReplay(channel, this.replays);
    const { scenes, sources, audio, overlays } = this;
    serveScenes(channel, { scenes, sources, audio, overlays });
    serveSettings(channel, this.settings);
    serveKeys(channel, this.keys);
    channel.serve(FollowAudioRequest.type, FollowAudio, ({ intervalMs }) => {
      listening?.dispose();
      listening = intervalMs === null ? undefined : this.audioFeed.follow(client, intervalMs);
      return null;
    });
    held.add(this.development.serve(client, channel));
    channel.serve(AnswerQuestionRequest.type, Answer, async ({ id, answer }) => {
      await this.questions.answer(id, answer);
      return null;
    });
    channel.serve(ShutdownCoreRequest.type, Nothing, async () => {
      await this.show.stop();
      // After the answer has been sent.
      setImmediate(() => this.shutdownEmitter.fire());
      return null;
    });
    channel.serve(SubscribeRequest.type, Subscribe, ({ metersIntervalMs = Infinity }) => {
      // Past notices are sent once, however often a client subscribes.
      if (following === undefined) this.sendRecentNotices(client);
      following?.dispose();
      const { status, subscription } = this.feed.subscribe(client, metersIntervalMs);
      const notices = this.notices.onNotice((notice) =>
        client.sendNotification(NoticeNotification.type, notice),
      );
      following = new DisposableStore([subscription, notices]);
      return status;
    });
    client.listen();
    return client;
  }

  private sendRecentNotices(client: RpcConnection): void {
    for (const notice of this.notices.recent()) {
      client.sendNotification(NoticeNotification.type, this.withoutClosedQuestion(notice));
    }
  }

  /** Removes an answered question from its notice: the notice is still shown, but the question cannot be answered. */
  private withoutClosedQuestion({ question, ...notice }: NoticeParams): NoticeParams {
    const isOpen = question !== undefined && this.questions.isOpen(question.id);
    return isOpen ? { ...notice, question } : notice;
  }

  dispose(): void {
    for (const client of this.clients) client.dispose();
    this.shutdownEmitter.dispose();
  }
}
