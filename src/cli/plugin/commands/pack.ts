import { statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { formatBytes } from '../../../base/format-bytes.js';
import { ExitCodes } from '../../../protocol/exit-codes.js';
import { describePermission } from '../../../protocol/permissions/permissions.js';
import type { CliContext } from '../../cli-context.js';
import type { JsonOptions } from '../../options.js';
import { bold, styled } from '../../terminal/styled.js';
import { withPluginTools } from '../author-tools.js';
import { countFindings, findingLines } from '../format-finding.js';

export interface PackOptions extends JsonOptions {
  /** The archive's path, or a folder for it. */
  readonly out?: string;
  /** False with `--ignore-scripts`. */
  readonly ignoreScripts?: boolean;
}

/** `bulkhead plugin pack`. */
export async function pack(folder: string, options: PackOptions, context: CliContext): Promise<number> {
  const { stdout, stderr, env, cwd } = context;
  const target = (name: string) => {
    const out = resolve(cwd, options.out ?? folder);
    return statSync(out, { throwIfNoEntry: false })?.isDirectory() === true ? join(out, name) : out;
  };
  const path = resolve(cwd, folder);
  const result = await withPluginTools(path, (tools) =>
    tools.packPlugin(path, target, { env, scripts: options.ignoreScripts !== true }),
  );
  const { plugin, files, findings, archive } = result;
  if (options.json === true) {
    const about = plugin && {
      id: plugin.id,
      version: plugin.version,
      permissions: plugin.permissions,
      optionalPermissions: plugin.optionalPermissions,
    };
    stdout.json({ ok: archive !== undefined, plugin: about, archive, files, findings }, 2);
    return archive === undefined ? ExitCodes.badSettings : ExitCodes.ok;
  }
  if (plugin === undefined || archive === undefined) {
    stderr.line(...findings.flatMap(findingLines), '', `Nothing was packed: ${countFindings(findings)}`);
    return ExitCodes.badSettings;
  }
  stdout.line(...findings.flatMap(findingLines));
  const width = Math.max(...files.map(({ path }) => path.length));
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const lines = [
    styled`${bold(plugin.id)} ${plugin.version}`,
    ...files.map(({ path, bytes }) => styled`  ${path.padEnd(width)}  ${formatBytes(bytes).padStart(8)}`),
    ...(plugin.permissions.length === 0
      ? ['It requests no permissions.']
      : [
          'It requests permission to:',
          ...plugin.permissions.map((name) => styled`  ${describePermission(name)} (${name})`),
        ]),
    styled`Packed ${files.length} files of ${formatBytes(total)} into ${relative(cwd, archive.file)} of ${formatBytes(archive.bytes)}`,
  ];
  stdout.line(...lines);
  return ExitCodes.ok;
}
