import { existsSync } from 'node:fs';
import Module, { register } from 'node:module';
import { dirname, join } from 'node:path';
import type { ProposedApi } from '@bulkhead/extension-api/proposed';
import { pluginApis } from './plugin-apis.js';

const PACKAGE = '@bulkhead/extension-api';
const NAMESPACES = [
  ...['audio', 'broadcast', 'commands', 'configuration', 'env', 'events', 'extensions', 'l10n'],
  ...['outputs', 'overlays', 'permissions', 'recording', 'replay', 'scenes', 'sources', 'window'],
] as const;
const CLASSES = ['BulkheadError', 'CancellationTokenSource', 'Disposable', 'EventEmitter'] as const;
/** What each of the package's entry points exports of the API. */
const ENTRIES: Readonly<Record<string, readonly (keyof ProposedApi)[]>> = {
  [PACKAGE]: [...NAMESPACES, ...CLASSES],
  [`${PACKAGE}/proposed`]: ['broadcast'],
};

/**
 * Makes a plugin's `import` and `require` of `@bulkhead/extension-api` resolve to its own API.
 *
 * The normal case is the real package: if the plugin has it installed, or is below a `node_modules` that contains it (the
 * plugin store's, a workspace's), every version of Node finds it, for CommonJS and ESM and under the permission model,
 * and the package gets the API from `globalThis`. The two other cases need hooks, which are avoided otherwise, since on
 * Node 20 an ESM hook costs 40 ms and a thread that the permission model forbids:
 *
 * - a plugin's folder anywhere on the disk, without the package. Nothing is written into it, and it isn't copied: a copy
 * would not find packages in the folders above.
 * - several plugins in one process that share one copy of the package, which is evaluated only once.
 */
export function provideApi(main: string, shared: boolean): void {
  if (shared || pluginApis.shared || !findsPackage(main)) installHooks();
}

/** Whether Node finds the package from this file. For ESM there are no other locations (no NODE_PATH). */
function findsPackage(file: string): boolean {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (exists(join(folder, 'node_modules', PACKAGE, 'package.json'))) return true;
    if (folder === dirname(folder)) return false;
  }
}

/** Under Node's permission model `existsSync` throws for unreadable paths. */
function exists(file: string): boolean {
  try {
    return existsSync(file);
  } catch {
    return false;
  }
}

type Resolve = (
  specifier: string,
  context: { readonly parentURL?: string },
  next: (specifier: string, context: object) => unknown,
) => unknown;

/** Parts of `node:module` missing from its types: the loader itself, and the hooks of Node 22.15 and later. */
interface ModuleInternals {
  _load(request: string, parent: { readonly filename?: string } | undefined, isMain: boolean): unknown;
  registerHooks?(hooks: { readonly resolve: Resolve }): void;
}

let installed = false;

function installHooks(): void {
  if (installed) return;
  installed = true;
  const internals = Module as unknown as ModuleInternals;

  const load = internals._load;
  internals._load = function (this: unknown, request, parent, isMain) {
    return Object.hasOwn(ENTRIES, request)
      ? pluginApis.apiFor(parent?.filename)
      : load.call(this, request, parent, isMain);
  };

  // One source for both kinds of hook: the older kind runs on its own thread, without access to this module.
  const resolve = `(specifier, context, next) => {
    const entries = ${JSON.stringify(ENTRIES)};
    if (!Object.hasOwn(entries, specifier)) return next(specifier, context);
    const source = 'const api = globalThis[Symbol.for(${JSON.stringify(PACKAGE)})].apiFor(' +
      JSON.stringify(context.parentURL) + ');' +
      'export const { ' + entries[specifier].join(', ') + ' } = api;';
    return { url: 'data:text/javascript,' + encodeURIComponent(source), format: 'module', shortCircuit: true };
  }`;
  if (internals.registerHooks !== undefined) {
    internals.registerHooks({ resolve: new Function(`return ${resolve}`)() as Resolve });
  } else if (!('permission' in process)) {
    // The permission model forbids the thread; under it, plugins that share a host are CommonJS.
    register(`data:text/javascript,${encodeURIComponent(`export const resolve = ${resolve};`)}`);
  }
}
