import { checkValue } from '../../base/check-value.js';
import * as z from '../../base/zod.js';
import { boundedList, firstMistake } from '../../protocol/bounded.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { EXPORT_LIMITS, type PluginExports } from '../../protocol/plugin-exports.js';

const { functions, depth, nameLength, characters } = EXPORT_LIMITS;

/** The names that lead to a function. */
export const ExportPath = boundedList(z.string().max(nameLength), depth);

const Activation = z.object({
  exports: z
    .object({
      value: z
        .unknown()
        .refine((value) => (JSON.stringify(value) ?? '').length <= characters, {
          error: `expected at most ${characters} characters of JSON`,
        })
        .optional(),
      functions: boundedList(ExportPath, functions),
    })
    .optional(),
});

/**
 * What a plugin exports, from its host's answer.
 *
 * @throws `plugin.failed` if a host says what it may not
 */
export function exportsIn(answer: unknown, plugin: string): PluginExports | undefined {
  const result = checkValue(Activation, answer);
  if (result.success) return result.data.exports;
  const message = `the plugin "${plugin}" failed: activate: ${firstMistake(result.error)}`;
  throw new BulkheadError(ErrorCodes.pluginFailed, message, { where: plugin });
}
