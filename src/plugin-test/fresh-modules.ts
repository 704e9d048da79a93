import Module, { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';

type Resolve = (
  specifier: string,
  context: { readonly parentURL?: string },
  next: (specifier: string, context: object) => unknown,
) => unknown;

/** Hooks of Node 22.15 and later, which run on the importing thread. */
interface ModuleHooks {
  registerHooks?(hooks: { readonly resolve: Resolve }): void;
}

/**
 * Makes Node load every module of the plugin again along with its main one. CommonJS modules are removed from Node's cache.
 * ES modules cannot be unloaded: those in the plugin's folder get the query `?load=2` of the main one.
 */
export class FreshModules {
  private loaded = false;
  private installed = false;

  /** @param folder The plugin's, links resolved. */
  constructor(
    private readonly folder: string,
    private readonly main: string,
  ) {}

  /** Call before each load of the plugin. Costs nothing if a plugin is loaded once, or is CommonJS. */
  prepare(): void {
    const isFirst = !this.loaded;
    this.loaded = true;
    if (isFirst || this.installed || this.main in createRequire(import.meta.url).cache) return;
    this.installed = true;
    // One source for both kinds of hook: the older kind runs on its own thread, without access to this module.
    const resolve = `(specifier, context, next) => {
      const mark = /[?&]load=\\d+/.exec(context.parentURL ?? '')?.[0].slice(1);
      const pass = (found) => mark === undefined || !found.url.startsWith(${JSON.stringify(this.folderUrl)}) ||
        found.url.includes('?') ? found : { ...found, url: found.url + '?' + mark };
      const found = next(specifier, context);
      return typeof found.then === 'function' ? found.then(pass) : pass(found);
    }`;
    const { registerHooks } = Module as unknown as ModuleHooks;
    if (registerHooks === undefined) {
      register(`data:text/javascript,${encodeURIComponent(`export const resolve = ${resolve};`)}`);
    } else {
      registerHooks({ resolve: new Function(`return ${resolve}`)() as Resolve });
    }
  }

  private get folderUrl(): string {
    return `${pathToFileURL(this.folder).href}/`;
  }
}
