import type { ErrorData } from '../errors.js';
import type { PartState } from '../lifecycle.js';

/**
 * What isolates a plugin's host from the rest of the machine: `strict` the operating system (bubblewrap), `standard` Node's
 * permission model, `none` nothing, as inside the core.
 */
export type IsolationTier = 'strict' | 'standard' | 'none';

/** A short text shown by a plugin. */
export interface PluginStatusItem {
  /** The plugin's id. */
  readonly plugin: string;
  /** The plugin's own name for it. */
  readonly id: string;
  /** A label for the streamer. */
  readonly name: string;
  /** One line without control characters. */
  readonly text: string;
}

/** A plugin's long-running task. */
export interface PluginProgress {
  /** Its number, for `bulkhead.cancelProgress`. */
  readonly id: number;
  /** The plugin's id. */
  readonly plugin: string;
  /** What it does. */
  readonly title: string;
  /** The current step. */
  readonly message?: string;
  /** Percentage done, 0 to 100, if the plugin knows it. */
  readonly percentage?: number;
  /** Whether `bulkhead.cancelProgress` can cancel it. */
  readonly cancellable: boolean;
  /** When it began, ms since 1970. */
  readonly atMs: number;
}

/** A plugin that has failed in a process that it shares. */
export interface FailedPlugin {
  /** Its id. */
  readonly plugin: string;
  /** Why it does not run. */
  readonly error: ErrorData;
}

/** A secret that a plugin declares, and nobody has entered. */
export interface MissingSecret {
  /** Id of the plugin. */
  readonly plugin: string;
  /** Its name. */
  readonly key: string;
}

/** A process that holds a plugin, or several that share one. */
export interface ExtensionHostStatus {
  /** Process id. */
  readonly pid: number;
  /** Ids of the plugins in it. */
  readonly plugins: readonly string[];
  /** Those that wait for an event that activates them. */
  readonly waiting?: readonly string[];
  /** Those of several that have failed; the others run. */
  readonly failed?: readonly FailedPlugin[];
  /** Secrets of theirs that are not set, if any: `bulkhead plugin secret set` does it. */
  readonly missingSecrets?: readonly MissingSecret[];
  /** Their status items, if any are shown. */
  readonly statusItems?: readonly PluginStatusItem[];
  /** How often it was restarted. */
  readonly restarts: number;
  /** State of the process. */
  readonly state: PartState;
  /** Whether it is a process of its own. */
  readonly isolated: boolean;
  /** What keeps it from the rest of this machine. */
  readonly tier?: IsolationTier;
  /** Path of the CPU profile of its last hang. */
  readonly profile?: string;
  /** Why its plugins do not run. */
  readonly error?: ErrorData;
}
