import type { ExtensionApi } from '@bulkhead/extension-api';
import { mentions } from '../base/stack-frames.js';
import { createApi } from './api/create-api.js';
import type { PluginScope } from './plugin-scope.js';
import type { ApiTarget, PluginServices } from './plugin-services.js';

/**
 * Where the package `@bulkhead/extension-api` finds the API. Every released version of it depends on this name and on `apiFor`.
 */
const PROVIDER = Symbol.for('@bulkhead/extension-api');

/** Number of stack frames to inspect; a `require` takes about seven. */
const STACK_FRAMES = 50;

interface PluginApi {
  /** The plugin's folder. */
  readonly path: string;
  readonly api: ExtensionApi;
  target: ApiTarget | undefined;
}

/**
 * The APIs of all plugins that this process has loaded, one per plugin. A process with one plugin needs no lookup; in `hybrid`
 * mode, or in a host with several, the importing file determines whose API is returned.
 */
class PluginApis {
  private readonly apis = new Map<string, PluginApi>();

  /** Whether more than one plugin has been loaded, so that the owner of a shared module cannot be determined. */
  get shared(): boolean {
    return this.apis.size > 1;
  }

  /** From now on the plugin's API acts for this scope. */
  bind(scope: PluginScope, services: PluginServices): void {
    this.prepare(scope.plugin.path).target = { scope, services };
  }

  /** Creates the API of the plugin in a folder; it works once the plugin is loaded. For tests, which import it before. */
  prepare(path: string): PluginApi {
    const existing = this.apis.get(path);
    if (existing !== undefined) return existing;
    const made: PluginApi = { path, target: undefined, api: createApi(() => targetOf(made)) };
    this.apis.set(path, made);
    return made;
  }

  unbind(scope: PluginScope): void {
    const entry = this.apis.get(scope.plugin.path);
    if (entry?.target?.scope === scope) entry.target = undefined;
  }

  /**
   * The API of the plugin that imports it.
   *
   * @param importer Path or `file:` URL of the importing module, if known; otherwise the caller is determined from the stack.
   * @throws if several plugins share the process and the importing one cannot be determined.
   */
  apiFor(importer?: string): ExtensionApi {
    const [only] = this.apis.values();
    if (only !== undefined && this.apis.size === 1) return only.api;
    const where = importer ?? callersFiles();
    for (const entry of this.apis.values()) {
      if (mentions(where, entry.path)) return entry.api;
    }
    throw new Error(
      'Cannot determine which plugin requested @bulkhead/extension-api, since several share this process. ' +
        "Import it from a file in the plugin's own folder.",
    );
  }
}

/** The files of the callers, as they were loaded: a source map may name sources outside of the plugin's folder. */
function callersFiles(): string {
  const { stackTraceLimit, prepareStackTrace } = Error;
  Error.stackTraceLimit = STACK_FRAMES;
  Error.prepareStackTrace = (_error, sites) => sites.map((site) => site.getFileName() ?? '').join('\n');
  try {
    return new Error().stack ?? '';
  } finally {
    Object.assign(Error, { stackTraceLimit, prepareStackTrace });
  }
}

function targetOf({ path, target }: PluginApi): ApiTarget {
  if (target === undefined) throw new Error(`the plugin in ${path} is no longer active`);
  return target;
}

/** One per process, like the module cache. */
export const pluginApis = new PluginApis();
Object.defineProperty(globalThis, PROVIDER, { value: pluginApis });
