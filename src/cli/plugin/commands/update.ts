import semver from 'semver';
import { parsePackageSpec } from '../../../plugins/library/package-spec.js';
import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { PluginInfo, PluginManagement, StoredData } from '../../../protocol/plugin-management.js';
import type { CliContext } from '../../cli-context.js';
import type { AddressOptions, JsonOptions } from '../../options.js';
import { reportFailure } from '../../report-failure.js';
import { styled } from '../../terminal/styled.js';
import { printChange } from '../describe-plugin.js';
import { findInstalled, installPackage } from '../install-package.js';
import { withPlugins } from '../with-plugins.js';

type UpdateOptions = AddressOptions & JsonOptions & { readonly yes?: boolean; readonly data?: StoredData };

/** `bulkhead plugin update`: updates one plugin, from its source or from the given one; or all plugins. */
export async function update(
  idOrSpec: string | undefined,
  options: UpdateOptions,
  context: CliContext,
): Promise<number> {
  return withPlugins(options.address, context.stderr, async (plugins) => {
    const { plugins: known } = await plugins.list();
    if (idOrSpec === undefined) return updateAll(known, plugins, options, context);
    await updateFrom(findInstalled(known, idOrSpec)?.spec ?? idOrSpec, plugins, options, context);
    return ExitCodes.ok;
  });
}

/** A failed update does not prevent the others. */
async function updateAll(
  known: readonly PluginInfo[],
  plugins: PluginManagement,
  options: UpdateOptions,
  context: CliContext,
): Promise<number> {
  let exitCode: number = ExitCodes.ok;
  for (const { spec } of known) {
    if (spec === undefined) continue;
    try {
      await updateFrom(spec, plugins, options, context);
    } catch (error) {
      exitCode = reportFailure(error, context.stderr);
    }
  }
  return exitCode;
}

async function updateFrom(
  spec: string,
  plugins: PluginManagement,
  options: UpdateOptions,
  context: CliContext,
): Promise<void> {
  const changed = await installPackage(
    parsePackageSpec(spec, context.cwd),
    plugins,
    { yes: options.yes === true, update: true, data: options.data },
    context,
  );
  const { plugin, before, unchanged } = changed;
  if (unchanged !== true) {
    const isOlder = before !== undefined && semver.lt(plugin.version, before);
    printChange(isOlder ? `downgraded from ${before}:` : 'updated', changed, options, context);
  } else if (options.json === true) context.stdout.json(changed);
  else context.stdout.line(styled`${plugin.id} ${plugin.version} is up to date: nothing has changed`);
}
