import type { Container, Newable } from 'inversify';
import { Settings } from '../../plugins/settings.js';
import { BroadcastFeed } from './broadcast-feed.js';
import { CommandRegistry } from './command-registry.js';
import { MainThreadBroadcast } from './main-thread-broadcast.js';
import { MainThreadCommands } from './main-thread-commands.js';
import { MainThreadConfiguration } from './main-thread-configuration.js';
import { MainThreadNamespace } from './main-thread-namespace.js';
import { MainThreadProgress } from './main-thread-progress.js';
import { MainThreadSecrets } from './main-thread-secrets.js';
import { MainThreadStatusItems } from './main-thread-status-items.js';
import { MainThreadStorage } from './main-thread-storage.js';
import { MainThreadWindow } from './main-thread-window.js';

/** Every namespace of the plugin API, in the order in which they start serving a host. Add new ones here. */
const NAMESPACES: readonly Newable<MainThreadNamespace>[] = [
  MainThreadStatusItems,
  MainThreadSecrets,
  MainThreadCommands,
  MainThreadWindow,
  MainThreadProgress,
  // These send data to the host immediately.
  MainThreadStorage,
  MainThreadConfiguration,
  MainThreadBroadcast,
];

/**
 * Binds the core's side of the plugin API. It needs `BroadcastView`, `PluginStorage`, `PluginDeadlines`, and the bindings
 * of `streamer`.
 */
export function bindMainThread(container: Container): void {
  container.bind(CommandRegistry).toSelf();
  container
    .bind(Settings)
    .toConstantValue(new Settings())
    .onDeactivation((settings) => settings.dispose());
  container
    .bind(BroadcastFeed)
    .toSelf()
    .onDeactivation((feed) => feed.dispose());
  bindNamespaces(container);
}

/** Binds only the namespaces. */
export function bindNamespaces(container: Container): void {
  for (const namespace of NAMESPACES) container.bind(MainThreadNamespace).to(namespace);
}
