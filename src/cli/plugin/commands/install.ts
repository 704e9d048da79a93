import { parsePackageSpec } from '../../../plugins/library/package-spec.js';
import type { StoredData } from '../../../protocol/plugin-management.js';
import type { CliContext } from '../../cli-context.js';
import type { AddressOptions, JsonOptions } from '../../options.js';
import { printStart } from '../describe-plugin.js';
import { installPackage } from '../install-package.js';
import { withPlugins } from '../with-plugins.js';

/** `bulkhead plugin install`. */
export async function install(
  text: string,
  options: AddressOptions & JsonOptions & { readonly yes?: boolean; readonly data?: StoredData },
  context: CliContext,
): Promise<number> {
  const spec = parsePackageSpec(text, context.cwd);
  return withPlugins(options.address, context.stderr, async (plugins) => {
    const changed = await installPackage(
      spec,
      plugins,
      { yes: options.yes === true, update: false, data: options.data },
      context,
    );
    return printStart('installed', changed, options, context);
  });
}
