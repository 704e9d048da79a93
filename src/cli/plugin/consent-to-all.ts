import type { StagedPackage } from '../../plugins/library/stage-package.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { Permission } from '../../protocol/permissions/permissions.js';
import type { PluginInfo } from '../../protocol/plugin-management.js';
import type { CliContext } from '../cli-context.js';
import { styled } from '../terminal/styled.js';
import { type GrantOptions, grantedTo, isYes } from './consent.js';

/** A package that is to be installed. */
export interface ConsentRequest {
  readonly staged: StagedPackage;
  /** The installed version whose grants are kept. */
  readonly before: PluginInfo | undefined;
}

/**
 * What the streamer grants a plugin and those that it depends on, asked once for all.
 *
 * @param requests The plugin is the last one.
 * @param how As for one plugin: {@link grantedTo}.
 * @returns The grants of each.
 * @throws `permission.denied` if the streamer refuses, or if there is no terminal to ask on.
 */
export async function grantedToAll(
  requests: readonly ConsentRequest[],
  how: GrantOptions,
  context: Pick<CliContext, 'ask' | 'stderr'>,
): Promise<readonly (readonly Permission[])[]> {
  const { ask, stderr } = context;
  const dependencies = requests.slice(0, -1).map(({ staged }) => staged);
  const [last] = requests.slice(-1);
  if (last === undefined) return [];
  const { id, version } = last.staged.plugin;
  if (dependencies.length === 0) return [await grantedTo(last.staged.plugin, last.before, how, context)];
  stderr.line(
    styled`"${id}" ${version} needs ${dependencies.length === 1 ? 'a plugin that is' : 'plugins that are'} not installed:`,
    ...dependencies.map(
      ({ plugin, origin }) =>
        styled`  "${plugin.id}" ${plugin.version}, the package ${origin?.package ?? plugin.id} of ${origin?.registry ?? 'npm'}`,
    ),
  );
  const granted: (readonly Permission[])[] = [];
  for (const { staged, before } of requests) {
    // It prints what it asks for; the answer is one for all.
    granted.push(await grantedTo(staged.plugin, before, how, { stderr, ask: async () => 'yes' }));
  }
  if (how.yes) return granted;
  if (ask === undefined) {
    const names = dependencies.map(({ plugin }) => `"${plugin.id}"`).join(', ');
    throw new BulkheadError(
      ErrorCodes.permissionDenied,
      `"${id}" ${version} needs ${names} to be installed as well`,
      {
        where: id,
        remedy: 'Give --yes to install all of them with what they ask for.',
      },
    );
  }
  if (isYes(await ask(`Install all ${requests.length}? [y/N] `))) return granted;
  throw new BulkheadError(
    ErrorCodes.permissionDenied,
    `"${id}" ${version} was not installed, nor what it needs`,
    {
      where: id,
    },
  );
}
