import { checkValue } from '../base/check-value.js';
import { describeManifestIssue } from './describe-manifest-issue.js';
import { type Manifest, ManifestSchema } from './manifest.js';
import { describeUnknown, isUnknown, withoutUnknown } from './unknown-parts.js';

/** Most mistakes, and most warnings, of one manifest. */
const MOST = 20;

/** A manifest, or what is wrong in it. */
export type ParsedManifest = {
  /** What it holds that is unknown here and ignored, a line for each. */
  readonly warnings: readonly string[];
} & (
  | { readonly manifest: Manifest; readonly mistakes: readonly [] }
  /** A line for each, with its place and what is expected. */
  | { readonly manifest: undefined; readonly mistakes: readonly string[] }
);

/** Checks a parsed `package.json`. */
export function parseManifest(packageJson: unknown): ParsedManifest {
  const first = checkValue(ManifestSchema, packageJson, { reportInput: true });
  const issues = first.error?.issues ?? [];
  const unknown = issues.filter(isUnknown);
  const warnings = atMost(unknown.flatMap((issue) => describeUnknown(issue, packageJson)));
  const refusal = (wrong: typeof issues) => {
    const lines = wrong.slice(0, MOST + 1).flatMap((issue) => describeManifestIssue(issue, packageJson));
    return { manifest: undefined, mistakes: atMost(lines), warnings };
  };
  if (issues.length > unknown.length) return refusal(issues.filter((issue) => !isUnknown(issue)));
  const known =
    unknown.length === 0
      ? first
      : checkValue(ManifestSchema, withoutUnknown(packageJson, unknown), { reportInput: true });
  if (!known.success) return refusal(known.error.issues);
  return { manifest: known.data, mistakes: [], warnings };
}

function atMost(lines: readonly string[]): readonly string[] {
  return lines.length <= MOST ? lines : [...lines.slice(0, MOST), 'and more like these'];
}
