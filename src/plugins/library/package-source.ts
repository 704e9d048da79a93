import { isAbsolute } from 'node:path';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { KeptData } from '../../protocol/plugin-management.js';

/**
 * Identifies the origin of a package: the path of its folder or archive, or its npm name. All versions of a package have the
 * same source; another package with the same plugin id has another one.
 */
export function sourceOf(spec: string): string {
  return isAbsolute(spec) ? spec : spec.replace(/(?<=.)@[^/]*$/, '');
}

/** @throws `plugin.otherSource` if a plugin's stored data would be passed to one from another source without consent. */
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
