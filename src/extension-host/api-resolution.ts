import { existsSync } from 'node:fs';
import Module, { register } from 'node:module';
import { dirname, join } from 'node:path';
import { pluginApis } from './plugin-apis.js';

const PACKAGE = '@bulkhead/extension-api';
/** The package's entries that give the API; they differ in their types alone. */
const ENTRIES = [PACKAGE, `${PACKAGE}/proposed`];

/**
 * Sees to it that a plugin's `import` and `require` of `@bulkhead/extension-api` find its own API.
 *
 * The rule is the real package: where the plugin has it installed, or lies below a `node_modules` that holds it (the
 * plugin store's, a workspace's), Node finds it without help on every version, for CommonJS and ESM, under the permission
 * model too, and the package asks `globalThis` for the API. Two cases are left, and only they get hooks, since on Node 20
 * a hook for ESM costs 40 ms, and a thread that the permission model would forbid:
 *
 * - a plugin's folder from anywhere on the disk, without the package. Nothing is written into it, and it isn't copied:
 *   a copy would lose what it finds in the folders above.
 * - several plugins in one process that share one copy of the package, which is evaluated only once.
 */
export function provideApi(main: string, shared: boolean): void {
  if (shared || pluginApis.shared || !findsPackage(main)) installHooks();
}

/** Whether Node finds the package from this file. For ESM it looks nowhere else (no NODE_PATH). */
function findsPackage(file: string): boolean {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (exists(join(folder, 'node_modules', PACKAGE, 'package.json'))) return true;
    if (folder === dirname(folder)) return false;
  }
}

/** Node's permission model makes `existsSync` throw for what may not be read. */
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

/** Parts of `node:module` that its types leave out: the loader itself, and the hooks of Node 22.15 and later. */
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
    return ENTRIES.includes(request)
      ? pluginApis.apiFor(parent?.filename)
      : load.call(this, request, parent, isMain);
  };

  // One source for both kinds of hook: the older kind runs it on a thread of its own, away from everything here.
  const resolve = `(specifier, context, next) => {
    if (!${JSON.stringify(ENTRIES)}.includes(specifier)) return next(specifier, context);
    const source = 'const api = globalThis[Symbol.for(${JSON.stringify(PACKAGE)})].apiFor(' +
      JSON.stringify(context.parentURL) + ');' +
      'export const { commands, broadcast, window, configuration, env } = api;';
    return { url: 'data:text/javascript,' + encodeURIComponent(source), format: 'module', shortCircuit: true };
  }`;
  if (internals.registerHooks !== undefined) {
    internals.registerHooks({ resolve: new Function(`return ${resolve}`)() as Resolve });
  } else if (!('permission' in process)) {
    // The permission model forbids the thread; the plugins that share a host under it are CommonJS.
    register(`data:text/javascript,${encodeURIComponent(`export const resolve = ${resolve};`)}`);
  }
}
