import type { Extension } from '@bulkhead/extension-api';
import type { CancellationToken, Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../base/event.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { exportName, type PluginExports } from '../protocol/plugin-exports.js';
import {
  ActivateExtensionRequest,
  CallExportRequest,
  ExtensionChangedNotification,
  type RunExportParams,
  RunExportRequest,
  type SeenExtension,
} from '../protocol/plugin-extensions.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { CORE_DEADLINE_MS, callOther, NO_DEADLINE } from './call-other.js';
import { deepFreeze } from './deep-freeze.js';
import { type ExportedFunction, functionKey, putTogether, splitToken, takeApart } from './exports.js';
import type { PluginScope } from './plugin-scope.js';
import { requireJson } from './require-json.js';

/** The functions that a plugin of this host exports. */
interface Exporter {
  readonly scope: PluginScope;
  readonly functions: ReadonlyMap<string, ExportedFunction>;
}

/** What the plugins of this host see of others, and export for them. Its pair in the core is `MainThreadExtensions`. */
export class ExtHostExtensions implements Disposable {
  /** Those that run, with what they have exported last. */
  private readonly known = new Map<string, SeenExtension>();
  private readonly exporters = new Map<string, Exporter>();
  /** One object for each plugin that a plugin sees. */
  private readonly objects = new WeakMap<PluginScope, Map<string, Extension>>();
  private readonly changeEmitter = new Emitter<string>();

  constructor(private readonly connection: RpcConnection) {
    connection.onNotification(ExtensionChangedNotification.type, ({ id, extension }) => {
      if (extension === null) this.known.delete(id);
      else this.known.set(id, this.withLastExports(extension));
      this.changeEmitter.fire(id);
    });
    connection.onRequest(RunExportRequest.type, (params, token) => this.run(params, token));
  }

  /** @throws `permission.denied` if the plugin's manifest does not name the other one */
  getExtension(scope: PluginScope, id: string): Extension | undefined {
    scope.checkActive();
    if (!scope.plugin.seen.includes(id)) {
      const message = `the plugin "${scope.id}" may not use what the plugin "${id}" exports`;
      const remedy = 'Name it in "extensionDependencies" or "optionalExtensionDependencies" of package.json.';
      throw new BulkheadError(ErrorCodes.permissionDenied, message, { where: scope.id, remedy });
    }
    return this.known.has(id) ? this.objectOf(scope, id) : undefined;
  }

  /** Those that run of the plugins that this one sees. */
  all(scope: PluginScope): readonly Extension[] {
    const running = scope.plugin.seen.filter((id) => this.known.has(id));
    return Object.freeze(running.map((id) => this.objectOf(scope, id)));
  }

  /** Fires with each change of what the plugin sees. */
  onDidChange(scope: PluginScope): Event<void> {
    return (listener) =>
      this.changeEmitter.event((id) => {
        if (scope.plugin.seen.includes(id)) listener();
      });
  }

  /** The object of one plugin for another one, or for itself. */
  objectOf(scope: PluginScope, id: string): Extension {
    const objects = this.objects.get(scope) ?? new Map<string, Extension>();
    this.objects.set(scope, objects);
    const extension = objects.get(id) ?? this.createObject(scope, id);
    objects.set(id, extension);
    return extension;
  }

  /**
   * From now on others may call what the plugin exports.
   *
   * @param exported what its `activate` has returned
   * @throws `rpc.unencodable` or `rpc.tooLarge` if it cannot be exported
   */
  publish(scope: PluginScope, exported: unknown): PluginExports | undefined {
    if (exported === undefined || exported === null) return undefined;
    const { data, functions } = takeApart(exported);
    const exporter = { scope, functions };
    this.exporters.set(scope.id, exporter);
    scope.hold({
      dispose: () => {
        if (this.exporters.get(scope.id) === exporter) this.exporters.delete(scope.id);
      },
    });
    return data;
  }

  /** What a plugin exports is kept while it is not active: its functions can be called again later. */
  private withLastExports({ packageJson, ...extension }: SeenExtension): SeenExtension {
    const exports = extension.active ? extension.exports : this.known.get(extension.id)?.exports;
    return { ...extension, packageJson: deepFreeze(packageJson), exports };
  }

  private createObject(scope: PluginScope, id: string): Extension {
    const { known } = this;
    // It may be removed while another plugin holds its object.
    const first = scope.id === id ? ownFacts(scope) : known.get(id);
    const facts = () => known.get(id) ?? first;
    let made: { readonly of: PluginExports; readonly exports: unknown } | undefined;
    const exports = () => {
      const of = facts()?.exports;
      if (of === undefined) return undefined;
      if (of !== made?.of) {
        made = { of, exports: putTogether(of, (path, args) => this.call(scope, id, path, args)) };
      }
      return made.exports;
    };
    return Object.freeze<Extension>({
      id,
      get packageJSON() {
        return facts()?.packageJson as Extension['packageJSON'];
      },
      get extensionPath() {
        return facts()?.path ?? '';
      },
      get isActive() {
        return known.get(id)?.active === true;
      },
      get exports() {
        return exports();
      },
      activate: async () => {
        scope.checkActive();
        await this.connection.sendRequest(
          ActivateExtensionRequest.type,
          { plugin: scope.id, id },
          { deadlineMs: CORE_DEADLINE_MS },
        );
        return exports();
      },
    });
  }

  private call(
    scope: PluginScope,
    id: string,
    path: readonly string[],
    given: readonly unknown[],
  ): Promise<unknown> {
    const { args, token } = splitToken(given);
    const params = { plugin: scope.id, id, path, arguments: args, cancellable: token !== undefined };
    const options = { ...NO_DEADLINE, ...(token && { token }) };
    return callOther(scope, `${exportName(path)} of the plugin "${id}"`, args, () =>
      this.connection.sendRequest(CallExportRequest.type, params, options),
    );
  }

  private async run(
    { plugin, path, arguments: args, cancellable = false }: RunExportParams,
    token: CancellationToken,
  ): Promise<unknown> {
    const name = exportName(path);
    const exporter = this.exporters.get(plugin);
    const run = exporter?.functions.get(functionKey(path));
    if (exporter === undefined || run === undefined) {
      const message = `the plugin "${plugin}" does not export ${name} now`;
      throw new BulkheadError(ErrorCodes.pluginFailed, message, { where: plugin });
    }
    try {
      const result = await run(cancellable ? [...args, token] : args);
      requireJson(result, 'its result');
      return result;
    } catch (error) {
      if (cancellable && token.isCancellationRequested) {
        const message = `${name} of the plugin "${plugin}" was cancelled`;
        throw new BulkheadError(ErrorCodes.rpcCancelled, message, { where: plugin, cause: error });
      }
      throw exporter.scope.failure(name, error);
    }
  }

  dispose(): void {
    this.changeEmitter.dispose();
  }
}

/** What a plugin knows of itself, whatever the core has said so far. */
function ownFacts({ id, plugin }: PluginScope): SeenExtension {
  const { packageJson, path } = plugin;
  return { id, packageJson: deepFreeze(packageJson), path, active: false };
}
