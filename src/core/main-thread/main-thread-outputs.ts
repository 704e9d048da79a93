import { isDeepStrictEqual } from 'node:util';
import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import type { Event } from '../../base/event.js';
import * as z from '../../base/zod.js';
import type { OutputManagement } from '../../protocol/outputs.js';
import {
  FollowOutputsRequest,
  type OutputOnAir,
  OutputsChangedNotification,
  PluginListsOutputsRequest,
  type PluginOutput,
  PluginStartsOutputRequest,
  PluginStopsOutputRequest,
} from '../../protocol/plugin-outputs.js';
import type { OutputStatus } from '../../protocol/status/output-status.js';
import { CallRates } from './call-rates.js';
import { FromPluginSchema } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { requirePermission } from './require-permission.js';

export const OutputsView = Symbol('OutputsView');

/** What plugins may see and do of the outputs; implemented by the core's `Outputs`. */
export interface OutputsView extends Pick<OutputManagement, 'start' | 'stop'> {
  /** Empty without a broadcast. */
  statuses(): readonly OutputStatus[];
  /** The state of an output may have changed, or which there are. */
  readonly onDidChange: Event<void>;
}

/** As long as ids in a configuration. */
const Id = FromPluginSchema.extend({ id: z.string().min(1).max(100) });

/** Lets plugins see, start and stop outputs, if permitted. Its pair in the host is `ExtHostOutputs`. */
@injectable()
export class MainThreadOutputs implements MainThreadNamespace {
  constructor(@inject(OutputsView) private readonly outputs: OutputsView) {}

  serve({ channel, plugins }: ServedHost): Disposable {
    const { outputs } = this;
    const rates = new CallRates();
    const require = (plugin: string) => {
      requirePermission(plugins, plugin, 'outputs');
      rates.other(plugin);
    };
    channel.serve(PluginListsOutputsRequest.type, FromPluginSchema, ({ plugin }) => {
      require(plugin);
      return outputs.statuses().map(forPlugins);
    });
    channel.serve(PluginStartsOutputRequest.type, Id, async ({ plugin, id }) => {
      require(plugin);
      await outputs.start({ id });
      return null;
    });
    channel.serve(PluginStopsOutputRequest.type, Id, async ({ plugin, id }) => {
      require(plugin);
      await outputs.stop({ id });
      return null;
    });

    const following = new Set<string>();
    let last = onAir(outputs.statuses());
    channel.serve(FollowOutputsRequest.type, FromPluginSchema, ({ plugin }) => {
      require(plugin);
      following.add(plugin);
      last = onAir(outputs.statuses());
      return last;
    });
    return outputs.onDidChange(() => {
      // The permission may have been revoked.
      const isFollowed = plugins.some(({ id, granted }) => following.has(id) && granted.includes('outputs'));
      if (!isFollowed) return;
      const now = onAir(outputs.statuses());
      if (isDeepStrictEqual(now, last)) return;
      last = now;
      channel.sendNotification(OutputsChangedNotification.type, { outputs: now });
    });
  }
}

function onAir(statuses: readonly OutputStatus[]): OutputOnAir[] {
  return statuses.map(({ id, state, error }) => {
    return { id, state, ...(error === undefined ? {} : { error: error.message }) };
  });
}

function forPlugins({
  url: _,
  sessions: __,
  droppedFrames: ___,
  error,
  ...output
}: OutputStatus): PluginOutput {
  return { ...output, ...(error === undefined ? {} : { error: error.message }) };
}
