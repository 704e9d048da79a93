import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { checkSource, sourceOf } from '../../plugins/library/package-source.js';
import { type Permission, STORAGE_MB } from '../../plugins/manifest.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { PluginInfo, StoredData } from '../../protocol/plugin-management.js';
import type { CliContext } from '../cli-context.js';
import { styled } from '../terminal/styled.js';
import { describePermission } from './describe-plugin.js';

/**
 * What the streamer grants a plugin, and that it may store as much as it asks for. What has been asked for before stays as it is; only what is new is asked for.
 *
 * @param before The version that is installed.
 * @param yes Grants what is new without asking.
 * @throws `permission.denied` when the streamer does not want it, or nobody is there to be asked.
 */
export async function grantedTo(
  { id, version, permissions, storageMb }: InstalledPlugin,
  before: PluginInfo | undefined,
  yes: boolean,
  { ask, stderr }: Pick<CliContext, 'ask' | 'stderr'>,
): Promise<readonly Permission[]> {
  const added = permissions.filter((permission) => before?.asked.includes(permission) !== true);
  const kept = permissions.filter((permission) => before?.granted.includes(permission) === true);
  const list = added.map((permission) => `${describePermission(permission)} (${permission})`);
  if (storageMb > Math.max(STORAGE_MB, before?.storageMb ?? 0))
    list.push(`store up to ${storageMb} MB on this computer`);
  if (list.length === 0 || yes) return [...kept, ...added];
  if (ask === undefined) {
    throw new BulkheadError(
      ErrorCodes.permissionDenied,
      `"${id}" ${version} requests permission to ${list.join(', to ')}`,
      { where: id, remedy: 'Give --yes to grant it.' },
    );
  }
  stderr.line(styled`"${id}" ${version} may then:`, ...list.map((line) => styled`  ${line}`));
  const answer = await ask(before === undefined ? 'Install it? [y/N] ' : 'Update it? [y/N] ');
  if (isYes(answer)) return [...kept, ...added];
  throw new BulkheadError(ErrorCodes.permissionDenied, `"${id}" ${version} was not installed`, {
    where: id,
  });
}

/**
 * What becomes of what a plugin has stored when one from another source takes its place, or its name.
 *
 * @param given What the command says already.
 * @throws `plugin.otherSource` when nobody is there to be asked; `permission.denied` when the streamer wants neither.
 */
export async function consentToSource(
  id: string,
  from: string,
  to: string,
  given: StoredData | undefined,
  { ask, stderr }: Pick<CliContext, 'ask' | 'stderr'>,
): Promise<StoredData> {
  if (given !== undefined) return given;
  if (ask === undefined) checkSource(id, { id, spec: from }, to);
  stderr.line(
    styled`"${id}" was installed from ${sourceOf(from)} before.`,
    styled`This one is from ${sourceOf(to)}; anyone can give a plugin that name.`,
    styled`What the other one has stored, including passwords and keys, can be kept for it or deleted.`,
  );
  const answer = (await ask?.('Install it, and keep or delete what is stored? [keep/delete/N] ')) ?? '';
  if (/^\s*k(eep)?\s*$/i.test(answer)) return 'keep';
  if (/^\s*d(elete)?\s*$/i.test(answer)) return 'fresh';
  throw new BulkheadError(ErrorCodes.permissionDenied, `"${id}" was not installed`, { where: id });
}

/** Whether the answer to a question that ends in `[y/N]` is a yes. */
export function isYes(answer: string | undefined): boolean {
  return /^\s*y(es)?\s*$/i.test(answer ?? '');
}
