import type { Container, Newable } from 'inversify';
import { Settings } from '../../plugins/settings.js';
import { BroadcastFeed } from './broadcast-feed.js';
import { CommandRegistry } from './command-registry.js';
import { ContextKeys } from './context-keys.js';
import { DeclaredSecrets } from './declared-secrets.js';
import { EventHub } from './event-hub.js';
import { Keybindings } from './keybindings.js';
import { LiveSettings } from './live-settings.js';
import { MainThreadAudio } from './main-thread-audio.js';
import { MainThreadBroadcast } from './main-thread-broadcast.js';
import { MainThreadCommands } from './main-thread-commands.js';
import { MainThreadConfiguration } from './main-thread-configuration.js';
import { MainThreadContext } from './main-thread-context.js';
import { MainThreadEnv } from './main-thread-env.js';
import { MainThreadEvents } from './main-thread-events.js';
import { MainThreadExtensions } from './main-thread-extensions.js';
import { MainThreadNamespace } from './main-thread-namespace.js';
import { MainThreadOutputs } from './main-thread-outputs.js';
import { MainThreadOverlays } from './main-thread-overlays.js';
import { MainThreadPermissions } from './main-thread-permissions.js';
import { MainThreadProgress } from './main-thread-progress.js';
import { MainThreadQuestions } from './main-thread-questions.js';
import { MainThreadRecording } from './main-thread-recording.js';
import { MainThreadReplay } from './main-thread-replay.js';
import { MainThreadScenes } from './main-thread-scenes.js';
import { MainThreadSecrets } from './main-thread-secrets.js';
import { MainThreadSources } from './main-thread-sources.js';
import { MainThreadStatusItems } from './main-thread-status-items.js';
import { MainThreadStorage } from './main-thread-storage.js';
import { MainThreadUpgrades } from './main-thread-upgrades.js';
import { MainThreadWindow } from './main-thread-window.js';
import { PermissionRequests } from './permission-requests.js';
import { PluginDirectory } from './plugin-directory.js';
import { bindPluginEdits } from './plugin-edits.js';
import { SceneFeed } from './scene-feed.js';
import { SourceFeed } from './source-feed.js';
import { SourceListFeed } from './source-list-feed.js';

/** Every namespace of the plugin API, in the order in which they start serving a host. Add new ones here. */
const NAMESPACES: readonly Newable<MainThreadNamespace>[] = [
  MainThreadStatusItems,
  MainThreadSecrets,
  MainThreadCommands,
  MainThreadEvents,
  MainThreadContext,
  MainThreadWindow,
  MainThreadQuestions,
  MainThreadEnv,
  MainThreadPermissions,
  MainThreadProgress,
  MainThreadOverlays,
  MainThreadScenes,
  MainThreadSources,
  MainThreadAudio,
  MainThreadOutputs,
  MainThreadRecording,
  MainThreadReplay,
  MainThreadUpgrades,
  // These send data to the host immediately.
  MainThreadExtensions,
  MainThreadStorage,
  MainThreadConfiguration,
  MainThreadBroadcast,
];

/**
 * Binds the core's side of the plugin API. It needs `BroadcastView`, `LiveCollection`, `Scenes`, `SceneSources`, `SceneAudio`, `PluginOverlays`, `OutputsView`, `RecordingView`, `ReplayView`, `ShowState`, `Log`, `PluginStorage`, `PluginDeadlines`, and the bindings
 * of `streamer`.
 */
export function bindMainThread(container: Container): void {
  container.bind(ContextKeys).toSelf();
  container.bind(CommandRegistry).toSelf();
  container.bind(PermissionRequests).toSelf();
  container
    .bind(Keybindings)
    .toSelf()
    .onDeactivation((keybindings) => keybindings.dispose());
  container
    .bind(Settings)
    .toConstantValue(new Settings())
    .onDeactivation((settings) => settings.dispose());
  container
    .bind(LiveSettings)
    .toSelf()
    .onDeactivation((settings) => settings.dispose());
  container
    .bind(DeclaredSecrets)
    .toSelf()
    .onDeactivation((secrets) => secrets.dispose());
  container
    .bind(BroadcastFeed)
    .toSelf()
    .onDeactivation((feed) => feed.dispose());
  container
    .bind(SceneFeed)
    .toSelf()
    .onDeactivation((feed) => feed.dispose());
  container
    .bind(SourceFeed)
    .toSelf()
    .onDeactivation((feed) => feed.dispose());
  container
    .bind(PluginDirectory)
    .toSelf()
    .onDeactivation((directory) => directory.dispose());
  container
    .bind(EventHub)
    .toSelf()
    .onDeactivation((hub) => hub.dispose());
  bindPluginEdits(container);
  container
    .bind(SourceListFeed)
    .toSelf()
    .onDeactivation((feed) => feed.dispose());
  bindNamespaces(container);
}

/** Binds only the namespaces. */
export function bindNamespaces(container: Container): void {
  for (const namespace of NAMESPACES) container.bind(MainThreadNamespace).to(namespace);
}
