import type { ConfigMistake } from '../config/config-error.js';
import type { TextSink } from './cli-context.js';

export function printWarnings(warnings: readonly ConfigMistake[], stderr: TextSink): void {
  for (const { where, message } of warnings) stderr.write(`${where}: warning: ${message}\n`);
}
