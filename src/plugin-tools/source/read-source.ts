import { readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { isWithin } from '../../base/is-within.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import {
  type ApiUse,
  type GlobalCall,
  type ModuleImport,
  ModuleSyntaxError,
  readModule,
} from './read-module.js';

/** Something with its location in the plugin's code. */
export type Located<T> = T & { /** Path in the plugin's folder, with `/`. */ readonly file: string };

/** Facts about a plugin's own modules, starting at `main`. `node_modules` is not read. */
export interface PluginSource {
  readonly modules: readonly string[];
  /** Imports that are not files of the plugin: packages, and modules of Node. */
  readonly packages: readonly Located<ModuleImport>[];
  /** Imports of files that do not exist, or are not in the plugin's folder. */
  readonly missing: readonly Located<ModuleImport>[];
  /** Imports of native addons of the plugin. */
  readonly addons: readonly Located<ModuleImport>[];
  readonly apiUses: readonly Located<ApiUse>[];
  readonly globals: readonly Located<{ readonly name: string; readonly line: number }>[];
  readonly globalCalls: readonly Located<GlobalCall>[];
  /** Whether a module uses a global otherwise than by a call. */
  readonly passesGlobals: boolean;
  readonly syntaxErrors: readonly Located<{ readonly message: string; readonly line: number | undefined }>[];
}

/** Globals that need a permission. */
const WATCHED = new Set(['fetch', 'WebSocket', 'EventSource']);
const CODE = /\.(js|cjs|mjs)$/;

/** Reads the code that the plugin loads, without running any of it. */
export function readSource({ path: folder, main }: Pick<InstalledPlugin, 'path' | 'main'>): PluginSource {
  const packages: Located<ModuleImport>[] = [];
  const missing: Located<ModuleImport>[] = [];
  const addons: Located<ModuleImport>[] = [];
  const apiUses: Located<ApiUse>[] = [];
  const globals: Located<{ name: string; line: number }>[] = [];
  const globalCalls: Located<GlobalCall>[] = [];
  let passesGlobals = false;
  const syntaxErrors: Located<{ message: string; line: number | undefined }>[] = [];
  const seen = new Set([main]);
  for (const module of seen) {
    const file = relative(folder, module).split(sep).join('/');
    try {
      const facts = readModule(readFileSync(module, 'utf8'), isEsm(module, folder), WATCHED);
      apiUses.push(...facts.apiUses.map((use) => ({ ...use, file })));
      globalCalls.push(...facts.globalCalls.map((call) => ({ ...call, file })));
      passesGlobals ||= facts.passesGlobals;
      globals.push(...[...facts.globals].map(([name, line]) => ({ name, line, file })));
      for (const found of facts.imports) {
        if (!/^\.{0,2}\//.test(found.specifier)) {
          packages.push({ ...found, file });
          continue;
        }
        const target = findFile(resolve(dirname(module), found.specifier));
        if (target === undefined || !isWithin(target, folder)) missing.push({ ...found, file });
        else if (CODE.test(target)) seen.add(target);
        else if (target.endsWith('.node')) addons.push({ ...found, file });
      }
    } catch (error) {
      if (!(error instanceof ModuleSyntaxError)) throw error;
      syntaxErrors.push({ message: error.message, line: error.line, file });
    }
  }
  const modules = [...seen].map((module) => relative(folder, module).split(sep).join('/'));
  return {
    ...{ modules, packages, missing, addons, apiUses },
    ...{ globals, globalCalls, passesGlobals, syntaxErrors },
  };
}

/** As `require` resolves it; for `import` it is always the first. */
function findFile(path: string): string | undefined {
  const candidates = ['', '.js', '.json', '.node', '/index.js'].map((ending) => path + ending);
  return candidates.find((candidate) => {
    try {
      return statSync(candidate).isFile();
    } catch {
      return false;
    }
  });
}

/**
 * Whether Node treats the module as ESM: by its extension, else by the nearest `package.json` of the plugin.
 */
function isEsm(module: string, folder: string): boolean {
  if (!module.endsWith('.js')) return module.endsWith('.mjs');
  for (let at = dirname(module); at.startsWith(folder); at = dirname(at)) {
    try {
      const { type } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as { type?: unknown };
      return type === 'module';
    } catch {
      // There is none here.
    }
  }
  return false;
}
