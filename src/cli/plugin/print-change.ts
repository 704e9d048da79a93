import type { ChangedPlugin } from '../../protocol/plugin-management.js';
import type { CliContext } from '../cli-context.js';
import type { JsonOptions } from '../options.js';
import { changeReport } from './describe-plugin.js';

/** @param done What has been done, as in "installed". */
export function printChange(
  done: string,
  changed: ChangedPlugin,
  { json }: JsonOptions,
  { stdout }: CliContext,
): void {
  if (json === true) stdout.json(changed);
  else stdout.line(...changeReport(done, changed));
}
