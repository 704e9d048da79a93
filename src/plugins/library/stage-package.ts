import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import type { InstalledPlugin } from '../installed-plugin.js';
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
}

/**
 * Downloads a plugin's package, unpacks it into the library's staging folder, and checks it. None of its code runs. If
 * this fails, nothing is left behind.
 *
 * @throws `plugin.invalid` with every error in it.
 */
export async function stagePackage(
  { kind, spec }: PackageSpec,
  library: Pick<PluginLibrary, 'makeStagingFolder'>,
  limits: PackageLimits = PACKAGE_LIMITS,
): Promise<StagedPackage> {
  const staging = library.makeStagingFolder();
  const packed = library.makeStagingFolder();
  const shownAs = kind === 'npm' ? spec : basename(spec);
  try {
    const archive = kind === 'archive' ? spec : await npmPack(spec, packed.path);
    await unpack(archive, staging.path, shownAs, limits);
    return { plugin: checkPackage(staging.path, shownAs), staged: staging.name, spec };
  } catch (error) {
    rmSync(staging.path, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(packed.path, { recursive: true, force: true });
  }
}
