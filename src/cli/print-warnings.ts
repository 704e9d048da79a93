import type { ConfigMistake } from '../config/config-error.js';
import type { Printer } from './terminal/printer.js';

export function printWarnings(warnings: readonly ConfigMistake[], stderr: Printer): void {
  for (const { where, message } of warnings) stderr.line(`${where}: warning: ${message}`);
}
