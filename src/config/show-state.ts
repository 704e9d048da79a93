import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { DEFAULT_SHOW } from '../protocol/outputs.js';

function dataFolder(): string {
  return join(envPaths('bulkhead', { suffix: '' }).data, 'shows');
}

function nameOf(identity: string): string {
  return createHash('sha256').update(identity).digest('hex').slice(0, 24);
}

/** The show that a configuration file stands for: its real path, or `default` without one. */
export function showOf(configFile: string | undefined, folder: string): string {
  return configFile === undefined ? DEFAULT_SHOW : realpathSync(resolve(folder, configFile));
}

/**
 * Where what is changed on air is kept for a show, for its user alone.
 *
 * @param address the control address: it distinguishes broadcasts without a configuration file
 */
export function showStateFile(show: string, address: string): string {
  return join(dataFolder(), `${nameOf(show === DEFAULT_SHOW ? `${show} ${address}` : show)}.json`);
}

/** Where a key is kept that `--save` must not write into the configuration file. */
export function savedKeyFile(show: string, output: string): string {
  return join(dataFolder(), 'keys', `${nameOf(show)}-${output}.key`);
}
