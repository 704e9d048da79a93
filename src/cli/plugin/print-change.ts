import type { ChangedPlugin } from '../../protocol/plugin-management.js';
import type { CliContext } from '../cli-context.js';
import { colorsFor } from '../colors.js';
import type { JsonOptions } from '../options.js';
import { changeReport } from './describe-plugin.js';

/** @param done What has been done, as in "installed". */
export function printChange(
  done: string,
  changed: ChangedPlugin,
  { json }: JsonOptions,
  { stdout, env }: CliContext,
): void {
  if (json === true) stdout.write(`${JSON.stringify(changed)}\n`);
  else stdout.write(`${changeReport(done, changed, colorsFor(stdout, env)).join('\n')}\n`);
}
