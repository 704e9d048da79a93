import type { Remote } from '@bulkhead/extension-api';
import type { FakeEvents, FakeExtensions, FiredEvent } from '@bulkhead/extension-api/testing';
import { CancellationToken, type Disposable } from 'vscode-jsonrpc';
import { EventHub } from '../core/main-thread/event-hub.js';
import { type ListedPlugin, PluginDirectory } from '../core/main-thread/plugin-directory.js';
import { requireAsked } from '../core/main-thread/require-permission.js';
import {
  type ExportedFunction,
  functionKey,
  putTogether,
  splitToken,
  takeApart,
} from '../extension-host/exports.js';
import { requireJson } from '../extension-host/require-json.js';
import { type InstalledPlugin, seenBy } from '../plugins/installed-plugin.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { exportName } from '../protocol/plugin-exports.js';
import { type ExportCall } from '../protocol/plugin-extensions.js';
import { asThrown } from '../rpc/thrown-by-plugin.js';

/** How the core of a test runs the plugin. */
export interface RunsPlugin {
  readonly isActive: boolean;
  activate(): Promise<void>;
  settle(): Promise<void>;
}

interface SimulatedPlugin {
  readonly listed: ListedPlugin;
  readonly exported: unknown;
  active: Disposable | undefined;
}

/** The plugins around the tested one, which the test simulates: what they export, and their events. */
export class SteeredPlugins {
  private readonly others = new Map<string, SimulatedPlugin>();
  private readonly fired: FiredEvent[] = [];

  constructor(
    private readonly plugin: InstalledPlugin,
    private readonly directory: PluginDirectory,
    private readonly hub: EventHub,
    private readonly core: RunsPlugin,
  ) {
    directory.activateBy((id) => (id === plugin.id ? core.activate() : this.activate(id)));
    hub.onDidFire(({ event, payload }) => {
      if (plugin.contributes.events.some((own) => own.event === event)) this.fired.push({ event, payload });
    });
  }

  /** What is there before the plugin is activated: all that it needs, and what the test gives. */
  preset(given: Readonly<Record<string, unknown>>): void {
    for (const id of this.plugin.extensionDependencies) this.add(id, undefined);
    for (const [id, exported] of Object.entries(given)) this.add(id, exported);
    this.list();
  }

  extensions(): FakeExtensions {
    const { directory, plugin, core } = this;
    const settled = async (step: () => void) => {
      step();
      await core.settle();
    };
    return {
      exports: <T>() => {
        const exported = directory.describe(plugin.id)?.exports;
        return exported && (putTogether(exported, (path, args) => this.call(path, args)) as Remote<T>);
      },
      add: (id, exported, packageJSON) => settled(() => this.add(id, exported, packageJSON)),
      deactivate: (id) =>
        settled(() => {
          this.find(id).active?.dispose();
        }),
      remove: (id) =>
        settled(() => {
          this.find(id).active?.dispose();
          this.others.delete(id);
          this.list();
        }),
    };
  }

  events(): FakeEvents {
    const { plugin, hub, core, fired } = this;
    return {
      fired,
      fire: async (event, payload) => {
        requireJson(payload, 'payload');
        requireAsked(plugin, `events:${event}`);
        const isAwaited = hub.toActivate(event).some(({ id }) => id === plugin.id);
        hub.fire({ event, payload: structuredClone(payload) });
        if (isAwaited) await core.activate();
        await core.settle();
      },
    };
  }

  private add(id: string, exported: unknown, packageJSON: object = {}): void {
    if (id === this.plugin.id || !seenBy(this.plugin).includes(id)) {
      const message = `the plugin "${this.plugin.id}" does not use "${id}"`;
      const remedy = 'Name it in "extensionDependencies" or "optionalExtensionDependencies" of package.json.';
      throw new BulkheadError(ErrorCodes.configInvalid, message, { where: 'extensions', remedy });
    }
    this.others.get(id)?.active?.dispose();
    const packageJson = { name: id, version: '1.0.0', ...packageJSON };
    const listed = { id, name: id, packageJson, path: `/plugins/${id}`, activationEvents: [], granted: [] };
    this.others.set(id, { listed, exported, active: undefined });
    this.list();
    this.activateNow(id);
  }

  private list(): void {
    this.directory.set([this.plugin, ...[...this.others.values()].map(({ listed }) => listed)]);
  }

  private async activate(id: string): Promise<void> {
    if (!this.directory.isActive(id)) this.activateNow(id);
  }

  private activateNow(id: string): void {
    const other = this.find(id);
    const { exported } = other;
    const isNothing = exported === undefined || exported === null;
    const { data, functions } = isNothing ? { data: undefined, functions: new Map() } : takeApart(exported);
    other.active = this.directory.markActive(id, {
      exports: data,
      call: (call, { token = CancellationToken.None }) => run(id, functions, call, token),
    });
  }

  private find(id: string): SimulatedPlugin {
    const other = this.others.get(id);
    if (other !== undefined) return other;
    throw new BulkheadError(ErrorCodes.configInvalid, `there is no plugin "${id}" in this test`, {
      remedy: 'Add it first.',
    });
  }

  /** Calls what the tested plugin exports, as another plugin would. */
  private async call(path: readonly string[], given: readonly unknown[]): Promise<unknown> {
    const { args, token = CancellationToken.None } = splitToken(given);
    try {
      requireJson(args, 'args');
      const call = { path, arguments: structuredClone(args), cancellable: args.length < given.length };
      return await this.directory.call(this.plugin.id, call, { token });
    } catch (error) {
      throw asThrown(error);
    } finally {
      await this.core.settle();
    }
  }
}

/** Runs a function of a simulated plugin, which fails like that of a real one. */
async function run(
  id: string,
  functions: ReadonlyMap<string, ExportedFunction>,
  { path, arguments: args, cancellable }: ExportCall,
  token: CancellationToken,
): Promise<unknown> {
  try {
    const result = await functions.get(functionKey(path))?.(cancellable === true ? [...args, token] : args);
    requireJson(result, 'its result');
    return result;
  } catch (error) {
    const { message } = BulkheadError.from(error);
    throw new BulkheadError(
      ErrorCodes.pluginFailed,
      `the plugin "${id}" failed: ${exportName(path)}: ${message}`,
      { where: id, cause: error },
    );
  }
}
