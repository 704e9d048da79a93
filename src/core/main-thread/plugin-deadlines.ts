import type { InstalledPlugin } from '../../plugins/installed-plugin.js';

export const PluginDeadlines = Symbol('PluginDeadlines');

/** Deadlines of calls to plugins, ms. */
export interface PluginDeadlines {
  /** For loading the module and for `activate`. */
  readonly activateMs: number;
  readonly deactivateMs: number;
  /** For one run of a command. */
  readonly commandMs: number;
}

export const DEFAULT_PLUGIN_DEADLINES: PluginDeadlines = {
  activateMs: 10_000,
  deactivateMs: 5000,
  commandMs: 30_000,
};

/** As good as none, and short enough for timers, ms: a week. */
const NO_DEADLINE_MS = 7 * 24 * 60 * 60 * 1000;

/** The deadline of a call to one of these plugins, ms: none while they are debugged, since they may stand at a breakpoint. */
export function deadlineFor(
  plugins: readonly Pick<InstalledPlugin, 'inspector'>[],
  deadlineMs: number,
): number {
  return isDebugged(plugins) ? NO_DEADLINE_MS : deadlineMs;
}

/** Whether a debugger may stop the process of these plugins. */
export function isDebugged(plugins: readonly Pick<InstalledPlugin, 'inspector'>[]): boolean {
  return plugins.some(({ inspector }) => inspector !== undefined);
}
