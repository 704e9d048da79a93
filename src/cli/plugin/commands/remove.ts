import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { CliContext } from '../../cli-context.js';
import type { AddressOptions, JsonOptions } from '../../options.js';
import { styled } from '../../terminal/styled.js';
import { isYes } from '../consent.js';
import { withPlugins } from '../with-plugins.js';

/** `bulkhead plugin remove`: asks on a terminal whether to delete its stored data. */
export async function remove(
  id: string,
  options: AddressOptions & JsonOptions & { readonly purge?: boolean; readonly force?: boolean },
  { stdout, stderr, ask }: CliContext,
): Promise<number> {
  let { purge } = options;
  if (purge === undefined && ask !== undefined) {
    const answer = await ask(`Delete what "${id}" has stored, its secrets too? [y/N] `);
    if (answer === undefined) return ExitCodes.interrupted;
    purge = isYes(answer);
  }
  const changed = await withPlugins(options.address, stderr, (plugins) =>
    plugins.remove({ id, purge: purge === true, force: options.force === true }),
  );
  if (options.json === true) stdout.json(changed);
  else stdout.line(styled`removed ${id} ${changed.plugin.version}`);
  return ExitCodes.ok;
}
