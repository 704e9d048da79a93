import type { Disposable } from 'vscode-jsonrpc';
import { importModule } from '../base/import-module.js';
import type { PartContext } from '../process-host/part-module.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import {
  type ActivatePluginParams,
  ActivatePluginRequest,
  type ActivatePluginResult,
  type DeactivatePluginParams,
  DeactivatePluginRequest,
  type DeactivatePluginResult,
  PrepareHostNotification,
  type PrepareHostParams,
} from '../protocol/extension-host.js';
import type { InspectorOptions } from '../protocol/inspector.js';
import { GATE_VARIABLE } from '../protocol/network-gate.js';
import { HostedPlugin } from './hosted-plugin.js';
import { PluginFaults } from './plugin-faults.js';
import { PluginServices } from './plugin-services.js';

/** With the first import Node loads its module loader. Not in the `import` itself, or a bundler takes it for its own. */
const EMPTY_MODULE = 'data:text/javascript,';

/** Loads plugins and calls them on the core's request. Usually it has one plugin; several may share its process. */
export class ExtensionHost implements Disposable {
  private readonly plugins = new Map<string, HostedPlugin>();
  private readonly services: PluginServices;
  private readonly faults: PluginFaults;
  private readonly ownsProcess: boolean;
  private guarded: Promise<void> | undefined;
  private inspectorCloser: (() => void) | undefined;

  constructor(
    { connection, frames, exit }: PartContext,
    { ownsProcess, inspected = false }: { readonly ownsProcess: boolean; readonly inspected?: boolean },
  ) {
    this.ownsProcess = ownsProcess;
    if (inspected) connection.waitWithoutDeadlines();
    this.services = new PluginServices(connection, frames);
    this.faults = new PluginFaults({
      connection,
      ownsProcess,
      exit,
      plugins: () => [...this.plugins.values()].map(({ description }) => description),
    });
    connection.onNotification(PrepareHostNotification.type, (params) => {
      if (this.ownsProcess) void this.prepare(params);
    });
    connection.onRequest(ActivatePluginRequest.type, async (params) => {
      if (params.inspector !== undefined) {
        connection.waitWithoutDeadlines();
        await this.openInspector(params.inspector);
      }
      return this.activate(params);
    });
    connection.onRequest(DeactivatePluginRequest.type, (params) => this.deactivate(params));
  }

  /** Loading these takes as long as all the rest of an activation. */
  private async prepare({ guarded }: PrepareHostParams): Promise<void> {
    await importModule(EMPTY_MODULE);
    if (guarded) await import('./network/network-guard.js');
  }

  private async activate({ plugin, deadlineMs }: ActivatePluginParams): Promise<ActivatePluginResult> {
    if (this.plugins.has(plugin.id)) {
      throw new BulkheadError(
        ErrorCodes.internal,
        `the plugin "${plugin.id}" is already active in this host`,
        {
          where: plugin.id,
        },
      );
    }
    this.services.permissions.add(plugin);
    if (this.ownsProcess && plugin.tier !== 'none') await this.guardNetwork();
    const hosted = new HostedPlugin(plugin, this.services, this.faults);
    this.plugins.set(plugin.id, hosted);
    try {
      const exports = await hosted.activate(deadlineMs);
      return exports === undefined ? {} : { exports };
    } catch (error) {
      this.plugins.delete(plugin.id);
      hosted.dispose();
      throw error;
    }
  }

  private async deactivate({ id, deadlineMs }: DeactivatePluginParams): Promise<DeactivatePluginResult> {
    const hosted = this.plugins.get(id);
    if (hosted === undefined) return { left: [] };
    try {
      return { left: await hosted.deactivate(deadlineMs) };
    } finally {
      this.plugins.delete(id);
      // The next process may be about to open its own on the same port.
      this.inspectorCloser?.();
    }
  }

  /** Once for the process. Not loaded for plugins that have the whole network. */
  private guardNetwork(): Promise<void> {
    const { permissions } = this.services;
    if (permissions.networkScopes === undefined) return Promise.resolve();
    this.guarded ??= import('./network/network-guard.js').then(({ guardNetwork }) =>
      guardNetwork({ door: process.env[GATE_VARIABLE], scopes: () => permissions.networkScopes }),
    );
    return this.guarded;
  }

  private async openInspector(options: InspectorOptions): Promise<void> {
    const { openInspector, closeInspector } = await import('../process-host/inspector.js');
    await openInspector(options);
    this.inspectorCloser = closeInspector;
  }

  dispose(): void {
    for (const hosted of this.plugins.values()) hosted.dispose();
    this.plugins.clear();
    this.services.dispose();
    this.faults.dispose();
  }
}
