/**
 * Severity of a finding.
 *
 * - `error`: the plugin would not run, or contains what must not leave the author's computer.
 * - `unfinished`: it runs, but is not ready for others yet. `pack` refuses it, `check` passes it.
 * - `warning`: probably a mistake.
 */
export type Severity = 'error' | 'unfinished' | 'warning';

/** The kind of a finding, for scripts. */
export type Rule =
  | 'manifest'
  | 'commands'
  | 'settings'
  | 'status-items'
  | 'events'
  | 'extensions'
  | 'conditions'
  | 'localization'
  | 'api-version'
  | 'syntax'
  | 'imports'
  | 'isolation'
  | 'permissions'
  | 'files'
  | 'dependencies'
  | 'secrets'
  | 'readme'
  | 'license';

/** Something in a plugin that its author should know. */
export interface Finding {
  readonly severity: Severity;
  readonly rule: Rule;
  /** Path in the plugin's folder, with `/`. */
  readonly file: string;
  /** Counted from 1. */
  readonly line?: number | undefined;
  /** What was found, and what is expected. */
  readonly message: string;
  /** What to do. */
  readonly remedy?: string | undefined;
}

/** All but `severity` and `rule`, which are the same for most findings of a check. */
export type FindingDetails = Omit<Finding, 'severity' | 'rule'>;
