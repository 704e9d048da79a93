import { type LoadedConfig, loadConfig } from '../config/load-config.js';
import { findKeyWarning } from '../config/platform-checks.js';
import type { BroadcastConfig } from '../config/schema.js';
import { withAskedSecrets } from './ask-secrets.js';
import type { CliContext } from './cli-context.js';
import type { ConfigOptions } from './options.js';

/**
 * Loads the broadcast's configuration from the file and the flags, and validates it as far as possible without a core;
 * prints warnings.
 *
 * @throws ConfigError with every error.
 */
export async function loadBroadcast(
  file: string | undefined,
  options: ConfigOptions,
  context: CliContext,
): Promise<BroadcastConfig> {
  const { cwd, env, stderr } = context;
  const loaded = await readBroadcast(file, options, cwd);
  for (const { where, message } of loaded.warnings) stderr.line(`${where}: warning: ${message}`);
  for (const [index, { platform, key = '' }] of loaded.config.outputs.entries()) {
    const [, name] = /^env:(.+)$/s.exec(key) ?? [];
    const warning = name === undefined ? undefined : findKeyWarning({ platform, key: env[name] });
    if (warning !== undefined) stderr.line(`${loaded.where(['outputs', index, 'key'])}: warning: ${warning}`);
  }
  return withAskedSecrets(loaded.config, context.askHidden);
}

/** The same without printing. @throws ConfigError with every error. */
export async function readBroadcast(
  file: string | undefined,
  { input, output: outputs, plugins, once }: ConfigOptions,
  cwd: string,
): Promise<LoadedConfig> {
  const loaded = loadConfig(file, { input, outputs, plugins, once }, cwd);
  if (Object.keys(loaded.config.pluginSettings).length === 0) return loaded;
  const { checkPluginSettings } = await import('./check-plugin-settings.js');
  const warnings = checkPluginSettings(loaded);
  return { ...loaded, warnings: [...loaded.warnings, ...warnings] };
}
