import { realpathSync } from 'node:fs';
import * as z from 'zod';
import { readPackageJson } from '../plugins/read-plugin.js';
import { type Inspection, inspectPlugin } from './inspect-plugin.js';
import { archiveName, makeArchive, writeArchive } from './package/archive.js';
import { runPrepack } from './package/run-prepack.js';

export interface PackResult extends Inspection {
  /** Absent when something in the plugin must not ship; `findings` says what. */
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
 * Packs a plugin, after its script `prepack` has built it.
 *
 * @param target Where the archive goes, told the name that npm would give it.
 * @throws `plugin.invalid` when there is no plugin, or its script fails.
 */
export async function packPlugin(
  folder: string,
  target: (name: string) => string,
  { env, scripts }: { readonly env: NodeJS.ProcessEnv; readonly scripts: boolean },
): Promise<PackResult> {
  const packageJson = Scripts.safeParse(readPackageJson(folder)).data;
  if (scripts && packageJson?.scripts?.prepack !== undefined) await runPrepack(folder, env);
  const inspection = await inspectPlugin(folder);
  const { plugin, files, findings } = inspection;
  if (plugin === undefined || findings.some(({ severity }) => severity !== 'warning')) return inspection;
  const archive = await makeArchive(realpathSync(folder), files);
  const file = target(archiveName(packageJson?.name ?? plugin.id, plugin.version));
  writeArchive(file, archive);
  return {
    ...inspection,
    archive: { file, bytes: archive.bytes.length, integrity: archive.integrity },
  };
}
