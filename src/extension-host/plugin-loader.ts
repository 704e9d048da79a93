import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ExtensionModule } from '@bulkhead/extension-api';
import { importModule } from '../base/import-module.js';
import { PLUGIN_STAGE_VARIABLE, type PluginDescription } from '../protocol/extension-host.js';
import { provideApi } from './api-resolution.js';
import { explained } from './explain-load-error.js';

/** How often each plugin has been loaded in this process. */
const loads = new Map<string, number>();

/**
 * Loads a plugin's module, CommonJS or ESM.
 *
 * In a separate process a plugin is loaded once. Inside the core it may be loaded again after a failure: then its
 * CommonJS modules and its ESM main module are evaluated again. Node cannot unload the other ESM modules.
 *
 * @throws errors of the module, or an error if it does not export `activate`.
 */
export async function loadPlugin(plugin: PluginDescription): Promise<ExtensionModule> {
  const { path } = plugin;
  const main = staged(plugin.main, path);
  // Stacks name the sources that a plugin was built from. What is loaded already, as is the host itself, stays as it is.
  process.setSourceMapsEnabled(true);
  provideApi(main, plugin.shared);
  const url = pathToFileURL(main);
  const count = loads.get(main) ?? 0;
  loads.set(main, count + 1);
  if (count > 0) {
    url.searchParams.set('load', String(count));
    forgetRequired(path);
  }
  const namespace = await importPlugin(url, path);
  // Node detects the exports of a CommonJS module only by scanning its source, and may not find all of them.
  const found = [namespace['default'], namespace].find(isExtensionModule);
  if (found === undefined) {
    throw new Error(`${main} does not export a function "activate"`);
  }
  return found;
}

async function importPlugin(url: URL, folder: string): Promise<Record<string, unknown>> {
  try {
    return await importModule(url.href);
  } catch (error) {
    throw explained(error, folder);
  }
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

/** A plugin's file by the path that the core has linked to its folder; the file's own path if there is none. */
export function staged(file: string, pluginPath: string): string {
  const stage = process.env[PLUGIN_STAGE_VARIABLE];
  return stage === undefined ? file : join(stage, relative(pluginPath, file));
}
