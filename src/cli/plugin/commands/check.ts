import { resolve } from 'node:path';
import type { Finding } from '../../../plugin-tools/finding.js';
import { inspectPlugin } from '../../../plugin-tools/inspect-plugin.js';
import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { CliContext } from '../../cli-context.js';
import { colorsFor } from '../../colors.js';
import type { JsonOptions } from '../../options.js';
import { countFindings, formatFinding } from '../format-finding.js';

/** `bulkhead plugin check`. What is only unfinished is a warning here. */
export async function check(
  folder: string,
  options: JsonOptions,
  { stdout, env, cwd }: CliContext,
): Promise<number> {
  const { plugin, files, findings: found } = await inspectPlugin(resolve(cwd, folder));
  const findings = found.map(
    (finding): Finding => (finding.severity === 'unfinished' ? { ...finding, severity: 'warning' } : finding),
  );
  const ok = findings.every(({ severity }) => severity !== 'error');
  if (options.json === true) {
    const about = plugin && { id: plugin.id, version: plugin.version, permissions: plugin.permissions };
    stdout.write(`${JSON.stringify({ ok, plugin: about, files, findings }, null, 2)}\n`);
  } else {
    const colors = colorsFor(stdout, env);
    for (const finding of findings) stdout.write(formatFinding(finding, colors));
    const count = countFindings(findings);
    const name = plugin === undefined ? 'The plugin' : `${plugin.id} ${plugin.version}`;
    if (ok) stdout.write(`${colors.green('✓')} ${name} is right${count === '' ? '' : ` (${count})`}\n`);
    else stdout.write(`\n${name} is not right: ${count}\n`);
  }
  return ok ? ExitCodes.ok : ExitCodes.badSettings;
}
