import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../finding.js';
import type { Subject } from '../subject.js';

/** Stands in the README that `plugin new` writes, until its author has said what the plugin does. */
export const UNWRITTEN = 'Say here what the plugin does for a streamer';

/** Whether people are told what the plugin does and under which licence. */
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
      message: 'license: missing; expected one such as "MIT", without which nobody may use the plugin',
    });
  }
  return findings;
}
