import { ControlClient } from '../../control-client/control-client.js';
import { FollowedStatus } from '../../control-client/followed-status.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { Status } from '../../protocol/status/status.js';
import type { CliContext } from '../cli-context.js';
import { STATUS_INTERVAL_MS } from '../live/broadcast-follower.js';
import { type BroadcastView, viewOf } from '../live/broadcast-view.js';
import type { AddressOptions, JsonOptions } from '../options.js';
import { statusLine, statusReport } from '../status-text.js';
import { StopSignals, whenAborted } from '../stop-signals.js';

/** `bulkhead status`. */
export async function status(
  options: AddressOptions & JsonOptions & { readonly watch?: boolean },
  context: CliContext,
): Promise<number> {
  const { stdout } = context;
  const client = await ControlClient.connect(options.address);
  try {
    if (options.watch) return await watch(client, options, context);
    const current = await client.status();
    if (options.json) stdout.json(current, 2);
    else stdout.line(...statusReport(current));
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

/** Shows the status until a signal ends it, or the core does. */
async function watch(
  client: ControlClient,
  { address, json }: AddressOptions & JsonOptions,
  context: CliContext,
): Promise<number> {
  const signals = new StopSignals(context);
  const view = viewOf(address, context);
  const followed = new FollowedStatus(STATUS_INTERVAL_MS);
  const show = json ? (current: Status) => context.stdout.json(current) : watcherOf(view);
  try {
    if (!json) client.onDidReceiveNotice((notice) => view.showNotice(notice));
    followed.onDidChange(show);
    const closed = new Promise<'closed'>((resolve) => client.onDidClose(() => resolve('closed')));
    await followed.follow(client);
    const end = await Promise.race([closed, whenAborted(signals.requested, 'stopped' as const)]);
    if (end === 'stopped') return ExitCodes.ok;
    throw new BulkheadError(ErrorCodes.rpcClosed, `the core at ${address} was lost`, {
      remedy: `Start it again with: bulkhead core --address ${address}`,
    });
  } finally {
    view.finish();
    followed.dispose();
    signals.dispose();
  }
}

/** The view of a broadcast shows nothing of one that is over. */
function watcherOf(view: BroadcastView): (current: Status) => void {
  let wasIdle = false;
  return (current) => {
    const isIdle = current.state === 'idle';
    if (isIdle && !wasIdle) view.print(statusLine(current));
    wasIdle = isIdle;
    view.showStatus(current);
  };
}
