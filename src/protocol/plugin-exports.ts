/** What a plugin may export. */
export const EXPORT_LIMITS = {
  functions: 200,
  /** Nesting of objects and lists. */
  depth: 10,
  nameLength: 100,
  /** All plain values as JSON, characters. */
  characters: 64 * 1024,
} as const;

/** What `activate` of a plugin has returned: it goes to other processes, where functions become calls. */
export interface PluginExports {
  /** All of it but the functions, which are left out of objects, and are null in lists. */
  readonly value?: unknown;
  /** Where the functions are: the names that lead to each, none if it is one itself. */
  readonly functions: readonly (readonly string[])[];
}

/** How a function is called in messages: `exports.api.say`. */
export function exportName(path: readonly string[]): string {
  return ['exports', ...path].join('.');
}
