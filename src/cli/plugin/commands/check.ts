import { resolve } from 'node:path';
import type { Finding } from '../../../plugin-tools/plugin-tools.js';
import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { CliContext } from '../../cli-context.js';
import type { JsonOptions } from '../../options.js';
import { green, styled } from '../../terminal/styled.js';
import { withPluginTools } from '../author-tools.js';
import { countFindings, findingLines } from '../format-finding.js';

/** `bulkhead plugin check`. Findings of severity `unfinished` count as warnings here. */
export async function check(
  folder: string,
  options: JsonOptions,
  { stdout, cwd }: CliContext,
): Promise<number> {
  const path = resolve(cwd, folder);
  const {
    plugin,
    files,
    findings: found,
  } = await withPluginTools(path, (tools) => tools.inspectPlugin(path));
  const findings = found.map(
    (finding): Finding => (finding.severity === 'unfinished' ? { ...finding, severity: 'warning' } : finding),
  );
  const ok = findings.every(({ severity }) => severity !== 'error');
  if (options.json === true) {
    const about = plugin && { id: plugin.id, version: plugin.version, permissions: plugin.permissions };
    stdout.json({ ok, plugin: about, files, findings }, 2);
  } else {
    for (const finding of findings) stdout.line(...findingLines(finding));
    const count = countFindings(findings);
    const name = plugin === undefined ? 'The plugin' : `${plugin.id} ${plugin.version}`;
    if (ok) stdout.line(styled`${green('✓')} ${name} passed${count === '' ? '' : ` (${count})`}`);
    else stdout.line('', styled`${name} failed: ${count}`);
  }
  return ok ? ExitCodes.ok : ExitCodes.badSettings;
}
