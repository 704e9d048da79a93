import { realpathSync } from 'node:fs';
import { checkValue } from '../base/check-value.js';
import { formatBytes } from '../base/format-bytes.js';
import * as z from '../base/zod.js';
import { PACKAGE_LIMITS } from '../plugins/library/unpack.js';
import { readPackageJson } from '../plugins/read-package-json.js';
import type { Finding } from './finding.js';
import { type Inspection, inspectPlugin } from './inspect-plugin.js';
import { archiveName, makeArchive, writeArchive } from './package/archive.js';
import { runPrepack } from './package/run-prepack.js';

export interface PackOptions {
  /** The environment of the `prepack` script. */
  readonly env: NodeJS.ProcessEnv;
  /** Whether to run that script. */
  readonly scripts: boolean;
}

export interface PackResult extends Inspection {
  /** Absent if the plugin contains something that must not be published; see `findings`. */
  readonly archive?: {
    /** Absolute path. */
    readonly file: string;
    readonly bytes: number;
    /** As in a package-lock.json: `sha512-…`. */
    readonly integrity: string;
  };
}

const Scripts = z.object({
  name: z.string().catch('plugin'),
  scripts: z.object({ prepack: z.string().optional() }).optional().catch(undefined),
});

/**
 * Packs a plugin, after building it with its `prepack` script.
 *
 * @param target Returns the archive's path, given npm's name for it.
 * @throws `plugin.invalid` if there is no plugin, or its script fails.
 */
export async function packPlugin(
  folder: string,
  target: (name: string) => string,
  { env, scripts }: PackOptions,
): Promise<PackResult> {
  const packageJson = checkValue(Scripts, readPackageJson(folder)).data;
  if (scripts && packageJson?.scripts?.prepack !== undefined) await runPrepack(folder, env);
  const inspection = await inspectPlugin(folder);
  const { plugin, files, findings } = inspection;
  if (plugin === undefined || findings.some(({ severity }) => severity !== 'warning')) return inspection;
  const archive = await makeArchive(realpathSync(folder), files);
  const excess = tooLarge(archive.bytes.length);
  if (excess !== undefined) return { ...inspection, findings: [excess, ...findings] };
  const file = target(archiveName(packageJson?.name ?? plugin.id, plugin.version));
  writeArchive(file, archive);
  return {
    ...inspection,
    archive: { file, bytes: archive.bytes.length, integrity: archive.integrity },
  };
}

function tooLarge(bytes: number): Finding | undefined {
  const { archiveBytes } = PACKAGE_LIMITS;
  if (bytes <= archiveBytes) return undefined;
  const message = `the archive is larger than one of a plugin may be: ${formatBytes(bytes)} of ${formatBytes(archiveBytes)}`;
  return { severity: 'error', rule: 'files', file: '.', message };
}
