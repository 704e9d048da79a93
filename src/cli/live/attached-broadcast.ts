import type { Disposable } from 'vscode-jsonrpc';
import { defaultAddress } from '../../config/address.js';
import type { BroadcastConfig } from '../../config/schema.js';
import { showOf } from '../../config/show-state.js';
import { ControlClient } from '../../control-client/control-client.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { Status } from '../../protocol/status/status.js';
import type { CliContext } from '../cli-context.js';
import { loadBroadcast } from '../load-broadcast.js';
import type { LiveOptions } from '../options.js';
import { reportOf, showReport } from '../report/report.js';
import { StopSignals, whenAborted } from '../stop-signals.js';
import { reportEnd } from './broadcast-end.js';
import { BroadcastFollower, STATUS_INTERVAL_MS } from './broadcast-follower.js';
import { viewOf } from './broadcast-view.js';
import { followConfiguration } from './configuration-follower.js';

/**
 * `live --mode attach`: goes live on the core at the address, or shows what is already on air there. Its own end does
 * not end the broadcast.
 */
export async function runAttached(
  configFile: string | undefined,
  options: LiveOptions,
  context: CliContext,
): Promise<number> {
  const { address } = options;
  const config = await loadBroadcast(configFile, options, context);
  const signals = new StopSignals(context);
  const view = viewOf(options.address, context);
  let client: ControlClient | undefined;
  let follower: BroadcastFollower | undefined;
  let following: Disposable | undefined;
  const followToItsEnd = async () => {
    const core = await ControlClient.connect(address);
    client = core;
    follower = new BroadcastFollower(client, view);
    const started = startOrJoin(client, config, showOf(configFile, context.cwd));
    following = followConfiguration(configFile, { options, context }, view, async (edited) => {
      if (!(await started).joined) await core.reconfigureBroadcast(edited);
    });
    const { status, joined } = await started;
    if (joined) {
      following.dispose();
      const { input, output, plugins, once } = options;
      const unused = [configFile, input, output, plugins, once].some((given) => given !== undefined);
      view.print(
        `A broadcast is already running there${unused ? '; the settings given here were ignored' : ''}.`,
      );
    }
    follower.follow(status);
    return follower.ended;
  };
  try {
    const end = await Promise.race([followToItsEnd(), whenAborted(signals.requested, 'detached' as const)]);
    if (end === 'detached') {
      view.finish();
      const where = address === defaultAddress(context.env) ? '' : ` --address ${address}`;
      view.print(`Detached; the broadcast goes on. To end it: bulkhead stop${where}`);
      return ExitCodes.ok;
    }
    if (end.kind === 'ended') {
      const kept = client === undefined ? undefined : await reportOf(client);
      const exitCode = reportEnd(end, view, context);
      await showReport(kept, view, options.report);
      return exitCode;
    }
    throw new BulkheadError(
      ErrorCodes.rpcClosed,
      `the core at ${address} was lost, and the broadcast with it`,
      {
        remedy: `Start it again with: bulkhead core --address ${address}`,
      },
    );
  } finally {
    view.finish();
    following?.dispose();
    follower?.dispose();
    client?.dispose();
    signals.dispose();
  }
}

async function startOrJoin(
  client: ControlClient,
  config: BroadcastConfig,
  show: string,
): Promise<{ readonly status: Status; readonly joined: boolean }> {
  const before = await client.subscribe(STATUS_INTERVAL_MS);
  if (before.state !== 'idle') return { status: before, joined: true };
  try {
    return { status: await client.startBroadcast(config, show), joined: false };
  } catch (error) {
    // Another client was first.
    const running = error instanceof BulkheadError && error.code === ErrorCodes.broadcastState;
    if (!running) throw error;
    return { status: await client.status(), joined: true };
  }
}
