import { createHash } from 'node:crypto';
import { createReadStream, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PackageOrigin } from '../../protocol/plugin-management.js';
import type { InstalledPlugin } from '../installed-plugin.js';
import { openRegistry } from '../npm/registry-client.js';
import { type ResolvedPackage, resolvePackage } from '../npm/resolve-package.js';
import { pluginInvalid } from '../plugin-error.js';
import { checkPackage } from './check-package.js';
import { npmPack } from './npm-pack.js';
import type { PackageSpec } from './package-spec.js';
import type { PluginLibrary } from './plugin-library.js';
import { PACKAGE_LIMITS, type PackageLimits, unpack } from './unpack.js';

/** A package that has been unpacked and is valid. */
export interface StagedPackage {
  readonly plugin: InstalledPlugin;
  /** Name of its folder in the library's staging folder. */
  readonly staged: string;
  readonly spec: string;
  /** Of a package of npm. */
  readonly origin?: PackageOrigin | undefined;
}

/**
 * Downloads a plugin's package, unpacks it into the library's staging folder, and checks it. None of its code runs. If
 * this fails, nothing is left behind.
 *
 * @param resolved The version of a package of npm, if it has been found already.
 * @throws `plugin.invalid` with every error in it; `registry.failed`.
 */
export async function stagePackage(
  { kind, spec }: PackageSpec,
  library: Pick<PluginLibrary, 'makeStagingFolder'>,
  limits: PackageLimits = PACKAGE_LIMITS,
  resolved?: ResolvedPackage,
): Promise<StagedPackage> {
  if (kind === 'npm') {
    const found = resolved ?? (await resolvePackage(spec, await openRegistry()));
    return { ...(await stage(kind, spec, library, limits, found)), origin: found.origin };
  }
  return stage(kind, spec, library, limits);
}

async function stage(
  kind: PackageSpec['kind'],
  spec: string,
  library: Pick<PluginLibrary, 'makeStagingFolder'>,
  limits: PackageLimits,
  resolved?: ResolvedPackage,
): Promise<StagedPackage> {
  const staging = library.makeStagingFolder();
  const packed = library.makeStagingFolder();
  const shownAs = kind === 'npm' ? spec : basename(spec);
  try {
    const target = resolved === undefined ? spec : `${resolved.origin.package}@${resolved.version.version}`;
    const archive = kind === 'archive' ? spec : await npmPack(target, packed.path);
    if (resolved !== undefined) await checkIntegrity(archive, resolved.origin.integrity, target);
    await unpack(archive, staging.path, shownAs, limits);
    const plugin = checkPackage(staging.path, shownAs);
    if (resolved !== undefined && plugin.version !== resolved.version.version) {
      throw pluginInvalid(target, `its package.json says that it is version ${plugin.version}`);
    }
    return { plugin, staged: staging.name, spec };
  } catch (error) {
    rmSync(staging.path, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(packed.path, { recursive: true, force: true });
  }
}

/** npm has compared it, too, with what the registry has told it: which may be something else. */
async function checkIntegrity(archive: string, integrity: string, target: string): Promise<void> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(archive), hash);
  if (`sha512-${hash.digest('base64')}` === integrity) return;
  throw pluginInvalid(
    target,
    'what was downloaded is not what the registry has described: its sha512 digest differs',
    'Do not install it; try again later.',
  );
}
