import { existsSync, statSync } from 'node:fs';
import Module from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { Script } from 'node:vm';
import type { CompiledFile, CompiledModule } from './compiled-file.js';

/** What Node has, beyond its types. */
interface CompilingModule {
  _compile(this: NodeModule, source: string, path: string): unknown;
}
interface ModuleInternals {
  readonly wrapper: readonly [string, string];
  _resolveFilename(request: string, parent: NodeModule, isMain: boolean, options?: object): string;
  _resolveLookupPaths(request: string, parent: NodeModule): string[] | null;
  readonly _extensions: NodeJS.RequireExtensions;
  readonly _cache: NodeJS.Dict<NodeModule>;
}
type Compiled = (
  this: unknown,
  exports: unknown,
  require: NodeJS.Require,
  module: NodeModule,
  filename: string,
  dirname: string,
) => unknown;

/** Code from a cache cannot. */
const CALLS_IMPORT = /\bimport\s*\(/;

const internals = Module as unknown as ModuleInternals;

/**
 * Does for Node 20, which will not change any more, what later ones do by themselves: the CommonJS modules in a folder are compiled
 * from what V8 made of them last time. At the exit of the process new code is added to the file, with all functions that
 * were used.
 */
export function keepCompiled(folder: string, file: CompiledFile): void {
  const kept = file.read();
  const added = new Map<string, { readonly source: string; readonly script: Script }>();
  const prototype = Module.prototype as unknown as CompilingModule;
  const compileAsNode = prototype._compile;

  prototype._compile = function (source, path) {
    const name = relative(folder, path);
    if (name.startsWith('..') || CALLS_IMPORT.test(source)) return compileAsNode.call(this, source, path);
    const version = versionOf(path);
    const known = kept.get(name);
    // A process of one module holds nothing of the file from here on.
    kept.delete(name);
    const [head, tail] = internals.wrapper;
    const script = new Script(`${head}${source.replace(/^#!.*/, '')}${tail}`, {
      filename: path,
      columnOffset: -head.length,
      ...(known?.source === version && { cachedData: known.code }),
    });
    if (script.cachedDataRejected !== false) added.set(name, { source: version, script });
    const run = script.runInThisContext() as Compiled;
    return run.call(this.exports, this.exports, requireOf(this), this, path, dirname(path));
  };

  process.once('exit', () => {
    if (added.size === 0) return;
    const modules = new Map<string, CompiledModule>();
    for (const [name, compiled] of file.read()) {
      if (!added.has(name) && existsSync(resolve(folder, name))) modules.set(name, compiled);
    }
    for (const [name, { source, script }] of added) {
      modules.set(name, { source, code: script.createCachedData() });
    }
    try {
      file.write(modules);
    } catch {
      // It only costs the time that it would have saved.
    }
  });
}

/** Changes with the file. The time of its last change of any kind is the system's own: installers set the other one. */
function versionOf(path: string): string {
  const { size, mtimeMs, ctimeMs } = statSync(path);
  return `${size}-${mtimeMs}-${ctimeMs}`;
}

/** A module's own `require`. */
function requireOf(module: NodeModule): NodeJS.Require {
  const require = (id: string): unknown => module.require(id);
  const find = (request: string, options?: object) =>
    internals._resolveFilename(request, module, false, options);
  const paths = (request: string) => internals._resolveLookupPaths(request, module);
  return Object.assign(require, {
    resolve: Object.assign(find, { paths }),
    main: process.mainModule,
    extensions: internals._extensions,
    cache: internals._cache,
  });
}
