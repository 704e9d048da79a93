import { formatPath } from '../config/config-path.js';
import { type ConfigIssue, describeIssue } from '../config/describe-issue.js';
import { manifestKeysAt } from './manifest-keys.js';

/** Expectations for fields where the type alone does not help. */
const EXPECTED: Readonly<Record<string, string>> = {
  name: "the package's name",
  version: 'a version such as "1.0.0"',
  main: 'the module that exports activate, such as "dist/extension.js"',
  engines: 'an object such as { "bulkhead": "^1.0.0" }',
  'engines.bulkhead': 'the versions of extension-api that it works with, such as "^1.0.0"',
};

/** Describes what is wrong in a `package.json` and what is expected: one line per error in the issue. */
export function describeManifestIssue(issue: ConfigIssue, packageJson: unknown): string[] {
  const at = formatPath(issue.path.filter((part) => typeof part !== 'symbol'));
  const expected = EXPECTED[at];
  if (issue.code === 'invalid_type' && expected !== undefined) {
    if (issue.input === undefined) return [`${at}: missing; expected ${expected}`];
    return [`${at}: expected ${expected}, got ${JSON.stringify(issue.input).slice(0, 60)}`];
  }
  if (issue.message.includes(', got ')) return [`${at}: ${issue.message}`];
  return describeIssue(issue, (path) => manifestKeysAt(path, packageJson));
}
