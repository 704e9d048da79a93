import semver from 'semver';
import * as z from 'zod';
import { API_VERSION } from '../../protocol/extension-host.js';

/** What Bulkhead reads of a plugin's `package.json`. Other keys are npm's, or other tools', and may be anything. */
export const ManifestSchema = z.looseObject({
  name: z
    .string()
    .max(214, 'expected at most 214 characters')
    .regex(
      /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/,
      'expected a package name: lower case letters, digits, "-", "." and "_"',
    ),
  publisher: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]*$/, 'expected letters, digits and "-"')
    .optional(),
  version: z
    .string()
    .refine((version) => semver.valid(version) !== null, 'expected a version such as "1.0.0"'),
  displayName: z.string().min(1, 'expected text').max(100, 'expected at most 100 characters').optional(),
  main: z
    .string()
    .min(1, 'expected a path')
    .describe('The module that exports activate, as a path in the folder, such as "dist/extension.js".'),
  engines: z.looseObject({
    bulkhead: z.string().superRefine((range, context) => {
      const message = engineProblem(range);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    }),
  }),
});

export type Manifest = z.output<typeof ManifestSchema>;

/**
 * Why a plugin with this `engines.bulkhead` cannot run here; undefined when it can. A range must stay within one major
 * version, since the next one may break what the plugin relies on.
 *
 * @param apiVersion The version of the API to run on; a pre-release counts as the release that it leads to.
 */
export function engineProblem(range: string, apiVersion: string = API_VERSION): string | undefined {
  const { major, minor, patch } = new semver.SemVer(apiVersion);
  const release = `${major}.${minor}.${patch}`;
  const example = `such as "^${major}.0.0", got "${range}"`;
  const lowest = range.trim() === '' || semver.validRange(range) === null ? null : semver.minVersion(range);
  if (lowest === null) return `expected a range of versions, ${example}`;
  if (semver.intersects(range, `>=${lowest.major + 1}.0.0`)) {
    return `expected a range within one major version, ${example}`;
  }
  if (semver.satisfies(release, range)) return undefined;
  return semver.gtr(release, range)
    ? `expected a range that holds ${release}, ${example}; the plugin is made for an older Bulkhead`
    : `expected a range that holds ${release}, ${example}; the plugin needs a newer Bulkhead`;
}
