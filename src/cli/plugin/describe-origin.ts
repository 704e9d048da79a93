import type { PackageOrigin, Provenance } from '../../protocol/plugin-management.js';
import { dim, green, type Styled, styled, yellow } from '../terminal/styled.js';

/** Who has published a version of a package, how it was built, and what of that has been verified; a line for each. */
export function originReport(origin: PackageOrigin): Styled[] {
  const { package: name, registry, publisher, maintainers, provenance } = origin;
  const accounts = publisher ?? (maintainers.join(', ') || 'unknown');
  return [
    styled`  package    ${name} of ${registry}, published by ${accounts}`,
    ...(provenance === undefined
      ? [styled`  built from ${yellow('unknown: the registry has no provenance for it')}`]
      : provenanceReport(provenance)),
  ];
}

function provenanceReport(provenance: Provenance): Styled[] {
  const { repository, commit, builder, workflow, verified, reason } = provenance;
  const how = workflow === undefined ? '' : ` (${workflow})`;
  return [
    styled`  built from ${repository} at ${commit.slice(0, 12)}${how}`,
    styled`  built by   ${builder}`,
    verified
      ? styled`             ${green('verified')} ${dim('by Sigstore: a workflow of that repository has signed it, for these very files')}`
      : styled`             ${yellow('not verified')} ${dim(`(${reason ?? 'unknown'}): stated by the registry, for these very files`)}`,
  ];
}

/** The same on one line. */
export function provenanceSummary({ repository, commit, verified }: Provenance): Styled {
  const how = verified ? 'verified' : 'not verified, stated by the registry';
  return styled`built from ${repository} at ${commit.slice(0, 12)} (${how})`;
}
