import type { Finding } from '../../plugin-tools/finding.js';
import type { Colors } from '../colors.js';

/** `✗ dist/extension.cjs:12: what is wrong`, and on a line of its own what to do. */
export function formatFinding({ severity, file, line, message, remedy }: Finding, colors: Colors): string {
  const mark = severity === 'warning' ? colors.yellow('!') : colors.red('✗');
  const place = colors.bold(line === undefined ? file : `${file}:${line}`);
  return `${mark} ${place}: ${message}\n${remedy === undefined ? '' : `  → ${remedy}\n`}`;
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
