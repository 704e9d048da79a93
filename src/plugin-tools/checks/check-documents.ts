import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../finding.js';
import type { Subject } from '../subject.js';

/** Placeholder in the README of `plugin new`, to be replaced by its author. */
export const UNWRITTEN = 'Say here what the plugin does for a streamer';

/** Checks that a README and a licence are present. */
export function checkDocuments({ folder, packageJson, files }: Subject): Finding[] {
  const findings: Finding[] = [];
  const find = (pattern: RegExp) => files.find(({ path }) => pattern.test(path))?.path;
  const readme = find(/^readme(\.[^/]*)?$/i);
  if (readme === undefined) {
    findings.push({
      severity: 'warning',
      rule: 'readme',
      file: 'README.md',
      message: 'missing; it should say what the plugin does',
    });
  } else if (readFileSync(join(folder, readme), 'utf8').includes(UNWRITTEN)) {
    findings.push({
      severity: 'unfinished',
      rule: 'readme',
      file: readme,
      message: `still says "${UNWRITTEN}"`,
      remedy: 'Say it there.',
    });
  }
  const { license, description } = packageJson;
  if (typeof description !== 'string' || description.trim() === '') {
    findings.push({
      severity: 'warning',
      rule: 'readme',
      file: 'package.json',
      message: 'description: missing; expected one sentence on what the plugin does',
    });
  }
  if (typeof license !== 'string' && find(/^licen[cs]e(\.[^/]*)?$/i) === undefined) {
    findings.push({
      severity: 'warning',
      rule: 'license',
      file: 'package.json',
      message: 'license: missing; expected one such as "MIT", without which no one may use the plugin',
    });
  }
  return findings;
}
