import { join, relative } from 'node:path';
import { PLUGIN_STAGE_VARIABLE } from '../protocol/extension-host.js';

/** A file of a plugin, by the path that the core has laid to its folder: the file's own where it has laid none. */
export function staged(file: string, pluginPath: string): string {
  const stage = process.env[PLUGIN_STAGE_VARIABLE];
  return stage === undefined ? file : join(stage, relative(pluginPath, file));
}
