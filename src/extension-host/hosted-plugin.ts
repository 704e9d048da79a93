import { join } from 'node:path';
import type { ExtensionContext, ExtensionModule } from '@bulkhead/extension-api';
import type { CancellationToken, Disposable } from 'vscode-jsonrpc';
import type { BulkheadError } from '../protocol/errors.js';
import type { PluginDescription } from '../protocol/extension-host.js';
import type { PluginExports } from '../protocol/plugin-exports.js';
import { pluginApis } from './plugin-apis.js';
import type { PluginFaults } from './plugin-faults.js';
import { loadPlugin } from './plugin-loader.js';
import { PluginScope } from './plugin-scope.js';
import type { PluginServices } from './plugin-services.js';
import { upgradeScriptsOf } from './run-upgrades.js';
import { runWithDeadline } from './run-with-deadline.js';

/** One plugin in this host, from loading its module to disposing of everything that it holds. */
export class HostedPlugin implements Disposable {
  private readonly scope: PluginScope;
  private readonly context: ExtensionContext;
  private readonly loadState: () => Promise<void>;
  private module: ExtensionModule | undefined;
  private disposed = false;

  constructor(
    readonly description: PluginDescription,
    private readonly services: PluginServices,
    faults: PluginFaults,
  ) {
    const { id, displayName, path, storagePath, mode } = description;
    this.scope = new PluginScope(description, faults);
    const globalState = services.storage.createMemento(this.scope);
    const profileState = services.profile.createMemento(this.scope);
    this.loadState = async () => {
      await Promise.all([globalState.load(), profileState.load()]);
    };
    this.context = Object.freeze({
      extension: services.extensions.objectOf(this.scope, id),
      extensionMode: mode,
      subscriptions: [],
      log: services.window.createOutputChannel(this.scope, displayName),
      globalState: globalState.memento,
      profileState: profileState.memento,
      storagePath,
      secrets: services.secrets.createStorage(this.scope),
      storageUsage: () => services.storage.usage(this.scope),
      asAbsolutePath: (relativePath: string) => join(path, relativePath),
    });
    pluginApis.bind(this.scope, services);
  }

  /**
   * @returns what it exports for other plugins
   * @throws `plugin.failed` with the plugin's own error as its cause, or if it has not completed within
   * `deadlineMs`.
   */
  async activate(deadlineMs: number): Promise<PluginExports | undefined> {
    return runWithDeadline({
      deadlineMs,
      late: () => this.late(deadlineMs),
      work: async (token) => {
        const exports = await this.loadAndActivate(token);
        // What it has registered after its deadline.
        if (this.disposed) this.disposeSubscriptions();
        return exports;
      },
    });
  }

  private late(deadlineMs: number): BulkheadError {
    if (this.module !== undefined)
      return this.scope.failure('activate', `it did not finish within ${deadlineMs} ms`);
    const why = 'a top-level await in it may wait for what never comes';
    return this.scope.failure('loading', `its module was not loaded within ${deadlineMs} ms; ${why}`);
  }

  private async loadModule(): Promise<void> {
    this.module = await loadPlugin(this.description);
  }

  private async loadAndActivate(token: CancellationToken): Promise<PluginExports | undefined> {
    await this.step('loading', () => this.loadModule());
    // Its deadline has passed, or it has been deactivated: its API would not work.
    if (token.isCancellationRequested || this.disposed) return undefined;
    const scripts = await this.step('upgrades', () => upgradeScriptsOf(this.module?.upgrades));
    await this.services.upgrades.upgrade(this.scope, scripts);
    await this.step('loading', () => this.loadState());
    if (token.isCancellationRequested || this.disposed) return undefined;
    return this.step('activate', async () => {
      const exported: unknown = await this.module?.activate(this.context, token);
      await this.scope.started();
      return this.services.extensions.publish(this.scope, exported);
    });
  }

  private async step<T>(what: string, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.scope.failure(what, error);
    }
  }

  /**
   * Calls `deactivate` and disposes of everything.
   *
   * @returns What the plugin has registered and not disposed of.
   * @throws `plugin.failed` if `deactivate` fails or exceeds its deadline; everything has been disposed of even
   * then.
   */
  async deactivate(deadlineMs: number): Promise<string[]> {
    try {
      await runWithDeadline({
        deadlineMs,
        late: () => this.scope.failure('deactivate', `it did not finish within ${deadlineMs} ms`),
        work: async () => {
          try {
            await this.module?.deactivate?.();
          } catch (error) {
            throw this.scope.failure('deactivate', error);
          }
        },
      });
      this.disposeSubscriptions();
      return this.scope.left();
    } finally {
      this.dispose();
    }
  }

  dispose(): void {
    this.disposed = true;
    this.disposeSubscriptions();
    this.scope.dispose();
    pluginApis.unbind(this.scope);
  }

  private disposeSubscriptions(): void {
    for (;;) {
      const subscription = this.context.subscriptions.pop();
      if (subscription === undefined) return;
      this.scope.call('disposing of a subscription', () => subscription.dispose());
    }
  }
}
