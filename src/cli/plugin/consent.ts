import semver from 'semver';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { checkSource, sourceOf } from '../../plugins/library/package-source.js';
import { STORAGE_MB } from '../../plugins/manifest.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  describePermission,
  grantedOf,
  isCovered,
  isPermission,
  type Permission,
  scopesOf,
} from '../../protocol/permissions/permissions.js';
import type { PluginInfo, StoredData } from '../../protocol/plugin-management.js';
import type { CliContext } from '../cli-context.js';
import { styled } from '../terminal/styled.js';

const NOT_ENFORCED =
  'On this computer only its own process checks which hosts it connects to: code that looks for a way around it reaches others.';

export interface GrantOptions {
  /** Grants what is new without asking. */
  readonly yes: boolean;
  /** As in `PluginList`. */
  readonly enforcesScopes: boolean;
}

/**
 * The permissions and storage limit that the streamer grants a plugin. Earlier grants are kept; the streamer is asked only for
 * what is new.
 *
 * @param before The installed version.
 * @throws `permission.denied` if the streamer refuses, or if there is no terminal to ask on.
 */
export async function grantedTo(
  { id, version, permissions, optionalPermissions, storageMb }: InstalledPlugin,
  before: PluginInfo | undefined,
  { yes, enforcesScopes }: GrantOptions,
  { ask, stderr }: Pick<CliContext, 'ask' | 'stderr'>,
): Promise<readonly Permission[]> {
  const agreed = [...(before?.asked ?? []), ...(before?.granted ?? [])].filter(isPermission);
  const added = permissions.filter((permission) => !isCovered(permission, agreed));
  const kept = grantedOf(
    [...permissions, ...optionalPermissions],
    before?.granted.filter(isPermission) ?? [],
  );
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
  const later = optionalPermissions.map((one) => styled`  ${describePermission(one)} (${one})`);
  if (later.length > 0) stderr.line('It may ask you later, to:', ...later);
  const namesHosts = scopesOf([...added, ...optionalPermissions], 'network').length > 0;
  if (namesHosts && !enforcesScopes) stderr.line(NOT_ENFORCED);
  const answer = await ask(before === undefined ? 'Install it? [y/N] ' : 'Update it? [y/N] ');
  if (isYes(answer)) return [...kept, ...added];
  throw new BulkheadError(ErrorCodes.permissionDenied, `"${id}" ${version} was not installed`, {
    where: id,
  });
}

/**
 * What to do with a plugin's stored data when one from another source replaces it, or takes its name.
 *
 * @param given The decision, if it was given on the command line.
 * @throws `plugin.otherSource` if there is no terminal to ask on; `permission.denied` if the streamer wants neither.
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

/**
 * Says that the version is older than the installed one, and asks whether it is meant.
 *
 * @param yes Installs it without asking.
 * @throws `permission.denied` if it is not, or if there is no terminal to ask on.
 */
export async function consentToDowngrade(
  { id, version }: Pick<InstalledPlugin, 'id' | 'version'>,
  before: string,
  yes: boolean,
  { ask, stderr }: Pick<CliContext, 'ask' | 'stderr'>,
): Promise<void> {
  if (semver.valid(before) === null || !semver.lt(version, before)) return;
  const fact = `"${id}" ${version} is older than ${before}, which is installed`;
  if (!yes && ask === undefined) {
    throw new BulkheadError(ErrorCodes.permissionDenied, fact, {
      where: id,
      remedy: 'Give --yes to go back to it.',
    });
  }
  stderr.line(styled`${fact}.`);
  if (yes || isYes(await ask?.('Go back to it? [y/N] '))) return;
  throw new BulkheadError(ErrorCodes.permissionDenied, `"${id}" ${version} was not installed`, { where: id });
}

/** Whether the answer to a `[y/N]` question is yes. */
export function isYes(answer: string | undefined): boolean {
  return /^\s*y(es)?\s*$/i.test(answer ?? '');
}
