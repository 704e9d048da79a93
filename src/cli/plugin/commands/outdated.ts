import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { PluginInfo } from '../../../protocol/plugin-management.js';
import type { CliContext } from '../../cli-context.js';
import type { AddressOptions, JsonOptions } from '../../options.js';
import { reportFailure } from '../../report-failure.js';
import { bold, green, type Styled, styled, yellow } from '../../terminal/styled.js';
import { provenanceSummary } from '../describe-origin.js';
import { findOutdated, type OutdatedPlugin } from '../find-outdated.js';
import { openOnce } from '../install-package.js';
import { withPlugins } from '../with-plugins.js';

/** `bulkhead plugin outdated`: of the plugins from npm, those with another version. One that fails does not hide the others. */
export async function outdated(options: AddressOptions & JsonOptions, context: CliContext): Promise<number> {
  const { stdout, stderr } = context;
  const { plugins } = await withPlugins(options.address, stderr, (all) => all.list());
  const found: OutdatedPlugin[] = [];
  let exitCode: number = ExitCodes.ok;
  const registry = openOnce();
  for (const plugin of plugins.filter(isFromNpm)) {
    try {
      const one = await findOutdated(plugin, await registry());
      if (one !== undefined) found.push(one);
    } catch (error) {
      exitCode = reportFailure(error, stderr);
    }
  }
  if (options.json === true) stdout.json(found, 2);
  else if (found.length > 0) stdout.line(...found.flatMap(report));
  else if (exitCode === ExitCodes.ok) stdout.line('All plugins from npm are up to date.');
  return exitCode;
}

function isFromNpm(plugin: PluginInfo): plugin is PluginInfo & Required<Pick<PluginInfo, 'spec' | 'origin'>> {
  return plugin.source === 'library' && plugin.spec !== undefined && plugin.origin !== undefined;
}

function report({ id, installed, wanted, latest, channel, provenance, notes }: OutdatedPlugin): Styled[] {
  const target = wanted === installed ? wanted : green(wanted);
  return [
    styled`${bold(id)}  installed ${installed}  wanted ${target}  latest ${latest ?? 'unknown'}${channel === 'latest' ? '' : `  channel ${channel}`}`,
    ...(provenance === undefined ? [] : [styled`  ${wanted} was ${provenanceSummary(provenance)}`]),
    ...notes.map((note) => yellow(`  ${note}`)),
  ];
}
