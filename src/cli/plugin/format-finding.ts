import type { Finding } from '../../plugin-tools/plugin-tools.js';
import { bold, red, type Styled, styled, yellow } from '../terminal/styled.js';

/** `✗ dist/extension.cjs:12: what is wrong`, and on a separate line what to do. */
export function findingLines({ severity, file, line, message, remedy }: Finding): Styled[] {
  const mark = severity === 'warning' ? yellow('!') : red('✗');
  const place = bold(line === undefined ? file : `${file}:${line}`);
  return [styled`${mark} ${place}: ${message}`, ...(remedy === undefined ? [] : [styled`  → ${remedy}`])];
}

/** `1 error, 2 warnings`. */
export function countFindings(findings: readonly Finding[]): string {
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  const errors = findings.length - warnings;
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  return [
    ...(errors > 0 ? [count(errors, 'error')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ].join(', ');
}
