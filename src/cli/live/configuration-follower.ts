import type { Disposable } from 'vscode-jsonrpc';
import type { BroadcastConfig } from '../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { CliContext } from '../cli-context.js';
import type { ConfigOptions } from '../options.js';
import { formatError } from '../report-failure.js';
import { red } from '../terminal/styled.js';
import type { BroadcastView } from './broadcast-view.js';
import { ConfigurationWatch } from './configuration-watch.js';

/** The core that is asked has none any more, or is about to be replaced by one that starts with the configuration. */
const TOO_LATE: ReadonlySet<string> = new Set([
  ErrorCodes.broadcastState,
  ErrorCodes.rpcClosed,
  ErrorCodes.rpcTimeout,
]);

/**
 * Has the broadcast follow its configuration file while it is on air. The core tells what became of a change, and this shows why there was none.
 *
 * @param apply has the core apply it
 */
export function followConfiguration(
  file: string | undefined,
  { options, context }: { readonly options: ConfigOptions; readonly context: CliContext },
  view: Pick<BroadcastView, 'print'>,
  apply: (config: BroadcastConfig) => Promise<unknown>,
): Disposable {
  if (file === undefined) return { dispose: () => {} };
  const show = (lines: readonly string[]) => {
    for (const line of lines) view.print(red(line));
  };
  return new ConfigurationWatch({
    ...{ file, options, context, onDidFail: show },
    onDidChange: (config) => {
      apply(config).catch((reason: unknown) => {
        const error = BulkheadError.from(reason);
        if (TOO_LATE.has(error.code)) return;
        show([
          `${file}: ${formatError(error.toData())}`,
          'The broadcast goes on as it is: nothing was changed.',
        ]);
      });
    },
  });
}
