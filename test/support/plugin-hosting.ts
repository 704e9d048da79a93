import { Container } from 'inversify';
import { BroadcastView } from '../../src/core/broadcast/broadcast-view.js';
import { LiveCollection } from '../../src/core/broadcast/collection/live-collection.js';
import { PluginFrames } from '../../src/core/broadcast/collection/plugin-frames.js';
import { PluginOverlays } from '../../src/core/broadcast/collection/plugin-overlays.js';
import { SceneAudio } from '../../src/core/broadcast/collection/scene-audio.js';
import { SceneSources } from '../../src/core/broadcast/collection/scene-sources.js';
import { Scenes } from '../../src/core/broadcast/collection/scenes.js';
import { ShowState } from '../../src/core/broadcast/kept/show-state.js';
import { CoreOptions } from '../../src/core/core-options.js';
import { bindExtensionHosts } from '../../src/core/extension-hosts/bind-extension-hosts.js';
import { CrashJournal } from '../../src/core/extension-hosts/hosts/crash-journal.js';
import { HostLaunchers } from '../../src/core/extension-hosts/isolation/host-launchers.js';
import { PluginStore } from '../../src/core/extension-hosts/store/plugin-store.js';
import { Log } from '../../src/core/log/log.js';
import { bindMainThread } from '../../src/core/main-thread/bind-main-thread.js';
import { OutputsView } from '../../src/core/main-thread/main-thread-outputs.js';
import { RecordingView } from '../../src/core/main-thread/main-thread-recording.js';
import { ReplayView } from '../../src/core/main-thread/main-thread-replay.js';
import { DEFAULT_PLUGIN_DEADLINES, PluginDeadlines } from '../../src/core/main-thread/plugin-deadlines.js';
import { PluginStorage } from '../../src/core/main-thread/plugin-storage.js';
import { bindStreamer } from '../../src/core/streamer/bind-streamer.js';
import { Browser } from '../../src/core/streamer/browser.js';
import { CallbackAddresses, LoopbackCallbacks } from '../../src/core/streamer/callback-addresses.js';
import { NoticeSink } from '../../src/core/streamer/notice-sink.js';
import { SteeredOutputs } from '../../src/plugin-test/steered-outputs.js';
import { SteeredRecording } from '../../src/plugin-test/steered-recording.js';
import { SteeredReplay } from '../../src/plugin-test/steered-replay.js';
import { FakeBroadcast } from './fake-broadcast.js';
import { MemoryShowState } from './fake-outputs.js';
import { SILENT_LOG } from './silent-log.js';

export interface PluginHostingOptions {
  readonly launchers: HostLaunchers;
  /** Folder of plugins' stored data. */
  readonly folder: string;
  readonly broadcast?: BroadcastView;
  readonly notices?: NoticeSink;
  /** None by default. */
  readonly browser?: Browser;
  readonly log?: Log;
}

/** For tests that start no host. */
export const NO_LAUNCHERS: HostLaunchers = {
  tier: 'none',
  launcherFor: () => {
    throw new Error('no host is launched here');
  },
};

/** Plugin hosting as composed by the core, with a broadcast that does nothing by itself. Must be emptied after use. */
export function pluginHosting(options: PluginHostingOptions): Container {
  const { launchers, folder, broadcast = new FakeBroadcast(), log = SILENT_LOG } = options;
  const container = new Container({ defaultScope: 'Singleton' });
  container.bind(CoreOptions).toConstantValue({ logLevel: 'info' });
  container.bind(Log).toConstantValue(log);
  container.bind(NoticeSink).toConstantValue(options.notices ?? { notice() {} });
  container.bind(BroadcastView).toConstantValue(broadcast);
  container.bind(OutputsView).toConstantValue(new SteeredOutputs(['main']));
  container.bind(RecordingView).toConstantValue(new SteeredRecording());
  container.bind(ReplayView).toConstantValue(new SteeredReplay());
  container.bind(ShowState).toConstantValue(new MemoryShowState());
  container
    .bind(LiveCollection)
    .toResolvedValue(
      (overlays: PluginOverlays, notices: NoticeSink) =>
        new LiveCollection({ setStage: async () => {} }, new MemoryShowState(), notices, log, overlays),
      [PluginOverlays, NoticeSink],
    )
    .onDeactivation((collection) => collection.dispose());
  container.bind(Scenes).toSelf();
  container.bind(SceneAudio).toSelf();
  container.bind(SceneSources).toResolvedValue(
    (collection: LiveCollection) =>
      new SceneSources(collection, {
        restartSource: async () => {},
        playSource: async () => {},
        snapshot: async () => '',
      }),
    [LiveCollection],
  );
  container
    .bind(PluginOverlays)
    .toSelf()
    .onDeactivation((overlays) => overlays.dispose());
  container
    .bind(PluginFrames)
    .toResolvedValue(
      (collection: LiveCollection) =>
        new PluginFrames(collection, {
          sources: () => [],
          onDidReportSources: broadcast.onDidReportSources,
          frames: undefined,
        }),
      [LiveCollection],
    )
    .onDeactivation((frames) => frames.dispose());
  container.bind(HostLaunchers).toConstantValue(launchers);
  container.bind(PluginStore).toConstantValue(new PluginStore(folder, log));
  container.bind(PluginStorage).toService(PluginStore);
  container.bind(PluginDeadlines).toConstantValue(DEFAULT_PLUGIN_DEADLINES);
  container.bind(CrashJournal).toConstantValue(new CrashJournal(undefined, log));
  bindStreamer(container);
  container.bind(Browser).toConstantValue(options.browser ?? { isAvailable: false, open: async () => false });
  container.bind(CallbackAddresses).toConstantValue(new LoopbackCallbacks());
  bindMainThread(container);
  bindExtensionHosts(container);
  return container;
}
