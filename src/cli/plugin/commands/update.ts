import semver from 'semver';
import { onChannel, parsePackageSpec } from '../../../plugins/library/package-spec.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { PluginInfo, PluginManagement } from '../../../protocol/plugin-management.js';
import type { CliContext } from '../../cli-context.js';
import { reportFailure } from '../../report-failure.js';
import { styled } from '../../terminal/styled.js';
import { printChange, printStart } from '../describe-plugin.js';
import { findInstalled, installPackage, openOnce } from '../install-package.js';
import { withPlugins } from '../with-plugins.js';
import type { InstallFlags } from './install.js';

interface UpdateFlags extends InstallFlags {
  readonly all?: boolean;
}

/** `bulkhead plugin update`: updates one plugin, from its source or from the given one; or all plugins. */
export async function update(
  idOrSpec: string | undefined,
  options: UpdateFlags,
  context: CliContext,
): Promise<number> {
  checkFlags(idOrSpec, options);
  return withPlugins(options.address, context.stderr, async (plugins) => {
    const { plugins: known } = await plugins.list();
    if (idOrSpec === undefined) return updateAll(known, plugins, options, context);
    await updateFrom(findInstalled(known, idOrSpec)?.spec ?? idOrSpec, 'named', plugins, options, context);
    return ExitCodes.ok;
  });
}

/** @throws `config.invalid` for what is only meant for one plugin. */
function checkFlags(idOrSpec: string | undefined, { all, channel, acceptChangedSource }: UpdateFlags): void {
  const refuse = (message: string) => {
    throw new BulkheadError(ErrorCodes.configInvalid, message, {
      remedy: 'See "bulkhead plugin update --help".',
    });
  };
  if (idOrSpec !== undefined && all === true) refuse('expected the id of a plugin or --all, got both');
  if (idOrSpec === undefined && channel !== undefined) refuse('--channel is for one plugin: give its id');
  if (idOrSpec === undefined && acceptChangedSource === true) {
    refuse('--accept-changed-source is for one plugin, whose author you have asked: give its id');
  }
}

/** A failed update does not prevent the others. */
async function updateAll(
  known: readonly PluginInfo[],
  plugins: PluginManagement,
  options: InstallFlags,
  context: CliContext,
): Promise<number> {
  let exitCode: number = ExitCodes.ok;
  const registry = openOnce();
  for (const { spec } of known) {
    if (spec === undefined) continue;
    try {
      await updateFrom(spec, 'all', plugins, options, context, registry);
    } catch (error) {
      exitCode = reportFailure(error, context.stderr);
    }
  }
  return exitCode;
}

async function updateFrom(
  text: string,
  how: 'named' | 'all',
  plugins: PluginManagement,
  options: InstallFlags,
  context: CliContext,
  registry = openOnce(),
): Promise<void> {
  const { yes, data, channel, acceptChangedSource, json } = options;
  const given = parsePackageSpec(text, context.cwd);
  const changed = await installPackage(
    channel === undefined ? given : onChannel(given, channel),
    plugins,
    {
      yes: yes === true,
      update: how,
      data,
      acceptChangedSource,
      onDependency: (dependency) => void printStart('installed', dependency, options, context),
    },
    context,
    registry,
  );
  const { plugin, before, unchanged } = changed;
  if (unchanged !== true) {
    const isOlder = before !== undefined && semver.lt(plugin.version, before);
    printChange(isOlder ? `downgraded from ${before}:` : 'updated', changed, options, context);
  } else if (json === true) context.stdout.json(changed);
  else context.stdout.line(styled`${plugin.id} ${plugin.version} is up to date: ${whyUnchanged(plugin)}`);
}

function whyUnchanged({ id, leftVersion }: PluginInfo): string {
  return leftVersion === undefined
    ? 'nothing has changed'
    : `${leftVersion} was rolled back, and there is nothing newer; "bulkhead plugin update ${id}" installs it again`;
}
