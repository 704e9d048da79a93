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
