import envPaths from 'env-paths';
import { Container, type ServiceIdentifier } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { isPipeName, mediaPath } from '../config/address.js';
import { tokenFile } from '../config/control-token.js';
import { defaultLibraryFolder, PluginLibrary } from '../plugins/library/plugin-library.js';
import { PluginManager } from '../plugins/library/plugin-manager.js';
import { StoredRecords } from '../plugins/library/stored-records.js';
import { AdaptiveBitrate } from './broadcast/adaptive/adaptive-bitrate.js';
import { Broadcast } from './broadcast/broadcast.js';
import { BroadcastView } from './broadcast/broadcast-view.js';
import { LiveCollection } from './broadcast/collection/live-collection.js';
import { Overlays } from './broadcast/collection/overlays.js';
import { PluginFrames } from './broadcast/collection/plugin-frames.js';
import { PluginOverlays } from './broadcast/collection/plugin-overlays.js';
import { SceneAudio } from './broadcast/collection/scene-audio.js';
import { SceneSources } from './broadcast/collection/scene-sources.js';
import { Scenes } from './broadcast/collection/scenes.js';
import { ShowState, ShowStateFiles } from './broadcast/kept/show-state.js';
import { Outputs } from './broadcast/outputs/outputs.js';
import { AudioFeed } from './control/audio-feed.js';
import { ControlService } from './control/control-service.js';
import { CoreCommands } from './control/core-commands.js';
import { PluginDevelopment } from './control/plugin-development.js';
import { StatusFeed } from './control/status-feed.js';
import { CoreOptions } from './core-options.js';
import { answering } from './disk/folders.js';
import { bindExtensionHosts } from './extension-hosts/bind-extension-hosts.js';
import { CrashJournal, journalPath } from './extension-hosts/hosts/crash-journal.js';
import { ExtensionHosts } from './extension-hosts/hosts/extension-hosts.js';
import type { OwnFiles } from './extension-hosts/isolation/file-grants.js';
import { HostLaunchers } from './extension-hosts/isolation/host-launchers.js';
import { IsolatedHostLaunchers } from './extension-hosts/isolation/isolated-host-launchers.js';
import { describeIsolation, type Isolation } from './extension-hosts/isolation/isolation.js';
import { NetworkGate } from './extension-hosts/isolation/network-gate.js';
import { defaultStoreFolder, PluginStore } from './extension-hosts/store/plugin-store.js';
import { flightFolder } from './flight/flight-file.js';
import { notedLog } from './flight/flight-log.js';
import { FlightRecorder } from './flight/flight-recorder.js';
import { GlobalHotkeys } from './hotkeys/global-hotkeys.js';
import { Ingests } from './ingest/ingests.js';
import { LastResort } from './last-resort.js';
import { Log, openLog } from './log/log.js';
import { bindMainThread } from './main-thread/bind-main-thread.js';
import { LiveSettings } from './main-thread/live-settings.js';
import { OutputsView } from './main-thread/main-thread-outputs.js';
import { RecordingView } from './main-thread/main-thread-recording.js';
import { ReplayView } from './main-thread/main-thread-replay.js';
import { PermissionRequests } from './main-thread/permission-requests.js';
import { DEFAULT_PLUGIN_DEADLINES, PluginDeadlines } from './main-thread/plugin-deadlines.js';
import { PluginStorage } from './main-thread/plugin-storage.js';
import { MediaListener } from './media-sockets/media-listener.js';
import { MediaSockets } from './media-sockets/media-sockets.js';
import { InProcessLauncher } from './processes/in-process-launcher.js';
import type { PartLauncher } from './processes/part-launcher.js';
import { PartLaunchers } from './processes/part-launcher.js';
import { ProcessLauncher } from './processes/process-launcher.js';
import { SystemBrowser } from './processes/system-browser.js';
import { DelayRings } from './publish/delay/delay-rings.js';
import { OutputFactory, OutputProtocol, OutputProtocols } from './publish/output-protocols.js';
import { RelayProtocol } from './publish/relay/relay-protocol.js';
import { RtmpProtocol } from './publish/rtmp/rtmp-protocol.js';
import { RecorderFactory, Recordings } from './recording/recordings.js';
import { ReplayRecorder, Replays } from './replay/replays.js';
import { Reconfiguration } from './show/reconfiguration.js';
import { ReportFiles } from './show/report-files.js';
import { Reports } from './show/reports.js';
import { Show } from './show/show.js';
import { bindStreamer } from './streamer/bind-streamer.js';
import { Browser } from './streamer/browser.js';
import { CallbackAddresses, LoopbackCallbacks } from './streamer/callback-addresses.js';
import { NoticeSink } from './streamer/notice-sink.js';
import { Notices } from './streamer/notices.js';
import { EncoderStub } from './stubs/encoder-stub.js';
import { LiveServerStub } from './stubs/live-server-stub.js';
import { RecorderStub } from './stubs/recorder-stub.js';

/** What `main.ts` starts before the rest of the core is loaded; for parts that run as processes. */
export interface StartedAhead {
  readonly encoder: PartLauncher | undefined;
  /** How plugins are isolated on this machine. */
  readonly isolation: Promise<Isolation> | undefined;
}

/**
 * Services with processes, timers or listeners, in addition to those bound by the rooms: the container disposes of them when it
 * is emptied.
 */
const DISPOSED: readonly ServiceIdentifier<Disposable>[] = [
  EncoderStub,
  LiveServerStub,
  NetworkGate,
  RecorderStub,
  Recordings,
  Outputs,
  AdaptiveBitrate,
  ReplayRecorder,
  Replays,
  Broadcast,
  LiveCollection,
  PluginOverlays,
  PluginFrames,
  PluginStore,
  GlobalHotkeys,
  CoreCommands,
  ControlService,
  StatusFeed,
  Reports,
  Notices,
];

/** A relay's process passes no media on itself; one that uploads holds a segment at a time. */
const RELAY_HEAP_MB = 64;

/**
 * The core's only composition root. Only here it is decided whether a part runs as a process or inside the core (patent: the
 * first and the third mode).
 */
export async function createContainer(
  options: CoreOptions,
  { encoder, isolation }: StartedAhead,
): Promise<Container> {
  const container = new Container({ defaultScope: 'Singleton' });
  container.bind(CoreOptions).toConstantValue(options);
  const flight = new FlightRecorder({
    folder: flightFolder(),
    version: options.version,
    onWritten: (path, reason) => log.info(`what happened before was written to ${path}`, { reason }),
    onFailed: ({ message }) => log.warn(`what happened before a crash could not be written: ${message}`),
  });
  const log = notedLog(openLog(options), (kind, details) => flight.note(kind, details));
  container.bind(FlightRecorder).toConstantValue(flight);
  container.bind(Log).toConstantValue(log);
  container.bind(PartLaunchers).toConstantValue({
    encoder: encoder ?? (await encoderInside()),
    hotkeys: new ProcessLauncher('hotkeys'),
    'live-server': new ProcessLauncher('live-server'),
    recorder: new ProcessLauncher('recorder', { finishesAlone: true }),
    relay: new ProcessLauncher('relay', { execArgv: [`--max-old-space-size=${RELAY_HEAP_MB}`] }),
  } satisfies PartLaunchers);
  container.bind(NetworkGate).toResolvedValue(() => {
    const { address, logLevel } = options;
    return new NetworkGate({ folder: networkPath(address), logLevel, log });
  });
  const how = await isolation;
  if (how === undefined) container.bind(HostLaunchers).toConstantValue(await pluginsInside());
  else {
    container.bind(HostLaunchers).toResolvedValue(
      (gate: NetworkGate) =>
        new IsolatedHostLaunchers(how, {
          gate,
          ownFiles: () => ownFiles(options, container.get(LiveSettings).showFile),
        }),
      [NetworkGate],
    );
  }
  container.bind(MediaListener).toSelf();
  container.bind(MediaSockets).toService(MediaListener);
  container.bind(EncoderStub).toSelf();
  container.bind(LiveServerStub).toSelf();
  container.bind(RecorderStub).toSelf();
  container
    .bind(RecorderFactory)
    .toResolvedValue(
      (launchers: PartLaunchers, sockets: MediaSockets) => () =>
        new RecorderStub(launchers, options, sockets, log),
      [PartLaunchers, MediaSockets],
    );
  container.bind(Recordings).toSelf();
  container.bind(ReplayRecorder).to(RecorderStub);
  container.bind(Replays).toSelf();
  container.bind(Ingests).toSelf();
  container.bind(LastResort).toSelf();
  container.bind(Notices).toSelf();
  container.bind(NoticeSink).toService(Notices);
  bindStreamer(container);
  container.bind(Browser).toConstantValue(new SystemBrowser());
  container.bind(CallbackAddresses).toConstantValue(new LoopbackCallbacks());
  container.bind(OutputProtocol).to(RtmpProtocol);
  container.bind(OutputProtocol).to(RelayProtocol);
  const delayRings = new DelayRings();
  delayRings.tidy();
  container.bind(DelayRings).toConstantValue(delayRings);
  container.bind(OutputProtocols).toSelf();
  container.bind(OutputFactory).toResolvedValue((protocols) => protocols.create, [OutputProtocols]);
  container.bind(ShowState).toConstantValue(ShowStateFiles.forAddress(options.address));
  container.bind(Outputs).toSelf();
  container.bind(OutputsView).toService(Outputs);
  container.bind(RecordingView).toService(Recordings);
  container.bind(ReplayView).toService(Replays);
  container.bind(PluginOverlays).toSelf();
  container.bind(PluginFrames).toSelf();
  container.bind(LiveCollection).toSelf();
  container.bind(Scenes).toSelf();
  container.bind(SceneSources).toSelf();
  container.bind(SceneAudio).toSelf();
  container.bind(Overlays).toSelf();
  container.bind(AdaptiveBitrate).toSelf();
  container.bind(Broadcast).toSelf();
  container.bind(BroadcastView).toService(Broadcast);
  container.bind(PluginStore).toConstantValue(new PluginStore(defaultStoreFolder(), log));
  container.bind(PluginStorage).toService(PluginStore);
  container.bind(PluginDeadlines).toConstantValue(DEFAULT_PLUGIN_DEADLINES);
  container.bind(CrashJournal).toConstantValue(new CrashJournal(journalPath(options.address), log));
  bindMainThread(container);
  bindExtensionHosts(container);
  container
    .bind(PluginLibrary)
    .toConstantValue(new PluginLibrary(defaultLibraryFolder(), `the core at ${options.address}`));
  const about = describeIsolation(how);
  container.bind(PluginManager).toResolvedValue(
    (library: PluginLibrary, running: ExtensionHosts, store: PluginStore, requests: PermissionRequests) => {
      const manager = new PluginManager({
        library,
        running,
        purge: (id) => store.purge(id),
        isolation: about,
        enforcesScopes: how?.tier === 'strict',
        answering,
      });
      requests.grant = async (plugin, permission) => {
        if (plugin.source !== 'library') return running.grant(plugin.id, permission);
        await manager.setPermission({ id: plugin.id, permission, granted: true });
      };
      return manager;
    },
    [PluginLibrary, ExtensionHosts, PluginStore, PermissionRequests],
  );
  container
    .bind(StoredRecords)
    .toResolvedValue(
      (library: PluginLibrary, running: ExtensionHosts, data: PluginStore) =>
        new StoredRecords({ library, running, data }),
      [PluginLibrary, ExtensionHosts, PluginStore],
    );
  container.bind(GlobalHotkeys).toSelf();
  container.bind(Reconfiguration).toSelf();
  container.bind(ReportFiles).toConstantValue(new ReportFiles());
  container.bind(Reports).toSelf();
  container.bind(Show).toSelf();
  container.bind(CoreCommands).toSelf();
  container.bind(PluginDevelopment).toSelf();
  container.bind(StatusFeed).toSelf();
  container.bind(AudioFeed).toSelf();
  container.bind(ControlService).toSelf();
  for (const id of DISPOSED) container.onDeactivation(id, (service) => service.dispose());
  return container;
}

/** Where the network gate's sockets are. */
function networkPath(address: string): string {
  return `${address}.network`;
}

/** What no plugin may read, whatever it has been granted: tokens, keys, other plugins' data, the control socket. */
function ownFiles({ address, logFile }: CoreOptions, configFile: string | undefined): OwnFiles {
  const { data, config, cache, log } = envPaths('bulkhead', { suffix: '' });
  const sockets = [address, tokenFile(address), mediaPath(address), networkPath(address)];
  const named = [logFile, configFile].filter((file) => file !== undefined);
  return {
    folders: [data, config, cache, log],
    files: [...sockets.filter((path) => !isPipeName(path)), ...named],
  };
}

// Modules are loaded only if they run inside the core, to keep it small.

async function encoderInside(): Promise<PartLauncher> {
  const { EncoderPart } = await import('../encoder/encoder-part.js');
  return new InProcessLauncher(new EncoderPart({ ownProcessGroup: true }));
}

async function pluginsInside(): Promise<HostLaunchers> {
  const { extensionHostPart } = await import('../extension-host/extension-host-part.js');
  const launcher = new InProcessLauncher(extensionHostPart);
  return { tier: 'none', launcherFor: () => launcher };
}
