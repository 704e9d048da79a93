import { onChannel, parsePackageSpec } from '../../../plugins/library/package-spec.js';
import type { StoredData } from '../../../protocol/plugin-management.js';
import type { CliContext } from '../../cli-context.js';
import type { AddressOptions, JsonOptions } from '../../options.js';
import { printStart } from '../describe-plugin.js';
import { installPackage } from '../install-package.js';
import { withPlugins } from '../with-plugins.js';

/** Of `install` and `update`. */
export interface InstallFlags extends AddressOptions, JsonOptions {
  readonly yes?: boolean;
  readonly data?: StoredData;
  readonly channel?: string;
  readonly acceptChangedSource?: boolean;
}

/** `bulkhead plugin install`. */
export async function install(text: string, options: InstallFlags, context: CliContext): Promise<number> {
  const { address, yes, data, channel, acceptChangedSource } = options;
  const given = parsePackageSpec(text, context.cwd);
  const spec = channel === undefined ? given : onChannel(given, channel);
  return withPlugins(address, context.stderr, async (plugins) => {
    let failed = 0;
    const changed = await installPackage(
      spec,
      plugins,
      {
        yes: yes === true,
        data,
        acceptChangedSource,
        onDependency: (dependency) => {
          failed ||= printStart('installed', dependency, options, context);
        },
      },
      context,
    );
    return printStart('installed', changed, options, context) || failed;
  });
}
