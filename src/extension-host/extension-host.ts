import type { Disposable } from 'vscode-jsonrpc';
import type { PartContext } from '../process-host/part-module.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import {
  type ActivatePluginParams,
  ActivatePluginRequest,
  type DeactivatePluginParams,
  DeactivatePluginRequest,
  type DeactivatePluginResult,
} from '../protocol/extension-host.js';
import type { PluginServices } from './api-factory.js';
import { ExtHostBroadcast } from './ext-host-broadcast.js';
import { ExtHostCommands } from './ext-host-commands.js';
import { ExtHostConfiguration } from './ext-host-configuration.js';
import { ExtHostProfile } from './ext-host-profile.js';
import { ExtHostProgress } from './ext-host-progress.js';
import { ExtHostSecrets } from './ext-host-secrets.js';
import { ExtHostStatusItems } from './ext-host-status-items.js';
import { ExtHostStorage } from './ext-host-storage.js';
import { ExtHostWindow } from './ext-host-window.js';
import { HostedPlugin } from './hosted-plugin.js';
import { PluginFaults } from './plugin-faults.js';

/** Loads plugins and calls them, as the core says. Usually it has one; it can hold several that share its process. */
export class ExtensionHost implements Disposable {
  private readonly plugins = new Map<string, HostedPlugin>();
  private readonly broadcast: ExtHostBroadcast;
  private readonly configuration: ExtHostConfiguration;
  private readonly profile: ExtHostProfile;
  private readonly services: PluginServices;
  private readonly faults: PluginFaults;

  constructor({ connection, exit }: PartContext, { ownsProcess }: { readonly ownsProcess: boolean }) {
    this.broadcast = new ExtHostBroadcast(connection);
    this.configuration = new ExtHostConfiguration(connection);
    this.profile = new ExtHostProfile(connection);
    this.services = {
      commands: new ExtHostCommands(connection),
      broadcast: this.broadcast,
      window: new ExtHostWindow(connection),
      progress: new ExtHostProgress(connection),
      configuration: this.configuration,
      statusItems: new ExtHostStatusItems(connection),
      storage: new ExtHostStorage(connection),
      profile: this.profile,
      secrets: new ExtHostSecrets(connection),
    };
    this.faults = new PluginFaults({
      connection,
      ownsProcess,
      exit,
      plugins: () => [...this.plugins.values()].map(({ description }) => description),
    });
    connection.onRequest(ActivatePluginRequest.type, (params) => this.activate(params));
    connection.onRequest(DeactivatePluginRequest.type, (params) => this.deactivate(params));
  }

  private async activate({ plugin, deadlineMs }: ActivatePluginParams): Promise<null> {
    if (this.plugins.has(plugin.id)) {
      throw new BulkheadError(
        ErrorCodes.internal,
        `the plugin "${plugin.id}" is already active in this host`,
        {
          where: plugin.id,
        },
      );
    }
    const hosted = new HostedPlugin(plugin, this.services, this.faults);
    this.plugins.set(plugin.id, hosted);
    try {
      await hosted.activate(deadlineMs);
    } catch (error) {
      this.plugins.delete(plugin.id);
      hosted.dispose();
      throw error;
    }
    return null;
  }

  private async deactivate({ id, deadlineMs }: DeactivatePluginParams): Promise<DeactivatePluginResult> {
    const hosted = this.plugins.get(id);
    if (hosted === undefined) return { left: [] };
    try {
      return { left: await hosted.deactivate(deadlineMs) };
    } finally {
      this.plugins.delete(id);
    }
  }

  dispose(): void {
    for (const hosted of this.plugins.values()) hosted.dispose();
    this.plugins.clear();
    this.broadcast.dispose();
    this.configuration.dispose();
    this.profile.dispose();
    this.faults.dispose();
  }
}
