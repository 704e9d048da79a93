import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ExtensionModule } from '@bulkhead/extension-api';
import { PLUGIN_STAGE_VARIABLE, type PluginDescription } from '../protocol/extension-host.js';
import { provideApi } from './api-resolution.js';

/** How often each plugin has been loaded in this process. */
const loads = new Map<string, number>();

/**
 * Loads a plugin's module, be it CommonJS or ESM.
 *
 * In a process of its own a plugin is loaded once. Inside the core it may be loaded again after a failure: then its
 * CommonJS modules and its ESM main module are evaluated anew. Node has no way to unload the other ESM modules.
 *
 * @throws what the module throws, or an error when it does not export `activate`.
 */
export async function loadPlugin(plugin: PluginDescription): Promise<ExtensionModule> {
  const { path } = plugin;
  const main = staged(plugin.main, path);
  provideApi(main, plugin.shared);
  const url = pathToFileURL(main);
  const count = loads.get(main) ?? 0;
  loads.set(main, count + 1);
  if (count > 0) {
    url.searchParams.set('load', String(count));
    forgetRequired(path);
  }
  const namespace = (await import(url.href)) as Record<string, unknown>;
  // Of CommonJS, Node sees only the exports that it finds by reading the source.
  const found = [namespace, namespace['default']].find(isExtensionModule);
  if (found === undefined) {
    throw new Error(`${main} does not export a function "activate"`);
  }
  return found;
}

function isExtensionModule(value: unknown): value is ExtensionModule {
  return (
    typeof value === 'object' && value !== null && 'activate' in value && typeof value.activate === 'function'
  );
}

function forgetRequired(folder: string): void {
  const { cache } = createRequire(import.meta.url);
  for (const file of Object.keys(cache)) {
    if (file.startsWith(folder + sep)) delete cache[file];
  }
}

/** A file of a plugin, by the path that the core has laid to its folder: the file's own where it has laid none. */
export function staged(file: string, pluginPath: string): string {
  const stage = process.env[PLUGIN_STAGE_VARIABLE];
  return stage === undefined ? file : join(stage, relative(pluginPath, file));
}
