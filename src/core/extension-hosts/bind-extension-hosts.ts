import type { Container } from 'inversify';
import { ExtensionHostFactory } from './hosts/extension-host-factory.js';
import { ExtensionHosts } from './hosts/extension-hosts.js';
import { StorageWatch } from './hosts/storage-watch.js';

/**
 * Binds plugin hosting. It needs the bindings of `bindMainThread`, `HostLaunchers`, `PluginStore`, `CrashJournal`,
 * `CoreOptions` and `Log`.
 */
export function bindExtensionHosts(container: Container): void {
  container.bind(ExtensionHostFactory).toSelf();
  container
    .bind(ExtensionHosts)
    .toSelf()
    .onDeactivation((hosts) => hosts.dispose());
  container
    .bind(StorageWatch)
    .toSelf()
    .onDeactivation((watch) => watch.dispose());
}
