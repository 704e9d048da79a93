import { isAbsolute } from 'node:path';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { KeptData } from '../../protocol/plugin-management.js';

/**
 * Where a package comes from: the path of its folder or archive, or its name at npm. Versions of one package have one source;
 * another package may call itself the same, and has another one.
 */
export function sourceOf(spec: string): string {
  return isAbsolute(spec) ? spec : spec.replace(/(?<=.)@[^/]*$/, '');
}

/** @throws `plugin.otherSource` where what a plugin has stored would go to one from another source without consent. */
export function checkSource(id: string, before: KeptData | undefined, spec: string): void {
  if (before === undefined || sourceOf(before.spec) === sourceOf(spec)) return;
  throw new BulkheadError(
    ErrorCodes.pluginOtherSource,
    `"${id}" was installed from ${sourceOf(before.spec)} before; this one is from ${sourceOf(spec)}, and may be someone else's`,
    {
      where: id,
      remedy:
        'Give --data keep to let it have all that the other one has stored, secrets included, or --data fresh to delete that.',
    },
  );
}
