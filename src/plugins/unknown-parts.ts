import { formatPath } from '../config/config-path.js';
import { type ConfigIssue, describeIssue } from '../config/describe-issue.js';
import { nearest } from '../config/nearest.js';
import { API_PROPOSAL_NAMES } from '../protocol/api-proposals.js';
import { PERMISSIONS, scopedPermission } from '../protocol/permissions/permissions.js';
import { EVENTS } from './manifest.js';
import { manifestKeysAt } from './manifest-keys.js';

// A manifest may hold what only a newer Bulkhead, or another program, knows. That is left out with a warning, so that one
// plugin works with several versions of the API.

/** Lists whose entries may be unknown: what an entry is called, and those that are known. */
const LISTS = {
  permissions: { what: 'permission', known: Object.keys(PERMISSIONS), else: '' },
  optionalPermissions: { what: 'permission', known: Object.keys(PERMISSIONS), else: '' },
  activationEvents: { what: 'event', known: EVENTS, else: '' },
  enabledApiProposals: {
    what: 'proposed API',
    known: API_PROPOSAL_NAMES,
    else: ', which has become part of the API, has been dropped, or is newer',
  },
} as const;
type List = keyof typeof LISTS;

/** What begins so is known, however it goes on. */
const KNOWN_KIND = /^on(Command|Configuration|Event):/;

const isList = (key: unknown): key is List => typeof key === 'string' && Object.hasOwn(LISTS, key);

/** Whether the issue is only that something is unknown here; something known may still be wrong. */
export function isUnknown(issue: ConfigIssue): boolean {
  if (issue.code === 'unrecognized_keys') return true;
  const [list, index] = issue.path;
  if (issue.path.length !== 2 || !isList(list) || typeof index !== 'number') return false;
  if (typeof issue.input !== 'string' || KNOWN_KIND.test(issue.input)) return false;
  if (scopedPermission(issue.input) !== undefined) return false;
  return issue.code === 'invalid_value' || issue.code === 'custom';
}

/** A line for each unknown part in an issue. */
export function describeUnknown(issue: ConfigIssue, packageJson: unknown): string[] {
  if (issue.code === 'unrecognized_keys') {
    return describeIssue(issue, (path) => manifestKeysAt(path, packageJson)).map(
      (line) => `${line.replace(/(; (expected one of|no key is expected) .*)?$/s, '')}; it is ignored`,
    );
  }
  const { what, known, else: otherwise } = LISTS[issue.path[0] as List];
  const given = String(issue.input).slice(0, 100);
  const meant = nearest(given, known);
  const hint = meant === undefined ? otherwise : `; did you mean "${meant}"?`;
  return [
    `${formatPath(issue.path as (string | number)[])}: unknown ${what} "${given}"${hint}; it is ignored`,
  ];
}

/** A copy of the manifest without the unknown parts. */
export function withoutUnknown(packageJson: unknown, issues: readonly ConfigIssue[]): unknown {
  const copy = structuredClone(packageJson) as Record<string, unknown>;
  const unknown = new Map<List, Set<unknown>>();
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      const holder = issue.path.reduce<unknown>(
        (value, part) => (value as Record<PropertyKey, unknown>)[part],
        copy,
      );
      for (const key of issue.keys) delete (holder as Record<string, unknown>)[key];
    } else {
      const [list, index] = issue.path as [List, number];
      unknown.set(list, (unknown.get(list) ?? new Set()).add(index));
    }
  }
  for (const [list, indices] of unknown) {
    copy[list] = (copy[list] as unknown[]).filter((_, index) => !indices.has(index));
  }
  return copy;
}
