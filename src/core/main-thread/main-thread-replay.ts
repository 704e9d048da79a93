import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import type { Event } from '../../base/event.js';
import { RecordingNameSchema } from '../../config/recording-schema.js';
import { ReplaySecondsSchema } from '../../config/replay-schema.js';
import {
  FollowReplaysRequest,
  PluginAsksReplayRequest,
  type PluginReplayStatus,
  type PluginSavedReplay,
  PluginSavesReplayRequest,
  PluginStartsReplayRequest,
  PluginStopsReplayRequest,
  ReplaySavedNotification,
} from '../../protocol/plugin-replay.js';
import type { ReplayManagement, ReplayStatus, SavedReplay } from '../../protocol/replay.js';
import { CallRates } from './call-rates.js';
import { FromPluginSchema } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { requirePermission } from './require-permission.js';

export const ReplayView = Symbol('ReplayView');

/** What plugins may see and do of replays; implemented by the core's `Replays`. */
export interface ReplayView extends ReplayManagement {
  /** A replay is complete. */
  readonly onDidSave: Event<SavedReplay>;
  status(): ReplayStatus | undefined;
}

const Start = FromPluginSchema.extend({ seconds: ReplaySecondsSchema.optional() });
const Save = Start.extend({ name: RecordingNameSchema.optional() });

/** Lets plugins save replays, if permitted. Its pair in the host is `ExtHostReplay`. */
@injectable()
export class MainThreadReplay implements MainThreadNamespace {
  constructor(@inject(ReplayView) private readonly replays: ReplayView) {}

  serve({ channel, plugins }: ServedHost): Disposable {
    const { replays } = this;
    const rates = new CallRates();
    const require = (plugin: string) => {
      requirePermission(plugins, plugin, 'replay');
      rates.other(plugin);
    };
    channel.serve(PluginAsksReplayRequest.type, FromPluginSchema, ({ plugin }) => {
      require(plugin);
      const status = replays.status();
      return status === undefined ? null : forPlugins(status);
    });
    channel.serve(PluginSavesReplayRequest.type, Save, async ({ plugin, seconds, name }) => {
      require(plugin);
      return savedFor(await replays.saveReplay({ seconds, name }));
    });
    channel.serve(PluginStartsReplayRequest.type, Start, async ({ plugin, seconds }) => {
      require(plugin);
      await replays.startReplay({ seconds });
      return null;
    });
    channel.serve(PluginStopsReplayRequest.type, FromPluginSchema, async ({ plugin }) => {
      require(plugin);
      await replays.stopReplay();
      return null;
    });

    const following = new Set<string>();
    channel.serve(FollowReplaysRequest.type, FromPluginSchema, ({ plugin }) => {
      require(plugin);
      following.add(plugin);
      return null;
    });
    return replays.onDidSave((saved) => {
      // The permission may have been revoked.
      const isFollowed = plugins.some(({ id, granted }) => following.has(id) && granted.includes('replay'));
      if (isFollowed) channel.sendNotification(ReplaySavedNotification.type, savedFor(saved));
    });
  }
}

function forPlugins({ state, seconds, heldMs, saved, file, error }: ReplayStatus): PluginReplayStatus {
  return {
    ...{ state, seconds, heldMs, saved },
    ...(file === undefined ? {} : { file }),
    ...(error === undefined ? {} : { error: error.message }),
  };
}

function savedFor({ path, durationMs, bytes }: SavedReplay): PluginSavedReplay {
  return { path, durationMs, bytes };
}
